"""One request to the API on its way to an answer, and what may come between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trustly_customers.sandbox._http import Headers, Receive, Response
from trustly_customers.sandbox._spec import Operation

Proceed = Callable[[], Awaitable[Response]]
"""Lets a request go on to its answer."""


@dataclass(slots=True)
class Exchange:
    """A request, as far as it is known. What does not apply, or was not reached, is None."""

    method: str
    raw_path: bytes
    headers: Headers
    receive: Receive
    namespace: str | None = None
    operation: Operation | None = None
    identifier: str | None = None
    body: bytes | None = None
    faults: tuple[str, ...] = ()
    """The names of the faults that it met."""
    query: bytes = b""
    _by_name: dict[bytes, list[bytes]] | None = field(default=None, init=False, repr=False)

    def header(self, name: bytes) -> Sequence[bytes]:
        """Every value of a header; the name in lower case."""
        found = self._by_name
        if found is None:  # one look at all of them, since several are asked for
            found = self._by_name = {}
            for key, value in self.headers:
                found.setdefault(key, []).append(value)
        return found.get(name, ())


class Fault(Protocol):
    """Something that goes wrong around a request: before its answer is made, after, or in its place.

    Several are around one another, the first one outermost.
    """

    @property
    def name(self) -> str:
        """What the fault is called."""

    async def around(self, exchange: Exchange, proceed: Proceed) -> Response:
        """Return an answer: that of `proceed`, whole or spoilt, or one of its own. It need not call `proceed`."""


class Faults(Protocol):
    """Says which faults a request meets."""

    def due(self, exchange: Exchange) -> Sequence[Fault] | Response:
        """Return the faults, or the answer to a request that asks for one that is not there."""
