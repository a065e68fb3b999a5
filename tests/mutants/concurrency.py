"""Servers that are right as long as one asks them at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from ._mutant import AUTHORIZATION, Answer, Around, Call, Document, Server
from ._ways import around, failing, is_accepted, remembering

_WINDOW = 0.005
"""Seconds between two steps, about what a database takes: what may come between them is the defect."""
_PROVIDER_SET = ("customerId", "createdAt", "updatedAt")


def _settable(customer: Document) -> Document:
    return {name: value for name, value in customer.items() if name not in _PROVIDER_SET}


async def _lost_update(call: Call, server: Server) -> Answer:
    """Read, change, write the whole."""
    held = (await server(call.reading())).customer if await is_accepted(call, server) else None
    await asyncio.sleep(_WINDOW)
    answer = await server(call if held is None else call.setting({**_settable(held), **call.changes}))
    # The whole may be too long for one body, where the update is not.
    return await server(call) if answer.status == 413 else answer


def _dropped() -> Around:
    """An update that comes while another one is at work is answered with what that one leaves."""
    working: dict[bytes, int] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not call.is_update:
            return await server(call)
        if working.get(call.path):
            return await server(call.reading())
        working[call.path] = 1
        try:
            await asyncio.sleep(_WINDOW)
            return await server(call)
        finally:
            del working[call.path]

    return act


async def _half_first(call: Call, server: Server) -> Answer:
    """Write in two steps, as two statements without a transaction do."""
    held = (await server(call.reading())).customer if await is_accepted(call, server) else None
    if held is None:
        return await server(call)
    names = list(call.changes)
    half = {name: call.changes[name] for name in names[len(names) // 2 :]}
    await server(call.setting({**_settable(held), **half}))
    await asyncio.sleep(_WINDOW)
    return await server(call)


async def _read_in_two(call: Call, server: Server) -> Answer:
    """Read in two steps, as two queries do."""
    first = (await server(call)).customer if call.is_read else None
    if first is None:
        return await server(call)
    await asyncio.sleep(_WINDOW)
    answer = await server(call)
    second = answer.customer or {}
    names = sorted(second)
    later = {name: second[name] for name in names[len(names) // 2 :]}
    earlier = {name: value for name, value in first.items() if name not in later}
    return answer.showing({**earlier, **later})


def _at_once(status: int) -> Any:
    """Fail whoever comes while an update is at work."""

    def make() -> Around:
        working = 0

        async def act(call: Call, server: Server) -> Answer:
            nonlocal working
            if call.is_update and working:
                return await failing(status)(call, server)
            working += call.is_update
            try:
                if call.is_update:
                    await asyncio.sleep(_WINDOW)
                return await server(call)
            finally:
                working -= call.is_update

        return act

    return make


def _crossed() -> Around:
    """All requests write their answer to one place, and read it from there."""
    last: list[Answer] = []

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        last[:] = [answer]
        await asyncio.sleep(_WINDOW)
        return last[0] if call.is_read or call.is_update else answer

    return act


def _let_in() -> Around:
    """Who is asking is kept for the whole server, not for the request."""
    right: list[bytes] = []

    async def act(call: Call, server: Server) -> Answer:
        given = call.header(AUTHORIZATION) or b""
        answer = await server(call)
        if answer.status == 401 and right:
            return await server(call.having(AUTHORIZATION, right[0]))
        if answer.status == 401:
            return answer
        right.append(given)
        await asyncio.sleep(_WINDOW)
        right.remove(given)
        return answer

    return act


def _rolled_back() -> Around:
    """Write before all is checked, and undo it."""
    shown: dict[bytes, int] = {}

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        customer = answer.customer
        if call.is_read and customer is not None and shown.get(call.path):
            return answer.showing({**customer, "name": "Not To Be Seen"})
        if call.changes and answer.status == 400:
            shown[call.path] = shown.get(call.path, 0) + 1
            await asyncio.sleep(_WINDOW)
            shown[call.path] -= 1
        return answer

    return act


def _same_time() -> Around:
    """Updates that overlap show one and the same updatedAt, until the next read."""
    begun: dict[bytes, list[int]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not call.is_update:
            return await server(call)
        times = begun.setdefault(call.path, [])
        answer = await server(call)
        customer = answer.customer
        if customer is None:
            return answer
        times.append(customer["updatedAt"])
        await asyncio.sleep(_WINDOW)
        shown = {**customer, "updatedAt": max(times)}
        times.remove(customer["updatedAt"])
        return answer.showing(shown)

    return act


def _gone_meanwhile() -> Around:
    """An update deletes and inserts; who reads between finds nothing."""
    working: dict[bytes, int] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not call.is_update:
            return await server(call.elsewhere if call.is_read and working.get(call.path) else call)
        working[call.path] = working.get(call.path, 0) + 1
        try:
            await asyncio.sleep(_WINDOW)
            return await server(call)
        finally:
            working[call.path] -= 1

    return act


def _rolled_back_together() -> Around:
    """All updates share one transaction: who refuses one undoes the other that is at work."""
    working: dict[bytes, list[Document]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not call.is_update:
            return await server(call)
        if not await is_accepted(call, server):
            answer = await server(call)
            working.pop(call.path, None)
            return answer
        before = (await server(call.reading())).customer or {}
        answer = await server(call)
        mine = working.setdefault(call.path, [])
        mine.append(before)
        await asyncio.sleep(_WINDOW)
        if before in working.get(call.path, []):
            mine.remove(before)
        else:
            held = (await server(call.reading())).customer or {}
            await server(call.setting({**dict.fromkeys(_settable(held)), **_settable(before)}))
        return answer

    return act


def _mixed() -> Around:
    """Two updates write property by property, past each other."""
    working: dict[bytes, list[Document]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not await is_accepted(call, server):
            return await server(call)
        at_work, changes = working.setdefault(call.path, []), call.changes
        at_work.append(changes)
        await asyncio.sleep(_WINDOW)
        others = [each for each in at_work if each is not changes]
        at_work[:] = others
        if len(others) != 1:
            return await server(call)
        later = [*changes][len(changes) // 2 :]
        return await server(call.setting({**changes, **{name: others[0].get(name, changes[name]) for name in later}}))

    return act


def _coalesced() -> Around:
    """Who sends what is being answered already waits for that answer."""
    working: dict[tuple[bytes, bytes, object], asyncio.Future[Answer]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not call.is_update:
            return await server(call)
        key = call.path, call.body, call.headers
        if key in working:
            return await working[key]
        mine = working[key] = asyncio.ensure_future(_late(call, server))
        try:
            return await mine
        finally:
            del working[key]

    return act


async def _late(call: Call, server: Server) -> Answer:
    await asyncio.sleep(_WINDOW)
    return await server(call)


MUTANTS = [
    around("lost-update", "Of two updates at once one is lost.", _lost_update),
    remembering("dropped-update", "An update that comes during another one is answered, and dropped.", _dropped),
    around("torn-write", "A read during an update shows half of it.", _half_first),
    around(
        "torn-read", "A read during an update shows some properties of before it and some of after it.", _read_in_two
    ),
    remembering("busy-at-once", "An update that comes during another one is answered with 503.", _at_once(503)),
    remembering("crash-at-once", "An update that comes during another one is answered with 500.", _at_once(500)),
    remembering("answers-crossed", "Requests at the same time get each other's answers.", _crossed),
    remembering("credentials-shared", "A request without credentials is let in during one that has them.", _let_in),
    remembering("rolled-back-late", "A refused update shows for a moment.", _rolled_back),
    remembering("same-updated-at", "Updates at the same time show the same updatedAt.", _same_time),
    remembering("gone-meanwhile", "A read during an update is answered with 404.", _gone_meanwhile),
    remembering("rolled-back-together", "A refused update undoes one that is at work.", _rolled_back_together),
    remembering("updates-mixed", "Of two updates at once some properties of each are left.", _mixed),
    remembering("updates-coalesced", "Of the same update twice at once one is carried out, for both.", _coalesced),
]
