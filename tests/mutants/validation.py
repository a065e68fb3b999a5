"""Servers that take what the specification forbids, or refuse what it allows."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ._mutant import REQUIRED, Answer, Around, Call, Document, Json, Mutant, Server, properties
from ._ways import around, edited, failing, member, receiving

_ENUM_US = ["US", "CA"]


def _field(name: str, defect: str, field: str, **keywords: object) -> Mutant:
    return edited(name, defect, "CustomerUpdate", "properties", field, **keywords)


def _member(name: str, defect: str, schema: str, member: str, **keywords: object) -> Mutant:
    return edited(name, defect, schema, "properties", member, **keywords)


def _requiring(name: str, defect: str, schema: str, *required: str) -> Mutant:
    return edited(name, defect, schema, required=list(required))


def _refused_if(name: str, defect: str, refuses: Callable[[Document], bool]) -> Mutant:
    """A server that refuses some updates that are valid."""
    return receiving(name, defect, lambda call: call.setting({}) if refuses(call.changes) else call)


def _taken_as(name: str, defect: str, change: Callable[[Any], Any]) -> Mutant:
    """A server that takes some bodies for other ones; None leaves a body as it is."""

    def changed(call: Call) -> Call:
        sent = call.json if call.is_update else None
        taken = change(sent)
        # What it would take as it is, it is not to write anew: that could mend it.
        return call if taken is None or taken == sent else call.setting(taken)

    return receiving(name, defect, changed)


def _milliseconds(text: str) -> str | int:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return int(at.replace(tzinfo=at.tzinfo or dt.UTC).timestamp() * 1000)


def _object_of(text: Json) -> Document | None:
    """The object whose JSON a text is; None where it is none."""
    with suppress(ValueError, RecursionError):
        found = json.loads(text) if isinstance(text, str) else None
        return found if isinstance(found, dict) else None
    return None


def _in_an_object(change: Callable[[Document], Document]) -> Callable[[Json], Document | None]:
    return lambda value: change(value) if isinstance(value, dict) else None


def _as_usual(changes: Document) -> Document:
    usual = {name.lower(): name for name in properties("CustomerUpdate")}
    return {usual.get(name.lower(), name): value for name, value in changes.items()}


def _holds_no_us_zip(changes: Document) -> bool:
    address = changes.get("address")
    if not isinstance(address, dict) or address.get("country") != "US" or not isinstance(address.get("zip"), str):
        return False
    return re.fullmatch(r"\d{5}(-\d{4})?", address["zip"]) is None


async def _crashing_on_nulls(call: Call, server: Server) -> Answer:
    removed = sum(value is None for value in call.changes.values())
    return await (failing(500)(call, server) if removed > 1 else server(call))


def _holds_no_canadian_zip(changes: Document) -> bool:
    address = changes.get("address")
    if not isinstance(address, dict) or address.get("country") != "CA" or not isinstance(address.get("zip"), str):
        return False
    return re.fullmatch(r"[A-Z]\d[A-Z] ?\d[A-Z]\d", address["zip"]) is None


def _failing_on(status: int, pattern: bytes) -> Around:
    async def act(call: Call, server: Server) -> Answer:
        fails = call.is_update and re.search(pattern, call.body, re.IGNORECASE) is not None
        return await (failing(status)(call, server) if fails else server(call))

    return act


def _own_members(changes: Document) -> list[Json]:
    address = changes.get("address")
    members = address.items() if isinstance(address, dict) else ()
    return [value for name, value in members if name not in properties("Address")]


def _is_born_later(changes: Document) -> bool:
    try:
        return dt.date.fromisoformat(changes.get("dateOfBirth", "")) > dt.datetime.now(tz=dt.UTC).date()
    except (TypeError, ValueError):
        return False


def _is_of(country: str) -> Callable[[Document], bool]:
    def refuses(changes: Document) -> bool:
        address = changes.get("address")
        return isinstance(address, dict) and address.get("country") == country

    return refuses


async def _crashing_on_inherited(call: Call, server: Server) -> Answer:
    """Look up what to do with a property in an object that has more members than its own, as those of JavaScript."""
    fails = not call.changes.keys().isdisjoint({"constructor", "toString", "valueOf", "hasOwnProperty"})
    return await (failing(500)(call, server) if fails else server(call))


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
    edited(
        "license-closed",
        "A driver license with a property that the schema does not name is refused.",
        "DriverLicense",
        additionalProperties=False,
    ),
    _taken_as(
        "enroll-date-iso",
        "An enrollDate by ISO 8601 is accepted.",
        _in_an_object(member("enrollDate", _milliseconds, of=str)),
    ),
    _taken_as(
        "custom-data-json-text",
        "A text that holds a JSON object is accepted as customData.",
        _in_an_object(
            member("customData", lambda text: text if (found := _object_of(text)) is None else found, of=str)
        ),
    ),
    _taken_as("update-json-text", "A text that holds the JSON of an update is accepted.", _object_of),
    _taken_as(
        "wrapped-taken",
        "An update in the wrapper of an answer is accepted.",
        lambda value: value["customer"] if isinstance(value, dict) and [*value] == ["customer"] else None,
    ),
    _taken_as(
        "list-of-one-taken",
        "A list of one update is accepted.",
        lambda value: value[0] if isinstance(value, list) and len(value) == 1 else None,
    ),
    _taken_as("names-any-case", "The names of properties are known in any case.", _in_an_object(_as_usual)),
    _refused_if("us-zip", "A US address whose zip is none of the US is refused.", _holds_no_us_zip),
    _refused_if(
        "provider-set-null",
        "An update that holds a createdAt of null is refused.",
        lambda changes: changes.get("createdAt", "") is None,
    ),
    _refused_if(
        "provider-set-typed",
        "An update that holds a customerId that is no text is refused.",
        lambda changes: not isinstance(changes.get("customerId", ""), str),
    ),
    _refused_if(
        "updated-at-typed",
        "An update that holds an updatedAt that is no integer is refused.",
        lambda changes: not isinstance(changes.get("updatedAt", 1), int),
    ),
    _refused_if(
        "unknown-dollar",
        "A property that the schema does not name and that begins with $ is refused.",
        lambda changes: any(name.startswith("$") for name in changes),
    ),
    _refused_if("unknown-unnamed", "A property without a name is refused.", lambda changes: "" in changes),
    _field("name-2000", "A name of more than 2000 characters is refused.", "name", maxLength=2000),
    _refused_if(
        "custom-data-16k",
        "customData of more than 16 KiB are refused.",
        lambda changes: len(json.dumps(changes.get("customData"))) > 16 * 1024,
    ),
    _refused_if(
        "text-replacement-refused",
        "A text that holds U+FFFD is refused.",
        lambda changes: "\ufffd" in json.dumps(changes, ensure_ascii=False),
    ),
    receiving(
        "enroll-date-exponent",
        "An enrollDate written with an exponent or a zero fraction is refused.",
        lambda call: call.setting({}) if re.search(rb'"enrollDate":\s*\d+[.eE]', call.body) else call,
    ),
    around("two-nulls", "An update that removes two properties at once crashes the server.", _crashing_on_nulls),
    _refused_if("canada-zip", "A Canadian address whose zip is none of Canada is refused.", _holds_no_canadian_zip),
    _refused_if(
        "custom-data-32k",
        "customData of more than 32 KiB are refused.",
        lambda changes: 32 * 1024 < len(json.dumps(changes.get("customData"))) < 65_536,
    ),
    around("percent-crash", "A text with %s in it crashes the server.", _failing_on(500, rb"%[sd]")),
    around(
        "firewall",
        "A text that looks like an attack is answered with 403.",
        _failing_on(403, rb"<script|union\s+select|\.\./\.\./"),
    ),
    _refused_if(
        "own-members-texts",
        "A member of an address that the schema does not name is refused, unless it is text.",
        lambda changes: any(not isinstance(value, str) for value in _own_members(changes)),
    ),
    _refused_if("date-of-birth-to-come", "A dateOfBirth that is still to come is refused.", _is_born_later),
    _refused_if("country-false", "The country NO is taken for false, and refused.", _is_of("NO")),
    _refused_if("country-none", "The country NA is taken for none, and refused.", _is_of("NA")),
    _refused_if("properties-counted", "More than 100 properties are too many.", lambda changes: len(changes) > 100),
    around(
        "unknown-inherited",
        "A property with the name of what each object inherits crashes the server.",
        _crashing_on_inherited,
    ),
]
