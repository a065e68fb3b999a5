"""Servers that do not keep two customers apart who have something in common."""

from __future__ import annotations

import time

from ._mutant import FIRST, OTHER, Answer, Around, Call, Document, Server
from ._ways import around, is_accepted, remembering

_WRITTEN_BEHIND = 0.02
"""Seconds after which what was updated is safe."""


def other_of(call: Call) -> Call:
    """Return the same call of the other customer."""
    return call.of(OTHER if call.identifier == FIRST else FIRST)


async def held(call: Call, server: Server) -> Document:
    """Return the customer of a call."""
    return (await server(call.reading())).customer or {}


async def concerns_both(call: Call, server: Server) -> bool:
    """Whether a call is an update of one of the two customers, which the server takes."""
    return call.identifier in {FIRST, OTHER} and await is_accepted(call, server)


async def _sharing_an_address(call: Call, server: Server) -> Answer:
    """An address has a row of its own, which an update changes for all who have it."""
    if not await concerns_both(call, server):
        return await server(call)
    mine, theirs = await held(call, server), await held(other := other_of(call), server)
    answer = await server(call)
    if mine["address"] == theirs["address"]:
        await server(other.setting({**theirs, "address": call.changes["address"]}))
    return answer


async def _sharing_a_birthday(call: Call, server: Server) -> Answer:
    if not await concerns_both(call, server) or "dateOfBirth" not in call.changes:
        return await server(call)
    answer = await server(call)
    mine, theirs = await held(call, server), await held(other := other_of(call), server)
    if mine.get("personId", "") == theirs.get("personId"):
        await server(other.setting({**theirs, "dateOfBirth": call.changes["dateOfBirth"]}))
    return answer


async def _refusing_an_email(call: Call, server: Server) -> Answer:
    if await concerns_both(call, server) and (await held(other_of(call), server))["email"] == call.changes["email"]:
        return await server(call.setting({}))
    return await server(call)


async def _removing_everywhere(call: Call, server: Server) -> Answer:
    removed = {name: None for name, value in call.changes.items() if value is None}
    if removed and await concerns_both(call, server):
        theirs = await held(other := other_of(call), server)
        if removed.keys() & theirs.keys():
            await server(other.setting({**theirs, **removed}))
    return await server(call)


def _one_slot() -> Around:
    """What is to be written has one place to wait, from which the next customer's update drives it out."""
    waiting: dict[bytes, tuple[float, Document]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if not await concerns_both(call, server):
            return await server(call)
        other = other_of(call)
        at, before = waiting.pop(other.path, (0.0, {}))
        if time.monotonic() - at < _WRITTEN_BEHIND:
            await server(other.setting({**dict.fromkeys(await held(other, server)), **before}))
        waiting[call.path] = (time.monotonic(), await held(call, server))
        return await server(call)

    return act


MUTANTS = [
    around("address-shared", "Of two customers with one address both get a new one.", _sharing_an_address),
    around("person-shared", "Of two customers with one personId both get a new dateOfBirth.", _sharing_a_birthday),
    around("email-unique", "An e-mail address that another customer has is refused.", _refusing_an_email),
    around("removed-everywhere", "What is removed of a customer is removed of another, too.", _removing_everywhere),
    remembering("one-slot", "An update is lost when another customer is updated soon after it.", _one_slot),
]
