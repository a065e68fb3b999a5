"""Servers that put an update and a customer together in the wrong way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ._mutant import (
    FIRST,
    OTHER,
    Answer,
    Around,
    Call,
    Document,
    Mutant,
    Server,
    optional,
    properties,
)
from ._ways import around, is_accepted, member, receiving, remembering, storing, without

_Merge = Callable[[Document, Document], Document]
"""From the customer and the changes to other changes."""


def _merging(name: str, defect: str, merge: _Merge) -> Mutant:
    """A server that makes other changes of an update, in the light of what the customer holds."""

    async def act(call: Call, server: Server) -> Answer:
        held = (await server(call.reading())).customer if await is_accepted(call, server) else None
        return await server(call if held is None else call.setting(merge(held, call.changes)))

    return around(name, defect, act)


def _replaced(_held: Document, changes: Document) -> Document:
    return {**dict.fromkeys(optional()), **changes}


def _members_kept(field: str, *, unless_of: str = "") -> _Merge:
    """Return what keeps members of an old object in the new one; not those that a schema names."""

    def merge(held: Document, changes: Document) -> Document:
        new, old = changes.get(field), held.get(field)
        if not isinstance(new, dict) or not isinstance(old, dict):
            return changes
        named = properties(unless_of) if unless_of else ()
        return {**changes, field: {**without(*named)(old), **new}}

    return merge


def _nested_merged(held: Document, changes: Document) -> Document:
    """Replace customData, and merge what is nested in them."""

    def merged(old: Any, new: Any) -> Any:
        if not isinstance(old, dict) or not isinstance(new, dict):
            return new
        return {**old, **{name: merged(old.get(name), item) for name, item in new.items()}}

    old = held.get("customData")
    if not isinstance(old, dict):
        return changes
    return member("customData", lambda new: {name: merged(old.get(name), item) for name, item in new.items()}, of=dict)(
        changes
    )


def _lists_joined(held: Document, changes: Document) -> Document:
    def joined(old: Any, new: Any) -> Any:
        if isinstance(old, list) and isinstance(new, list):
            return old + new
        if isinstance(old, dict) and isinstance(new, dict):
            return {name: joined(old.get(name), value) for name, value in new.items()}
        return new

    return {name: joined(held.get(name), value) for name, value in changes.items()}


def _removing_falsy(*, also: tuple[Any, ...]) -> Callable[[Document], Document]:
    def change(changes: Document) -> Document:
        return {
            name: None if name in optional() and any(type(value) is type(e) and value == e for e in also) else value
            for name, value in changes.items()
        }

    return change


def _if_null(field: str, value: Any) -> Callable[[Document], Document]:
    return lambda changes: {**changes, field: value} if changes.get(field, "") is None else changes


def _taking(field: str) -> Callable[[], Around]:
    """Return what takes a provider-set property from the request."""

    def make() -> Around:
        taken: dict[bytes, Any] = {}

        async def act(call: Call, server: Server) -> Answer:
            answer = await server(call)
            if call.is_update and answer.status == 200 and field in call.changes:
                taken[call.path] = call.changes[field]
            customer = answer.customer
            return answer if customer is None else answer.showing({**customer, **_held(taken, call, field)})

        return act

    return make


def _held(taken: dict[bytes, Any], call: Call, field: str) -> Document:
    return {field: taken[call.path]} if call.path in taken else {}


async def _refusing_what_the_provider_sets(call: Call, server: Server) -> Answer:
    if call.changes.keys() & {"createdAt", "updatedAt"}:
        return await server(call.setting({}))
    return await server(call)


async def _changing_the_other_too(call: Call, server: Server) -> Answer:
    answer = await server(call)
    if call.is_update and answer.status == 200:
        await server(call.of(OTHER))
    return answer


async def _creating(call: Call, server: Server) -> Answer:
    """Take an update of an unknown customer for one of the other customer."""
    answer = await server(call)
    if call.is_update and answer.status == 404:
        await server(call.of(OTHER))
    return answer


def _upserting(*, told: bool, only: Callable[[bytes], bool]) -> Callable[[], Around]:
    """Return what creates some unknown customers when they are updated, and tells so, or refuses all the same."""

    def make() -> Around:
        created: dict[bytes, Document] = {}

        async def act(call: Call, server: Server) -> Answer:
            answer = await server(call)
            if answer.status != 404 or not only(call.identifier):
                return answer
            if call.is_update:
                times = dict.fromkeys(("createdAt", "updatedAt"), time.time_ns() // 1_000_000)
                created[call.path] = {**call.changes, **times, "customerId": call.identifier.decode()}
            if call.path not in created or (call.is_update and not told):
                return answer
            return (await server(call.of(FIRST).reading())).showing(created[call.path])

        return act

    return make


def _of_the_body(call: Call) -> Call:
    identifier = str(call.changes.get("customerId")).encode("utf-8", "replace")
    return call.of(identifier) if identifier in {FIRST, OTHER} else call


def _from_name(changes: Document) -> Document:
    before = [*changes][: [*changes].index("name")]
    return {name: value for name, value in changes.items() if name not in before or name not in optional()}


MUTANTS = [
    _merging("replaced-whole", "What an update leaves out is removed.", _replaced),
    _merging(
        "vip-not-kept", "A VIP tier that is left out is removed.", lambda _held, changes: {"vip": None, **changes}
    ),
    _merging("address-merged", "A new address keeps members of the old one.", _members_kept("address")),
    _merging("custom-data-merged", "New customData keep members of the old ones.", _members_kept("customData")),
    _merging("lists-joined", "Lists in customData are appended to the old ones.", _lists_joined),
    _merging("phone-not-set", "A phone is never changed.", lambda held, changes: {**changes, "phone": held["phone"]}),
    _merging(
        "null-ignored",
        "A property sent as null is kept.",
        lambda _held, changes: {name: value for name, value in changes.items() if value is not None},
    ),
    storing("null-is-empty", "A currency sent as null becomes the empty string.", _if_null("currency", "")),
    storing("null-is-empty-object", "customData sent as null become an empty object.", _if_null("customData", {})),
    storing("null-is-zero", "An enrollDate sent as null becomes 0.", _if_null("enrollDate", 0)),
    storing(
        "null-removes-more",
        "A VIP tier that is removed takes the externalTier along.",
        lambda changes: {**changes, "externalTier": None} if changes.get("vip", "") is None else changes,
    ),
    storing("empty-removes", "An optional property sent as the empty string is removed.", _removing_falsy(also=("",))),
    storing("zero-removes", "An enrollDate of 0 is removed.", _removing_falsy(also=(0,))),
    storing("empty-object-removes", "Empty customData are removed.", _removing_falsy(also=({},))),
    storing("currency-not-set", "A currency is never set.", without("currency")),
    storing(
        "address2-dropped",
        "The second line of an address is dropped.",
        member("address", without("address2"), of=dict),
    ),
    storing(
        "ids-swapped",
        "nationalId is set to what personId is sent as.",
        lambda changes: {**changes, "nationalId": changes["personId"]} if "personId" in changes else changes,
    ),
    storing(
        "vip-clears-balance",
        "Setting a VIP tier removes the balance.",
        lambda changes: {**changes, "balance": None} if changes.get("vip") else changes,
    ),
    remembering("customer-id-taken", "customerId is taken from the request.", _taking("customerId")),
    remembering("created-at-taken", "createdAt is taken from the request.", _taking("createdAt")),
    remembering("updated-at-taken", "updatedAt is taken from the request.", _taking("updatedAt")),
    around(
        "provider-set-refused",
        "An update that holds what the provider sets is refused.",
        _refusing_what_the_provider_sets,
    ),
    around("other-changed-too", "An update changes another customer as well.", _changing_the_other_too),
    around("unknown-changes-other", "An update of an unknown customer changes another one.", _creating),
    remembering(
        "unknown-created",
        "An update of an unknown customer is refused and creates it.",
        _upserting(told=False, only=lambda identifier: b"%" not in identifier),
    ),
    _merging("nested-merged", "Objects inside customData are merged with the old ones.", _nested_merged),
    _merging(
        "license-members-kept",
        "A new driver license keeps members of its own of the old one.",
        _members_kept("driverLicense", unless_of="DriverLicense"),
    ),
    _merging(
        "address-members-kept",
        "A new address keeps members of the merchant's own of the old one.",
        _members_kept("address", unless_of="Address"),
    ),
    storing("zero-text-removes", "An optional property sent as the text 0 is removed.", _removing_falsy(also=("0",))),
    storing(
        "false-text-removes",
        "An optional property sent as the text false is removed.",
        _removing_falsy(also=("false",)),
    ),
    receiving("body-id-wins", "An update changes the customer of its body.", _of_the_body),
    remembering(
        "numbers-upserted",
        "An update of an unknown identifier of digits creates a customer.",
        _upserting(told=True, only=bytes.isdigit),
    ),
    storing("before-name-dropped", "What is optional and comes before the name in an update is not set.", _from_name),
]
