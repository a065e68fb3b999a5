"""Servers that keep something else of customData than they were sent."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from ._mutant import Answer, Call, Document, Server
from ._ways import around, failing, inside, member, names, replacing, storing, throughout, without

_MOST, _VERY_MANY = 100, 1000


def _free(change: Callable[[Any], Any]) -> Callable[[Document], Document]:
    """Return what changes customData themselves, and not what is inside them."""
    return member("customData", change, of=dict)


def _each(kind: type, change: Callable[[Any], Any]) -> Callable[[Document], Document]:
    """Return what changes the values of one type, customData among them."""
    return inside(lambda value: change(value) if type(value) is kind else value)


def _dropping(dropped: Any) -> Callable[[Document], Document]:
    """Return what drops members of one value out of objects."""

    def kept(held: Document) -> Document:
        return {name: item for name, item in held.items() if type(item) is not type(dropped) or item != dropped}

    return _each(dict, kept)


def _numbered_as_lists(held: Document) -> Document:
    def change(value: Any) -> Any:
        numbered = isinstance(value, dict) and [*value] == [str(number) for number in range(len(value))]
        return [*value.values()] if numbered and value else value

    return {name: throughout(change)(item) for name, item in held.items()}


def _of_any_case(held: Document) -> Document:
    last = {name.lower(): name for name in held}
    return {name: item for name, item in held.items() if last[name.lower()] == name}


def _in_utc(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d", text) is None:
        return text
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, (dict, list)) else text


def _extended(held: Document) -> Any:
    if [*held] in (["$date"], ["$oid"]):
        return next(iter(held.values()))
    return int(held["$numberLong"]) if [*held] == ["$numberLong"] else held


async def _crashing_on_nul(call: Call, server: Server) -> Answer:
    """Keep customData in a column of a database that has no NUL."""
    free = {"customData": call.changes.get("customData")}
    fails = names(lambda name: name.replace("\0", ""))(free) != free
    return await (failing(500)(call, server) if fails else server(call))


MUTANTS = [
    storing("nested-nulls-removed", "Nulls inside customData are dropped.", _dropping(None)),
    storing("false-dropped", "Members of customData that are false are dropped.", _dropping(False)),
    storing("zero-dropped", "Members of customData that are 0 are dropped.", _dropping(0)),
    storing("empty-list-dropped", "Members of customData that are an empty list are dropped.", _dropping([])),
    storing("unnamed-members-dropped", "customData lose the member without a name.", _free(without(""))),
    storing(
        "nested-provider-set-dropped",
        "What the provider sets of a customer is dropped inside customData, too.",
        _free(without("customerId", "createdAt", "updatedAt")),
    ),
    storing("members-cut-at-100", "customData keep 100 members.", _free(lambda held: dict([*held.items()][:_MOST]))),
    storing(
        "numbered-as-lists",
        "Objects inside customData whose names are 0, 1, 2... become lists.",
        _free(_numbered_as_lists),
    ),
    storing("lists-cut-at-100", "Lists in customData end after 100 items.", _each(list, lambda items: items[:_MOST])),
    storing(
        "list-nulls-dropped",
        "Nulls in the lists of customData are dropped.",
        _each(list, lambda items: [item for item in items if item is not None]),
    ),
    storing("empty-texts-null", "Empty texts inside customData become null.", _each(str, lambda text: text or None)),
    storing(
        "dates-reformatted",
        "Times inside customData are written anew.",
        _each(str, replacing(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z$", r"\1.000Z")),
    ),
    storing(
        "digits-as-numbers",
        "Digits in the texts of customData become numbers.",
        _each(str, lambda text: int(text) if re.fullmatch(r"-?[0-9]{1,4000}", text) else text),
    ),
    storing(
        "fractions-rounded",
        "Fractions inside customData are rounded to 4 digits.",
        _each(float, lambda number: round(number, 4)),
    ),
    storing(
        "tiny-is-zero",
        "Fractions below 1e-6 inside customData become 0.",
        _each(float, lambda number: 0.0 if abs(number) < 1e-6 else number),
    ),
    storing(
        "names-in-camel-case",
        "Names inside customData become camel case.",
        names(lambda name: re.sub(r"(?<=[a-z0-9])_([a-z0-9])", lambda match: match[1].upper(), name)),
    ),
    storing("names-small", "Names inside customData are kept in small letters.", names(str.lower)),
    storing(
        "names-composed",
        "Names inside customData are composed (NFC).",
        names(lambda name: unicodedata.normalize("NFC", name)),
    ),
    storing("names-trimmed", "White space around names inside customData is cut off.", names(str.strip)),
    storing("names-cut-at-64", "Names inside customData end after 64 characters.", names(lambda name: name[:64])),
    storing(
        "names-in-one-case",
        "Of names inside customData that differ in case alone the last is kept.",
        _each(dict, _of_any_case),
    ),
    storing(
        "attributes-dropped",
        "Members of customData whose name begins with @ or # are dropped.",
        names(lambda name: None if name[:1] in {"@", "#"} else name),
    ),
    storing(
        "constructor-dropped",
        "The member constructor of customData is dropped.",
        names(lambda name: None if name == "constructor" else name),
    ),
    storing("names-cut-at-255", "Names inside customData end after 255 characters.", names(lambda name: name[:255])),
    storing(
        "lists-cut-at-1000", "Lists in customData end after 1000 items.", _each(list, lambda items: items[:_VERY_MANY])
    ),
    storing(
        "no-number-null",
        "The text NaN inside customData becomes null.",
        _each(str, lambda text: None if text == "NaN" else text),
    ),
    storing("offsets-resolved", "Times with an offset inside customData are kept in UTC.", _each(str, _in_utc)),
    storing("json-texts-parsed", "Texts inside customData that hold JSON become what they hold.", _each(str, _parsed)),
    storing(
        "extended-json",
        "Objects inside customData that MongoDB takes for a value become one.",
        _each(dict, _extended),
    ),
    storing(
        "array-like",
        "Objects inside customData with a length lose their other members.",
        _each(dict, lambda held: {"length": held["length"]} if type(held.get("length")) is int else held),
    ),
    around("names-nul-crash", "A NUL in a name inside customData crashes the server.", _crashing_on_nul),
]
