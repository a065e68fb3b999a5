"""Servers that do not know what time it is, or say it in another way."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

from ._mutant import Answer, Around, Call, Document, Server
from ._ways import errors, member, refusing, remembering, showing, storing, without

_SECOND = 1000
_BEHIND = 40
"""Milliseconds between two clocks."""


def _all_times(change: Callable[[int], int]) -> Callable[[Document], Document]:
    return lambda customer: {**customer, **{name: change(customer[name]) for name in ("createdAt", "updatedAt")}}


def _iso(milliseconds: int) -> str:
    return dt.datetime.fromtimestamp(milliseconds / _SECOND, dt.UTC).isoformat()


def _frozen(*, when: Callable[[Call, Document, Document], bool]) -> Callable[[], Around]:
    """Return what shows the updatedAt of before some updates, to everybody; which, may depend on what they changed."""

    def make() -> Around:
        shown: dict[bytes, int] = {}

        async def act(call: Call, server: Server) -> Answer:
            before = (await server(call.reading())).customer if call.is_update else None
            answer = await server(call)
            customer = answer.customer
            if customer is None:
                return answer
            if call.is_update and before is not None:
                if when(call, before, customer):
                    shown.setdefault(call.path, before["updatedAt"])
                else:
                    shown.pop(call.path, None)
            return answer.showing({**customer, "updatedAt": shown.get(call.path, customer["updatedAt"])})

        return act

    return make


def _counting(field: str, *, counts: Callable[[Call, Answer], bool], everywhere: bool = False) -> Callable[[], Around]:
    """Return what adds one to a time for each call that counts."""

    def make() -> Around:
        added: dict[bytes, int] = {}

        async def act(call: Call, server: Server) -> Answer:
            answer = await server(call)
            key = b"" if everywhere else call.path
            customer = answer.customer
            shown = customer and answer.showing({**customer, field: customer[field] + added.get(key, 0)})
            if counts(call, answer):
                added[key] = added.get(key, 0) + 1
            return shown or answer

        return act

    return make


def _backwards(customer: Document) -> Document:
    since = customer["updatedAt"] - customer["createdAt"]
    return {**customer, "updatedAt": customer["createdAt"] - since}


def _at_updates(field: str, tell: Callable[[int], int]) -> Callable[[], Around]:
    """Return what tells another time from the first update on, made of the one that was told before it."""

    def make() -> Around:
        told: dict[bytes, int] = {}

        async def act(call: Call, server: Server) -> Answer:
            answer = await server(call)
            customer = answer.customer
            if customer is None:
                return answer
            key = unquote_to_bytes(call.identifier)
            if call.is_update:
                told[key] = tell(told.setdefault(key, customer["createdAt"]))
            return answer.showing({**customer, field: told.get(key, customer[field])})

        return act

    return make


def _now() -> int:
    return time.time_ns() // 1_000_000


def _once_by_the_clock(at: int) -> int:
    """Take a time for what the clocks of New York say: an hour that they strike twice, they strike once."""
    try:
        local = dt.datetime.fromtimestamp(at / _SECOND, ZoneInfo("America/New_York"))
    except (ValueError, OverflowError, OSError):
        return at
    return at - 3600 * _SECOND if local.fold else at


def _by_options() -> Around:
    added: dict[bytes, int] = {}

    async def act(call: Call, server: Server) -> Answer:
        added[call.path] = added.get(call.path, 0) + (call.method == "OPTIONS")
        answer = await server(call)
        customer = answer.customer
        return (
            answer
            if customer is None
            else answer.showing(member("updatedAt", lambda at: at + added[call.path])(customer))
        )

    return act


def _of_two_clocks() -> Around:
    """Every second connection leads to a server whose clock is behind."""
    connections: dict[Any, int] = {}
    behind: dict[bytes, int] = {}

    async def act(call: Call, server: Server) -> Answer:
        number = connections.setdefault(call.scope["client"], len(connections))
        answer = await server(call)
        customer = answer.customer
        if customer is None:
            return answer
        if call.is_update:
            behind[call.path] = _BEHIND * (number % 2)
        return answer.showing({**customer, "updatedAt": customer["updatedAt"] - behind.get(call.path, 0)})

    return act


MUTANTS = [
    remembering("updated-at-fixed", "updatedAt never changes.", _frozen(when=lambda *_: True)),
    remembering(
        "updated-at-vip",
        "updatedAt stays when the VIP tier is set.",
        _frozen(when=lambda call, *_: bool(call.changes.get("vip"))),
    ),
    remembering(
        "updated-at-least",
        "updatedAt stays when nothing optional is set.",
        _frozen(when=lambda call, *_: len(call.changes) == 4),
    ),
    remembering(
        "updated-at-null",
        "updatedAt stays when something is removed.",
        _frozen(when=lambda call, *_: None in call.changes.values()),
    ),
    showing("updated-at-backwards", "updatedAt goes backwards.", _backwards),
    showing(
        "updated-at-whole-seconds",
        "updatedAt is cut to whole seconds.",
        member("updatedAt", lambda at: at - at % _SECOND),
    ),
    showing("updated-at-seconds", "updatedAt counts seconds.", member("updatedAt", lambda at: at // _SECOND)),
    showing("updated-at-float", "updatedAt has a fraction.", member("updatedAt", lambda at: at + 0.5)),
    showing("updated-at-iso", "updatedAt is written by ISO 8601.", member("updatedAt", _iso)),
    showing(
        "updated-at-missing",
        "updatedAt is missing from reads.",
        without("updatedAt"),
        only="GET",
    ),
    showing(
        "updated-at-later",
        "The answer to an update shows a later updatedAt than reads.",
        member("updatedAt", lambda at: at + 1),
        only="POST",
    ),
    remembering(
        "updated-at-read",
        "updatedAt increases with each read.",
        _counting("updatedAt", counts=lambda call, answer: call.is_read and answer.status == 200),
    ),
    remembering(
        "updated-at-refused",
        "updatedAt increases with each refused update.",
        _counting("updatedAt", counts=lambda call, answer: call.is_update and answer.status == 400),
    ),
    remembering(
        "updated-at-everywhere",
        "updatedAt of all customers increases when one is updated.",
        _counting("updatedAt", counts=lambda call, answer: call.is_update and answer.status == 200, everywhere=True),
    ),
    remembering(
        "created-at-again", "createdAt is set anew by each update.", _at_updates("createdAt", lambda _: _now())
    ),
    showing(
        "created-at-updated",
        "createdAt is what updatedAt is, in answers to updates.",
        lambda customer: {**customer, "createdAt": customer["updatedAt"]},
        only="POST",
    ),
    remembering(
        "created-at-creeps",
        "createdAt increases by one with each update.",
        _counting("createdAt", counts=lambda call, answer: call.is_update and answer.status == 200),
    ),
    showing(
        "created-at-missing",
        "createdAt is missing from the answers to updates.",
        without("createdAt"),
        only="POST",
    ),
    showing("microseconds", "Both times count microseconds.", _all_times(lambda at: at * _SECOND)),
    showing("created-at-iso", "createdAt is written by ISO 8601.", member("createdAt", _iso)),
    remembering(
        "updated-at-same",
        "updatedAt stays when nothing changes.",
        _frozen(when=lambda _call, before, after: {**before, "updatedAt": 0} == {**after, "updatedAt": 0}),
    ),
    remembering(
        "updated-at-provider-set",
        "updatedAt stays when an update holds it.",
        _frozen(when=lambda call, *_: "updatedAt" in call.changes),
    ),
    remembering(
        "updated-at-millisecond",
        "Two updates in one millisecond have the same updatedAt.",
        _at_updates("updatedAt", lambda _: _now()),
    ),
    remembering(
        "updated-at-counter",
        "updatedAt counts the updates, and no time.",
        _at_updates("updatedAt", lambda last: last + 1),
    ),
    showing(
        "updated-at-zone",
        "updatedAt is that of another time zone.",
        member("updatedAt", lambda at: at + 5 * 3600 * _SECOND),
    ),
    refusing(
        "error-occurred-seconds",
        "The time of an error counts seconds.",
        errors(lambda error: {**error, "occurredAt": int(time.time())}),
    ),
    refusing(
        "error-occurred-zone",
        "The time of an error is that of another time zone.",
        errors(lambda error: {**error, "occurredAt": _now() - 5 * 3600 * _SECOND}),
    ),
    storing(
        "enroll-date-local",
        "An enrollDate of an hour that New York has twice is kept an hour earlier.",
        member("enrollDate", _once_by_the_clock, of=int),
    ),
    remembering("updated-at-options", "updatedAt increases with each OPTIONS.", _by_options),
    remembering("two-clocks", "updatedAt is by another clock for every second connection.", _of_two_clocks),
]
