# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..redaction import redacted
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.custom_data import CustomData
    from ..models.driver_license import DriverLicense


T = TypeVar("T", bound="CustomerUpdate")


@_attrs_define
class CustomerUpdate:
    """The properties of a customer that a merchant sets. Properties that are not listed are allowed and passed on.

    Attributes:
        name (str): The customer's full name.
        address (Address): The customer's mailing or billing address.
        phone (str): The customer's phone number.
        email (str): The customer's e-mail address.
        tax_id (None | str | Unset): The customer's tax identifier, such as an SSN in the US or a SIN in Canada. Some
            industries and places require it.
        date_of_birth (None | str | Unset): The customer's date of birth; the provider names no format.
        external_id (None | str | Unset): The merchant's own identifier of the customer, unique for the merchant.
        merchant_id (None | str | Unset): The provider's identifier of the merchant.
        enroll_date (int | None | Unset): When the customer first paid in the merchant's system, by whatever method, in
            milliseconds since the UNIX epoch.
        vip (None | str | Unset): The customer's VIP tier with the merchant, a measure of low risk. Tiers are whole
            numbers from 1 upwards, sent as text.
        currency (None | str | Unset): The customer's currency.
        balance (None | str | Unset): The balance of the customer's account with the merchant; not that of a bank
            account.
        organization_number (None | str | Unset): The registration number of an organization, for business accounts.
        external_tier (None | str | Unset): The customer's rank in the merchant's own words, such as "Gold" or "4
            stars".
        person_id (None | str | Unset): Identifies the same person across banks.
        custom_data (CustomData | None | Unset): Data of the merchant's own, in whatever form the merchant likes.
        driver_license (DriverLicense | None | Unset): The customer's driver license.
        national_id (None | str | Unset): The customer's national identifier.
    """

    name: str = _attrs_field(repr=redacted)
    address: Address = _attrs_field(repr=redacted)
    phone: str = _attrs_field(repr=redacted)
    email: str = _attrs_field(repr=redacted)
    tax_id: None | str | Unset = _attrs_field(default=UNSET, repr=redacted)
    date_of_birth: None | str | Unset = _attrs_field(default=UNSET, repr=redacted)
    external_id: None | str | Unset = UNSET
    merchant_id: None | str | Unset = UNSET
    enroll_date: int | None | Unset = UNSET
    vip: None | str | Unset = UNSET
    currency: None | str | Unset = UNSET
    balance: None | str | Unset = _attrs_field(default=UNSET, repr=redacted)
    organization_number: None | str | Unset = UNSET
    external_tier: None | str | Unset = UNSET
    person_id: None | str | Unset = _attrs_field(default=UNSET, repr=redacted)
    custom_data: CustomData | None | Unset = _attrs_field(default=UNSET, repr=redacted)
    driver_license: DriverLicense | None | Unset = _attrs_field(default=UNSET, repr=redacted)
    national_id: None | str | Unset = _attrs_field(default=UNSET, repr=redacted)
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=redacted)

    def to_dict(self) -> dict[str, Any]:
        from ..models.custom_data import CustomData  # noqa: PLC0415
        from ..models.driver_license import DriverLicense  # noqa: PLC0415

        name = self.name

        address = self.address.to_dict()

        phone = self.phone

        email = self.email

        tax_id: None | str | Unset
        if isinstance(self.tax_id, Unset):
            tax_id = UNSET
        else:
            tax_id = self.tax_id

        date_of_birth: None | str | Unset
        if isinstance(self.date_of_birth, Unset):
            date_of_birth = UNSET
        else:
            date_of_birth = self.date_of_birth

        external_id: None | str | Unset
        if isinstance(self.external_id, Unset):
            external_id = UNSET
        else:
            external_id = self.external_id

        merchant_id: None | str | Unset
        if isinstance(self.merchant_id, Unset):
            merchant_id = UNSET
        else:
            merchant_id = self.merchant_id

        enroll_date: int | None | Unset
        if isinstance(self.enroll_date, Unset):
            enroll_date = UNSET
        else:
            enroll_date = self.enroll_date

        vip: None | str | Unset
        if isinstance(self.vip, Unset):
            vip = UNSET
        else:
            vip = self.vip

        currency: None | str | Unset
        if isinstance(self.currency, Unset):
            currency = UNSET
        else:
            currency = self.currency

        balance: None | str | Unset
        if isinstance(self.balance, Unset):
            balance = UNSET
        else:
            balance = self.balance

        organization_number: None | str | Unset
        if isinstance(self.organization_number, Unset):
            organization_number = UNSET
        else:
            organization_number = self.organization_number

        external_tier: None | str | Unset
        if isinstance(self.external_tier, Unset):
            external_tier = UNSET
        else:
            external_tier = self.external_tier

        person_id: None | str | Unset
        if isinstance(self.person_id, Unset):
            person_id = UNSET
        else:
            person_id = self.person_id

        custom_data: dict[str, Any] | None | Unset
        if isinstance(self.custom_data, Unset):
            custom_data = UNSET
        elif isinstance(self.custom_data, CustomData):
            custom_data = self.custom_data.to_dict()
        else:
            custom_data = self.custom_data

        driver_license: dict[str, Any] | None | Unset
        if isinstance(self.driver_license, Unset):
            driver_license = UNSET
        elif isinstance(self.driver_license, DriverLicense):
            driver_license = self.driver_license.to_dict()
        else:
            driver_license = self.driver_license

        national_id: None | str | Unset
        if isinstance(self.national_id, Unset):
            national_id = UNSET
        else:
            national_id = self.national_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
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
        name = d.pop("name")

        address = Address.from_dict(d.pop("address"))

        phone = d.pop("phone")

        email = d.pop("email")

        def _parse_tax_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tax_id = _parse_tax_id(d.pop("taxId", UNSET))

        def _parse_date_of_birth(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        date_of_birth = _parse_date_of_birth(d.pop("dateOfBirth", UNSET))

        def _parse_external_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        external_id = _parse_external_id(d.pop("externalId", UNSET))

        def _parse_merchant_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        merchant_id = _parse_merchant_id(d.pop("merchantId", UNSET))

        def _parse_enroll_date(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        enroll_date = _parse_enroll_date(d.pop("enrollDate", UNSET))

        def _parse_vip(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        vip = _parse_vip(d.pop("vip", UNSET))

        def _parse_currency(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        currency = _parse_currency(d.pop("currency", UNSET))

        def _parse_balance(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        balance = _parse_balance(d.pop("balance", UNSET))

        def _parse_organization_number(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        organization_number = _parse_organization_number(d.pop("organizationNumber", UNSET))

        def _parse_external_tier(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        external_tier = _parse_external_tier(d.pop("externalTier", UNSET))

        def _parse_person_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        person_id = _parse_person_id(d.pop("personId", UNSET))

        def _parse_custom_data(data: object) -> CustomData | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                custom_data_type_0 = CustomData.from_dict(data)

                return custom_data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CustomData | None | Unset, data)

        custom_data = _parse_custom_data(d.pop("customData", UNSET))

        def _parse_driver_license(data: object) -> DriverLicense | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                driver_license_type_0 = DriverLicense.from_dict(data)

                return driver_license_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DriverLicense | None | Unset, data)

        driver_license = _parse_driver_license(d.pop("driverLicense", UNSET))

        def _parse_national_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        national_id = _parse_national_id(d.pop("nationalId", UNSET))

        customer_update = cls(
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

        customer_update.additional_properties = d
        return customer_update

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
