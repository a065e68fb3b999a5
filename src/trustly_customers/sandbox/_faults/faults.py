"""The faults themselves: small objects, each around the request or around the next of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._api.exchange import Exchange, Fault, Proceed
from trustly_customers.sandbox._api.records import CustomerTooLargeError
from trustly_customers.sandbox._http import ClientDisconnectedError, Cut, Receive, Response

_PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Welcome</h1></body></html>\n"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of its own: the request gets no further, and nothing is applied."""

    name: str
    response: Response = field(repr=False)

    async def around(self, _exchange: Exchange, _proceed: Proceed) -> Response:
        """See Fault."""
        return self.response


@dataclass(frozen=True, slots=True)
class Spoilt:
    """The request is carried out, and its answer is spoilt on the way back."""

    name: str
    spoil: Callable[[Response], Response] = field(repr=False)

    async def around(self, _exchange: Exchange, proceed: Proceed) -> Response:
        """See Fault."""
        return self.spoil(await proceed())


@dataclass(frozen=True, slots=True)
class Latency:
    """The request is carried out at once, and its answer held back. Ends early when the caller leaves."""

    seconds: float
    spread: float
    """The time is drawn evenly from `seconds` less this to `seconds` and this."""
    name: str = "latency"

    async def around(self, exchange: Exchange, proceed: Proceed) -> Response:
        """See Fault."""
        response = await proceed()
        drawn = random.uniform(self.seconds - self.spread, self.seconds + self.spread)  # noqa: S311 - no secret
        gone = asyncio.ensure_future(_gone(exchange.receive))
        try:
            await asyncio.wait((gone,), timeout=max(0.0, drawn))
        finally:
            gone.cancel()
        return response


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing is applied and nothing said until the caller leaves."""

    name: str = "no-answer"

    async def around(self, exchange: Exchange, _proceed: Proceed) -> Response:
        """See Fault. Raises ClientDisconnectedError, always."""
        await _gone(exchange.receive)
        raise ClientDisconnectedError


@dataclass(frozen=True, slots=True)
class OtherWriter:
    """Somebody else changes the customer: after a read was answered, or before an update is applied.

    So it falls between a caller's GET and its POST, whichever of the two meets it.
    """

    customers: Customers = field(repr=False)
    changes: dict[str, Any] = field(repr=False)
    name: str = "other-writer"

    async def around(self, exchange: Exchange, proceed: Proceed) -> Response:
        """See Fault."""
        if exchange.method == "POST":
            await self._write(exchange)
            return await proceed()
        response = await proceed()
        await self._write(exchange)
        return response

    async def _write(self, exchange: Exchange) -> None:
        if exchange.namespace is not None and exchange.identifier is not None:
            with suppress(CustomerTooLargeError):  # which the other writer is told, and not this caller
                await self.customers.update(exchange.namespace, exchange.identifier, self.changes)


@dataclass(frozen=True, slots=True)
class Appearing:
    """A fault that brings the customer with it, whom nobody has to create."""

    customers: Customers = field(repr=False)
    fault: Fault

    @property
    def name(self) -> str:
        """The name of the fault."""
        return self.fault.name

    async def around(self, exchange: Exchange, proceed: Proceed) -> Response:
        """See Fault."""
        if exchange.namespace is not None and exchange.identifier is not None:
            await self.customers.appear(exchange.namespace, exchange.identifier)
        return await self.fault.around(exchange, proceed)


def reset_before() -> Answered:
    """The connection is reset with the request neither applied nor answered."""
    return Answered("reset-before", Response(0, cut=Cut(0, reset=True)))


SPOILT = (
    Spoilt("reset-during", lambda response: _cut(response, len(response.body) // 2, reset=True)),
    Spoilt("reset-after", lambda response: _cut(response, len(response.body), reset=True)),
    Spoilt("truncated-body", lambda response: _cut(response, len(response.body) // 2, reset=False)),
    Spoilt("malformed-body", lambda response: response._replace(body=response.body[: len(response.body) // 2])),
    Spoilt("wrong-shape", lambda response: response._replace(body=b"[%b]" % response.body)),
    Spoilt(
        "wrong-content-type",
        lambda response: response._replace(status=200, body=_PAGE, headers=((b"content-type", b"text/html"),)),
    ),
    Spoilt("answer-lost", lambda response: _cut(response, 0, reset=True)),
)


def _cut(response: Response, sent: int, *, reset: bool) -> Response:
    """Break an answer off after so many bytes; one that breaks off earlier stays as it is."""
    if response.cut is not None and response.cut.sent <= sent:
        return response
    return response._replace(cut=Cut(sent, reset))


async def _gone(receive: Receive) -> None:
    """Return when the caller has left, or the server stops. What it still sends is read and dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass
