"""What was asked of the API, kept for whoever wants to know: the newest requests, in bounded memory.

Entries go in as they are. Parsing and masking wait until somebody asks.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPMethod
from typing import NamedTuple

from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._spec import Operation

MAX_REQUESTS = 10_000
MAX_BYTES = 8 * 1024 * 1024

_ENTRY_BYTES = 512
"""What an entry takes beside its body and its identifier, rounded up."""
_METHODS = frozenset(method.value for method in HTTPMethod)
_OTHER_METHOD = "OTHER"


class Entry(NamedTuple):
    """One request. What it did not have, or did not come to, is None."""

    id: int
    time: int
    """Milliseconds since the UNIX epoch, when it was answered."""
    namespace: str
    method: str
    operation: Operation | None
    identifier: str | None
    status: int | None
    """None when nothing was sent."""
    faults: tuple[str, ...]
    seconds: float
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Query:
    """Which requests are meant. None leaves a property open."""

    operation: str | None = None
    identifier: str | None = None
    method: str | None = None
    status: int | None = None
    unanswered: bool = False
    """Only those for which nothing was sent."""
    since: int = 0
    """Milliseconds since the UNIX epoch."""
    after: int = 0
    """The number of an entry."""

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is meant."""
        return (
            entry.id > self.after
            and entry.time >= self.since
            and self.operation in (None, entry.operation and entry.operation.id)
            and self.identifier in (None, entry.identifier)
            and self.method in (None, entry.method)
            and (entry.status is None if self.unanswered else self.status in (None, entry.status))
        )


@dataclass(slots=True)
class _Expected:
    query: Query
    count: int
    missing: int
    come: asyncio.Event


class Journal:
    """The newest requests of all namespaces. The oldest go first, whosever they are; cleared ones count until then."""

    def __init__(self, *, max_requests: int = MAX_REQUESTS, max_bytes: int = MAX_BYTES) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._namespaces: dict[str, deque[Entry]] = {}
        # Whose turn it is to let an entry go: the namespaces' own queues, once an entry. One that was cleared is empty.
        self._turns: deque[deque[Entry]] = deque()
        self._number = 0
        self._expected: dict[str, list[_Expected]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return sum(map(len, self._namespaces.values()))

    def record(self, exchange: Exchange, status: int | None, seconds: float) -> None:
        """Add a request. One without a namespace, since it was refused before, belongs to the one without a name."""
        self._number += 1
        entry = Entry(
            self._number,
            time.time_ns() // 1_000_000,
            exchange.namespace or "",
            # A method is any word. Those that HTTP does not know may hold anything, and be as long as a header.
            exchange.method if exchange.method in _METHODS else _OTHER_METHOD,
            exchange.operation,
            exchange.identifier,
            status,
            exchange.faults,
            seconds,
            exchange.body,
        )
        entries = self._namespaces.get(entry.namespace)
        if entries is None:
            entries = self._namespaces[entry.namespace] = deque()
        entries.append(entry)
        self._turns.append(entries)
        self.bytes += _size(entry)
        while self.bytes > self._max_bytes or len(self._turns) > self._max_requests:
            self._let_go()
        for expected in self._expected.get(entry.namespace, ()):
            if expected.query.matches(entry):
                expected.missing -= 1
                if expected.missing <= 0:
                    expected.come.set()

    def find(self, namespace: str, query: Query) -> list[Entry]:
        """All the requests of a namespace that are meant, oldest first."""
        return [entry for entry in self._namespaces.get(namespace, ()) if query.matches(entry)]

    @contextmanager
    def expecting(self, namespace: str, query: Query, count: int) -> Iterator[asyncio.Event]:
        """Give an event that is set once so many requests are found."""
        expected = _Expected(query, count, count - len(self.find(namespace, query)), asyncio.Event())
        if expected.missing <= 0:
            expected.come.set()
        waiting = self._expected.setdefault(namespace, [])
        waiting.append(expected)
        try:
            yield expected.come
        finally:
            waiting.remove(expected)
            if not waiting:
                del self._expected[namespace]

    def clear(self, namespace: str) -> None:
        """Forget the requests of a namespace."""
        entries = self._namespaces.pop(namespace, None)
        if entries is not None:
            self.bytes -= sum(map(_size, entries))
            entries.clear()
        for expected in self._expected.get(namespace, ()):
            expected.missing = expected.count

    def _let_go(self) -> None:
        entries = self._turns.popleft()
        if entries:
            entry = entries.popleft()
            self.bytes -= _size(entry)
            if not entries:
                del self._namespaces[entry.namespace]


def _size(entry: Entry) -> int:
    # The text of an identifier takes up to four bytes a character.
    return _ENTRY_BYTES + 4 * len(entry.identifier or "") + len(entry.body or b"")
