"""Servers that take one member of an update for another, or trip over its name."""

from __future__ import annotations

import re
from collections.abc import Callable

from ._mutant import FIRST, OTHER, Answer, Call, Document, Json, optional, properties
from ._ways import member, receiving, restating, storing


def _in_snake_case(name: str) -> str:
    return re.sub("[A-Z]", r"_\g<0>", name).lower()


def _from_snake_case(changes: Document) -> Document:
    usual = {_in_snake_case(name): name for name in properties("CustomerUpdate")}
    return {usual.get(name, name): value for name, value in changes.items()}


def _texts_of(value: Json) -> Document:
    """What an object holds under the name of an optional property, and is a text."""
    held = value.items() if isinstance(value, dict) else ()
    return {name: item for name, item in held if name in optional() and isinstance(item, str) and item}


def _setting_what_is_in(name: str) -> Callable[[Document], Document]:
    return lambda changes: {**changes, **_texts_of(changes.get(name))}


def _following_points(changes: Document) -> Document:
    found = dict(changes)
    for name, value in changes.items():
        field, _, inner = name.partition(".")
        if inner and isinstance(found.get(field), dict) and isinstance(value, str):
            found[field] = {**found[field], inner: value}
    return found


def _of_its_id(call: Call) -> Call:
    identifier = str(call.changes.get("id")).encode("utf-8", "replace")
    return call.of(identifier) if identifier in {FIRST, OTHER} else call


def _in_order(license_: Document) -> Document:
    """Read members in the order of the schema: what comes too late is not there."""
    names = [name for name in license_ if name in {"number", "state"}]
    return {**license_, "number": ""} if names == ["state", "number"] else license_


def _typed(call: Call) -> Call:
    return call.setting({}) if call.changes.keys() & {"@type", "$type"} else call


def _crashes(call: Call, answer: Answer) -> bool:
    return answer.status == 200 and any(len(name) > 255 for name in call.changes)


MUTANTS = [
    storing("names-in-snake-case", "The names of properties are known in snake case.", _from_snake_case),
    storing("proto-merged", "What __proto__ holds is set.", _setting_what_is_in("__proto__")),
    storing("dollar-set", "What $set holds is set.", _setting_what_is_in("$set")),
    storing("wrapper-merged", "What a property named customer holds is set.", _setting_what_is_in("customer")),
    storing("custom-data-hoisted", "What customData hold is set.", _setting_what_is_in("customData")),
    storing("points-followed", "A name with a point in it sets a member.", _following_points),
    receiving("body-id", "An update changes the customer whose identifier is its id.", _of_its_id),
    receiving("type-member-refused", "An update with a property @type or $type is refused.", _typed),
    restating("unknown-long", "A property with a name of 256 characters crashes the server.", 500, _crashes),
    storing(
        "license-in-order",
        "A driver license whose state comes before its number loses the number.",
        member("driverLicense", _in_order, of=dict),
    ),
]
