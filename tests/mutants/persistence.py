"""Servers that forget, or remember what they should not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ._mutant import FIRST, REQUIRED, Answer, Around, Call, Document, Server, optional
from ._ways import (
    answered_as_before,
    answering,
    around,
    failing,
    is_accepted,
    not_stored,
    receiving,
    remembering,
    showing,
    without,
)

_BEHIND = 0.05
"""Seconds by which a copy is behind."""
_NEAR = 0.01
"""Seconds between writes of which nobody knows the order."""


def _every(number: int, act: Around) -> Callable[[], Around]:
    """Do something at every so manieth accepted update."""

    def make() -> Around:
        count = 0

        async def counting(call: Call, server: Server) -> Answer:
            nonlocal count
            count += call.is_update
            return await (act(call, server) if call.is_update and count % number == 0 else server(call))

        return counting

    return make


def _cached(*methods: str) -> Callable[[], Around]:
    def make() -> Around:
        first: dict[bytes, Answer] = {}

        async def act(call: Call, server: Server) -> Answer:
            answer = await server(call)
            return first.setdefault(call.path, answer) if call.method in methods and answer.status == 200 else answer

        return act

    return make


def _behind(*, once: bool) -> Callable[[], Around]:
    """Reads show the state before the last update, all of them or the first after it."""

    def make() -> Around:
        before: dict[bytes, Answer] = {}

        async def act(call: Call, server: Server) -> Answer:
            held = await server(call.reading()) if call.is_update else None
            answer = await server(call)
            if answer.status != 200:
                return answer
            if held is not None:
                before[call.path] = held
            elif call.is_read:
                return before.pop(call.path, answer) if once else before.get(call.path, answer)
            return answer

        return act

    return make


def _only_sent(call: Call, answer: Answer) -> Answer:
    customer = answer.customer
    if not call.is_update or customer is None:
        return answer
    kept = {*call.changes, "customerId", "createdAt", "updatedAt"}
    return answer.showing({name: value for name, value in customer.items() if name in kept})


def _sent_echoed(call: Call, answer: Answer) -> Answer:
    customer = answer.customer
    return answer.showing({**customer, **call.changes}) if call.is_update and customer is not None else answer


def _applied_although(status: int, repair: Callable[[Call], Call]) -> Around:
    """Refuse, as one should, and carry it out all the same."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if call.changes and answer.status == status:
            await server(repair(call))
        return answer

    return act


def _valid_part(call: Call) -> Call:
    """The update with what is likely to be valid of it."""
    valid: dict[str, Any] = {"name": "x", "address": {"country": "US"}, "phone": "x", "email": "x"}
    for name, example in valid.items():
        value = call.changes.get(name)
        if value and type(value) is type(example) and name != "address":
            valid[name] = value
    return call.setting(valid)


def _license_back() -> Around:
    """What was removed is there again after the next update."""
    removed: dict[bytes, Any] = {}

    async def act(call: Call, server: Server) -> Answer:
        changes = call.changes
        if changes.get("driverLicense", "") is None and await is_accepted(call, server):
            held = (await server(call.reading())).customer or {}
            removed[call.path] = held.get("driverLicense")
        elif "driverLicense" not in changes and await is_accepted(call, server):
            # Taken before anything is awaited, or two callers would bring it back.
            restored = removed.pop(call.path, None)
            return await server(call.setting({**changes, "driverLicense": restored}) if restored else call)
        return await server(call)

    return act


def _one_for_all(call: Call) -> Call:
    """Every identifier is the first customer's, though each answer says what was asked for."""
    return call.of(FIRST) if call.is_read or call.is_update else call


def _as_update_too(method: str) -> Around:
    """Refuse a method, as one should, and carry it out as an update all the same."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if call.method == method:
            await server(replace(call, method="POST"))
        return answer

    return act


def _optional_part(call: Call, kind: type) -> Document:
    """What is optional of an update, and of a type that makes it valid; an externalId may still be empty."""
    names = {*optional()} - {"externalId"}
    return {name: value for name, value in call.changes.items() if name in names and isinstance(value, kind)}


def _part_stored(kind: type) -> Around:
    """Refuse, as one should, and keep what is optional and of one type all the same."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        part = _optional_part(call, kind) if answer.status == 400 else {}
        held = (await server(call.reading())).customer if part else None
        if held is not None:
            await server(call.setting({**{name: held[name] for name in REQUIRED}, **part}))
        return answer

    return act


def _stored_later() -> Around:
    """What a refused update held is stored with the next accepted one."""
    left: dict[bytes, Document] = {}

    async def act(call: Call, server: Server) -> Answer:
        if call.path in left and await is_accepted(call, server):
            return await server(call.setting({**left.pop(call.path, {}), **call.changes}))
        answer = await server(call)
        if answer.status == 400:
            left[call.path] = _optional_part(call, str)
        return answer

    return act


def _copied_late() -> Around:
    """Other connections than the writer's read a copy that is behind."""
    written: dict[bytes, tuple[float, Any, Answer]] = {}

    async def act(call: Call, server: Server) -> Answer:
        before = await server(call.reading()) if call.is_update else None
        answer = await server(call)
        if answer.status != 200:
            return answer
        at, writer, old = written.get(call.path, (0.0, None, answer))
        if before is not None:
            written[call.path] = (time.monotonic(), call.scope["client"], before)
        elif call.scope["client"] != writer and time.monotonic() - at < _BEHIND:
            return old
        return answer

    return act


async def _stored_by_reads(call: Call, server: Server) -> Answer:
    if call.method == "GET" and call.body:
        await server(replace(call, method="POST").having(b"content-type", b"application/json"))
    return await server(call)


def _cached_encoded() -> Around:
    """A cache that knows addresses as they are written, and hears of no update of another spelling."""
    first: dict[bytes, Answer] = {}

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        is_kept = call.method == "GET" and answer.status == 200 and b"%" in call.identifier
        return first.setdefault(call.path, answer) if is_kept else answer

    return act


def _buried() -> Around:
    """What was removed cannot be set at once: of two writes so near to each other the removal wins."""
    removed: dict[tuple[bytes, str], float] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not await is_accepted(call, server):
            return await server(call)
        now = time.monotonic()
        kept = {
            name: value
            for name, value in call.changes.items()
            if value is None or now - removed.get((call.path, name), 0.0) > _NEAR
        }
        removed.update({(call.path, name): now for name, value in call.changes.items() if value is None})
        return await server(call.setting(kept))

    return act


async def _removed_alone(call: Call, server: Server) -> Answer:
    changes = call.changes
    if None not in changes.values() or not await is_accepted(call, server):
        return await server(call)
    return await server(
        call.setting({name: value for name, value in changes.items() if value is None or name in REQUIRED})
    )


def _snapshots() -> Around:
    """Each connection has one transaction, which sees what was there when it first read and what it wrote itself."""
    seen: dict[object, Answer] = {}

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        key = call.scope["client"], call.path
        if answer.status == 200 and call.is_update:
            seen[key] = answer
        return seen.setdefault(key, answer) if answer.status == 200 and call.method == "GET" else answer

    return act


MUTANTS = [
    around("not-stored", "An update is answered, and not stored.", not_stored),
    remembering("third-not-stored", "Every third update is answered, and not stored.", _every(3, not_stored)),
    remembering("twentieth-not-stored", "Every twentieth update is answered, and not stored.", _every(20, not_stored)),
    remembering("cached", "Reads show the customer as it was read first.", _cached("GET", "HEAD")),
    remembering("one-behind", "Reads show the customer before its last update.", _behind(once=False)),
    remembering("once-stale", "The first read after an update shows the customer before it.", _behind(once=True)),
    around("old-answered", "An update is answered with the customer before it.", answered_as_before),
    answering("only-sent-answered", "An update is answered with what it held alone.", _only_sent),
    answering("sent-echoed", "An update is answered with what it held, nulls included.", _sent_echoed),
    showing(
        "balance-not-kept", "A balance is shown in the answer to its update alone.", without("balance"), only="GET"
    ),
    showing(
        "tax-id-not-answered",
        "A taxId is shown to reads, and not in the answer to an update.",
        without("taxId"),
        only="POST",
    ),
    around("valid-part-stored", "Of an invalid update the valid part is stored.", _applied_although(400, _valid_part)),
    around(
        "stored-although-415",
        "An update of another media type is refused, and stored.",
        _applied_although(415, lambda call: call.having(b"content-type", b"application/json")),
    ),
    around(
        "stored-although-413",
        "An update that is too long is refused, and stored.",
        _applied_although(413, lambda call: call.setting(call.changes)),
    ),
    remembering("removal-undone", "A driver license that was removed is back after the next update.", _license_back),
    remembering("busy-at-times", "Every fortieth update is answered with 503.", _every(40, failing(503))),
    remembering("crashes-at-times", "Every fiftieth update is answered with 500.", _every(50, failing(500))),
    receiving("one-for-all", "Every identifier is that of one and the same customer.", _one_for_all),
    around("optional-part-stored", "Of an invalid update the optional properties are stored.", _part_stored(str)),
    around("refused-removals-kept", "Of an invalid update what it removes is removed.", _part_stored(type(None))),
    remembering("refused-stored-later", "What a refused update held is stored with the next one.", _stored_later),
    around("patch-stored", "PATCH is answered with 405, and stored.", _as_update_too("PATCH")),
    around("put-stored", "PUT is answered with 405, and stored.", _as_update_too("PUT")),
    remembering("copy-behind", "Reads by other connections show what was there 50 ms ago.", _copied_late),
    remembering(
        "three-hundredth-not-stored",
        "Every three-hundredth update is answered, and not stored.",
        _every(300, not_stored),
    ),
    remembering("head-cached", "HEAD is answered as it was first.", _cached("HEAD")),
    around("stored-by-reads", "A read with a body is answered, and stored as an update.", _stored_by_reads),
    remembering("encoded-cached", "Reads by an encoded identifier show the customer as it was first.", _cached_encoded),
    remembering("removal-wins", "What is set right after it was removed stays removed.", _buried),
    around("removed-alone", "An update that removes something sets nothing else that is optional.", _removed_alone),
    remembering("connection-snapshots", "Each connection reads what was there when it first read.", _snapshots),
]
