# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
"""The keywords of methods that change some properties: those of each request body, none of them required."""

from __future__ import annotations

from typing import Final, TypedDict

from .models.address import Address
from .models.custom_data import CustomData
from .models.driver_license import DriverLicense


class CustomerUpdateChanges(TypedDict, total=False):
    """Some properties of `CustomerUpdate`; None removes one where its type allows it."""

    name: str

    address: Address

    phone: str

    email: str

    tax_id: None | str

    date_of_birth: None | str

    external_id: None | str

    merchant_id: None | str

    enroll_date: int | None

    vip: None | str

    currency: None | str

    balance: None | str

    organization_number: None | str

    external_tier: None | str

    person_id: None | str

    custom_data: CustomData | None

    driver_license: DriverLicense | None

    national_id: None | str


JSON_NAMES: Final[dict[str, dict[str, str]]] = {
    "CustomerUpdate": {
        "name": "name",
        "address": "address",
        "phone": "phone",
        "email": "email",
        "tax_id": "taxId",
        "date_of_birth": "dateOfBirth",
        "external_id": "externalId",
        "merchant_id": "merchantId",
        "enroll_date": "enrollDate",
        "vip": "vip",
        "currency": "currency",
        "balance": "balance",
        "organization_number": "organizationNumber",
        "external_tier": "externalTier",
        "person_id": "personId",
        "custom_data": "customData",
        "driver_license": "driverLicense",
        "national_id": "nationalId",
    },
}
"""By request body: the names of its properties in JSON, by their names in Python."""
