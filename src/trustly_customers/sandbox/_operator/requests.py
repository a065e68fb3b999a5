"""The journal as the operator reads it: found, counted, waited for, and masked unless asked otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from typing import Any

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._http import ClientDisconnectedError, Receive, Response

from .answers import DONE, RefusedError, answer
from .call import Call, Endpoint
from .journal import MAX_REQUESTS, Entry, Journal, Query
from .masking import Masking, parsed

MAX_WAIT = 60
"""Seconds."""
_LIMIT = 100
_UNANSWERED = "none"
_PARAMETERS = (
    "operation",
    "customerId",
    "status",
    "method",
    "since",
    "after",
    "limit",
    "unmask",
    "wait",
    "count",
)


class RequestEndpoints:
    """What can be asked of the journal."""

    def __init__(self, journal: Journal, masking: Masking, operations: Collection[str]) -> None:
        self._journal = journal
        self._masking = masking
        self._operations = sorted(operations)

    def endpoints(self) -> Iterator[Endpoint]:
        """All of them."""
        yield Endpoint("GET", "/requests", self._find, _PARAMETERS)
        yield Endpoint("DELETE", "/requests", self._clear)

    async def _find(self, call: Call) -> Response:
        query = _query(call)
        if query.operation is not None and query.operation not in self._operations:
            raise RefusedError(400, f"The parameter operation must be one of {', '.join(self._operations)}.")
        limit = call.number("limit", _LIMIT, most=MAX_REQUESTS)
        unmask = call.flag("unmask")
        seconds = call.number("wait", 0, most=MAX_WAIT)
        count = call.number("count", 1, least=1, most=MAX_REQUESTS)
        if seconds:
            with self._journal.expecting(call.namespace, query, count) as come:
                await _until(come, call.exchange.receive, seconds)
        found = self._journal.find(call.namespace, query)
        newest = found[max(0, len(found) - limit) :]
        return answer({"requests": [self._shown(entry, unmask=unmask) for entry in newest], "count": len(found)})

    async def _clear(self, call: Call) -> Response:
        self._journal.clear(call.namespace)
        return DONE

    def _shown(self, entry: Entry, *, unmask: bool) -> dict[str, Any]:
        return {
            "id": entry.id,
            "time": entry.time,
            "method": entry.method,
            "path": entry.operation and entry.operation.path,
            "operation": entry.operation and entry.operation.id,
            "customerId": entry.identifier,
            "status": entry.status,
            "faults": list(entry.faults),
            "milliseconds": round(entry.seconds * 1000, 3),
            "body": self._body(entry, unmask=unmask),
        }

    def _body(self, entry: Entry, *, unmask: bool) -> _json.Value:
        if entry.body is None:
            return None
        return parsed(entry.body) if unmask else self._masking.masked(entry.operation, entry.body)


def _query(call: Call) -> Query:
    unanswered = call.parameters.get("status") == _UNANSWERED
    return Query(
        operation=call.parameters.get("operation"),
        identifier=call.parameters.get("customerId"),
        method=call.parameters.get("method"),
        status=None if unanswered else call.number("status", 0, least=100, most=599) or None,
        unanswered=unanswered,
        since=call.number("since", 0),
        after=call.number("after", 0),
    )


async def _until(come: asyncio.Event, receive: Receive, seconds: float) -> None:
    """Wait for an event, but not for longer; ClientDisconnectedError as soon as the caller leaves."""
    waits = [asyncio.ensure_future(come.wait()), asyncio.ensure_future(_left(receive))]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        outcomes = await asyncio.gather(*waits, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnectedError
