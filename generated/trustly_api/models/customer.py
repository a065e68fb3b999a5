# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..redaction import redacted
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.custom_data import CustomData
    from ..models.driver_license import DriverLicense


T = TypeVar("T", bound="Customer")


@_attrs_define
class Customer:
    """A customer as the provider returns it. Properties that are not listed are allowed and kept. A property that has no
    value is left out, never `null`.

        Attributes:
            customer_id (str): The provider's identifier of the customer.
            created_at (int): When the provider created the customer, in milliseconds since the UNIX epoch.
            updated_at (int): When the customer was last updated, in milliseconds since the UNIX epoch.
            name (str): The customer's full name.
            address (Address): The customer's mailing or billing address.
            phone (str): The customer's phone number.
            email (str): The customer's e-mail address.
            tax_id (str | Unset): The customer's tax identifier, such as an SSN in the US or a SIN in Canada.
            date_of_birth (str | Unset): The customer's date of birth; the provider names no format.
            external_id (str | Unset): The merchant's own identifier of the customer, unique for the merchant.
            merchant_id (str | Unset): The provider's identifier of the merchant.
            enroll_date (int | Unset): When the customer first paid in the merchant's system, by whatever method, in
                milliseconds since the UNIX epoch.
            vip (str | Unset): The customer's VIP tier with the merchant, a whole number from 1 upwards as text.
            currency (str | Unset): The customer's currency.
            balance (str | Unset): The balance of the customer's account with the merchant; not that of a bank account.
            organization_number (str | Unset): The registration number of an organization, for business accounts.
            external_tier (str | Unset): The customer's rank in the merchant's own words, such as "Gold" or "4 stars".
            person_id (str | Unset): Identifies the same person across banks.
            custom_data (CustomData | Unset): Data of the merchant's own, in whatever form the merchant likes.
            driver_license (DriverLicense | Unset): A driver license of a state.
            national_id (str | Unset): The customer's national identifier.
    """

    customer_id: str
    created_at: int
    updated_at: int
    name: str = _attrs_field(repr=redacted)
    address: Address = _attrs_field(repr=redacted)
    phone: str = _attrs_field(repr=redacted)
    email: str = _attrs_field(repr=redacted)
    tax_id: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    date_of_birth: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    external_id: str | Unset = UNSET
    merchant_id: str | Unset = UNSET
    enroll_date: int | Unset = UNSET
    vip: str | Unset = UNSET
    currency: str | Unset = UNSET
    balance: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    organization_number: str | Unset = UNSET
    external_tier: str | Unset = UNSET
    person_id: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    custom_data: CustomData | Unset = _attrs_field(default=UNSET, repr=redacted)
    driver_license: DriverLicense | Unset = _attrs_field(default=UNSET, repr=redacted)
    national_id: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=redacted)

    def to_dict(self) -> dict[str, Any]:
        customer_id = self.customer_id

        created_at = self.created_at

        updated_at = self.updated_at

        name = self.name

        address = self.address.to_dict()

        phone = self.phone

        email = self.email

        tax_id = self.tax_id

        date_of_birth = self.date_of_birth

        external_id = self.external_id

        merchant_id = self.merchant_id

        enroll_date = self.enroll_date

        vip = self.vip

        currency = self.currency

        balance = self.balance

        organization_number = self.organization_number

        external_tier = self.external_tier

        person_id = self.person_id

        custom_data: dict[str, Any] | Unset = UNSET
        if not isinstance(self.custom_data, Unset):
            custom_data = self.custom_data.to_dict()

        driver_license: dict[str, Any] | Unset = UNSET
        if not isinstance(self.driver_license, Unset):
            driver_license = self.driver_license.to_dict()

        national_id = self.national_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "customerId": customer_id,
                "createdAt": created_at,
                "updatedAt": updated_at,
                "name": name,
                "address": address,
                "phone": phone,
                "email": email,
            }
        )
        if tax_id is not UNSET:
            field_dict["taxId"] = tax_id
        if date_of_birth is not UNSET:
            field_dict["dateOfBirth"] = date_of_birth
        if external_id is not UNSET:
            field_dict["externalId"] = external_id
        if merchant_id is not UNSET:
            field_dict["merchantId"] = merchant_id
        if enroll_date is not UNSET:
            field_dict["enrollDate"] = enroll_date
        if vip is not UNSET:
            field_dict["vip"] = vip
        if currency is not UNSET:
            field_dict["currency"] = currency
        if balance is not UNSET:
            field_dict["balance"] = balance
        if organization_number is not UNSET:
            field_dict["organizationNumber"] = organization_number
        if external_tier is not UNSET:
            field_dict["externalTier"] = external_tier
        if person_id is not UNSET:
            field_dict["personId"] = person_id
        if custom_data is not UNSET:
            field_dict["customData"] = custom_data
        if driver_license is not UNSET:
            field_dict["driverLicense"] = driver_license
        if national_id is not UNSET:
            field_dict["nationalId"] = national_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.custom_data import CustomData  # noqa: PLC0415
        from ..models.driver_license import DriverLicense  # noqa: PLC0415

        d = dict(src_dict)
        customer_id = d.pop("customerId")

        created_at = d.pop("createdAt")

        updated_at = d.pop("updatedAt")

        name = d.pop("name")

        address = Address.from_dict(d.pop("address"))

        phone = d.pop("phone")

        email = d.pop("email")

        tax_id = d.pop("taxId", UNSET)

        date_of_birth = d.pop("dateOfBirth", UNSET)

        external_id = d.pop("externalId", UNSET)

        merchant_id = d.pop("merchantId", UNSET)

        enroll_date = d.pop("enrollDate", UNSET)

        vip = d.pop("vip", UNSET)

        currency = d.pop("currency", UNSET)

        balance = d.pop("balance", UNSET)

        organization_number = d.pop("organizationNumber", UNSET)

        external_tier = d.pop("externalTier", UNSET)

        person_id = d.pop("personId", UNSET)

        _custom_data = d.pop("customData", UNSET)
        custom_data: CustomData | Unset
        if isinstance(_custom_data, Unset):
            custom_data = UNSET
        else:
            custom_data = CustomData.from_dict(_custom_data)

        _driver_license = d.pop("driverLicense", UNSET)
        driver_license: DriverLicense | Unset
        if isinstance(_driver_license, Unset):
            driver_license = UNSET
        else:
            driver_license = DriverLicense.from_dict(_driver_license)

        national_id = d.pop("nationalId", UNSET)

        customer = cls(
            customer_id=customer_id,
            created_at=created_at,
            updated_at=updated_at,
            name=name,
            address=address,
            phone=phone,
            email=email,
            tax_id=tax_id,
            date_of_birth=date_of_birth,
            external_id=external_id,
            merchant_id=merchant_id,
            enroll_date=enroll_date,
            vip=vip,
            currency=currency,
            balance=balance,
            organization_number=organization_number,
            external_tier=external_tier,
            person_id=person_id,
            custom_data=custom_data,
            driver_license=driver_license,
            national_id=national_id,
        )

        customer.additional_properties = d
        return customer

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
