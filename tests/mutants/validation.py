"""Servers that take what the specification forbids, or refuse what it allows."""

from __future__ import annotations

from ._mutant import REQUIRED, Mutant
from ._ways import edited

_ENUM_US = ["US", "CA"]


def _field(name: str, defect: str, field: str, **keywords: object) -> Mutant:
    return edited(name, defect, "CustomerUpdate", "properties", field, **keywords)


def _member(name: str, defect: str, schema: str, member: str, **keywords: object) -> Mutant:
    return edited(name, defect, schema, "properties", member, **keywords)


def _requiring(name: str, defect: str, schema: str, *required: str) -> Mutant:
    return edited(name, defect, schema, required=list(required))


MUTANTS = [
    *(
        _requiring(
            f"{name}-optional",
            f"An update without {name} is accepted.",
            "CustomerUpdate",
            *(other for other in REQUIRED if other != name),
        )
        for name in ("name", "email")
    ),
    *(
        _field(f"{name}-empty", f"An empty {name} is accepted.", name, minLength=None)
        for name in ("name", "email", "externalId")
    ),
    _field("name-null", "A name of null is accepted, and removes it.", "name", type=["string", "null"]),
    _field("phone-number", "A number is accepted as a phone.", "phone", type=["string", "integer"]),
    _field("vip-number", "A number is accepted as a VIP tier.", "vip", type=["string", "integer", "null"]),
    _field("enroll-date-negative", "A negative enrollDate is accepted.", "enrollDate", minimum=None),
    _field("enroll-date-huge", "An enrollDate beyond 64 bits is accepted.", "enrollDate", maximum=None),
    _field("enroll-date-no-zero", "An enrollDate of 0 is refused.", "enrollDate", minimum=1),
    _field("enroll-date-53-bits", "An enrollDate beyond 53 bits is refused.", "enrollDate", maximum=2**53),
    _field("enroll-date-fraction", "A fraction is accepted as an enrollDate.", "enrollDate", type=["number", "null"]),
    _field("vip-not-null", "A VIP tier of null is refused.", "vip", type="string"),
    _field("vip-first", "The first VIP tier is refused.", "vip", **{"not": {"const": "1"}}),
    _field("vip-digits", "A VIP tier of anything but digits is refused.", "vip", pattern="^[1-9][0-9]*$"),
    _field(
        "date-of-birth-date",
        "A dateOfBirth that is no ISO date is refused.",
        "dateOfBirth",
        pattern=r"^\d{4}-\d\d-\d\d$",
    ),
    _field("email-at", "An e-mail address without @ is refused.", "email", pattern="@"),
    _field("phone-not-empty", "An empty phone is refused.", "phone", minLength=1),
    _field("name-hundred", "A name of more than 100 characters is refused.", "name", maxLength=100),
    _requiring("country-optional", "An address without a country is accepted.", "Address"),
    _requiring("city-required", "An address without a city is refused.", "Address", "country", "city"),
    _member("country-any", "Any text is accepted as a country.", "Address", "country", pattern=None),
    _member("country-small", "A country in small letters is accepted.", "Address", "country", pattern="^[A-Za-z]{2}$"),
    _member(
        "country-longer", "A country code with more behind it is accepted.", "Address", "country", pattern="^[A-Z]{2}"
    ),
    _member("city-null", "A city of null is accepted.", "Address", "city", type=["string", "null"]),
    edited(
        "address-closed",
        "An address with a property of the merchant's own is refused.",
        "Address",
        additionalProperties=False,
    ),
    edited(
        "update-closed",
        "An update with properties that the schema does not name is refused.",
        "CustomerUpdate",
        additionalProperties=False,
    ),
    _requiring("license-without-state", "A driver license without its state is accepted.", "DriverLicense", "number"),
    _member(
        "license-state-any", "Any text is accepted as a driver license's state.", "DriverLicense", "state", pattern=None
    ),
    edited("license-text", "Text is accepted as a driver license.", "DriverLicense", type=["object", "string"]),
    edited("custom-data-list", "A list is accepted as customData.", "CustomData", type=["object", "array"]),
]
