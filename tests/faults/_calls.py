"""The clients under test, and one way to make a call with each of them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import trio

from trustly_customers import AsyncTrustly, ClientOptions, Customer, Trustly, TrustlyError
from trustly_customers.fast import FastTransport

from . import _examples
from ._examples import IDENTIFIER

Flavour = Literal["sync", "asyncio", "trio", "fast"]
FLAVOURS: tuple[Flavour, ...] = ("sync", "asyncio", "trio", "fast")
Method = Literal["get", "update"]
METHODS: tuple[Method, ...] = ("get", "update")
CREDENTIALS = ("an-id", "a-key")


@dataclass(frozen=True)
class Ended:
    """What a call came to, and the wall seconds that it took."""

    result: Customer | BaseException
    seconds: float

    @property
    def error(self) -> TrustlyError:
        assert isinstance(self.result, TrustlyError), repr(self.result)
        return self.result


def attempt(flavour: Flavour, *methods: Method, **options: Unpack[ClientOptions]) -> list[Ended]:
    """Make calls one after the other with a new client."""
    if flavour == "sync":
        return _attempt_sync(methods, options)
    if flavour == "trio":
        return trio.run(_attempt_async, flavour, methods, options)
    return asyncio.run(_attempt_async(flavour, methods, options))


def _attempt_sync(methods: tuple[Method, ...], options: ClientOptions) -> list[Ended]:
    ended = []
    with Trustly(*CREDENTIALS, **options) as client:
        for method in methods:
            began = time.monotonic()
            result: Customer | BaseException
            try:
                result = (
                    client.customers.get(IDENTIFIER)
                    if method == "get"
                    else client.customers.update(IDENTIFIER, _examples.update())
                )
            except Exception as error:  # noqa: BLE001 - whatever escapes is what the tests are after
                result = error
            ended.append(Ended(result, time.monotonic() - began))
    return ended


async def _attempt_async(flavour: Flavour, methods: tuple[Method, ...], options: ClientOptions) -> list[Ended]:
    ended = []
    async with AsyncTrustly(*CREDENTIALS, **connected(flavour, options)) as client:
        for method in methods:
            began = time.monotonic()
            result: Customer | BaseException
            try:
                result = await (
                    client.customers.get(IDENTIFIER)
                    if method == "get"
                    else client.customers.update(IDENTIFIER, _examples.update())
                )
            except Exception as error:  # noqa: BLE001 - as above
                result = error
            ended.append(Ended(result, time.monotonic() - began))
    return ended


def connected(flavour: Flavour, options: ClientOptions) -> Any:
    """Return a client's options, those of connections handed to the transport that the flavour has."""
    if flavour != "fast":
        return options
    of_connections: Any = {
        name: options[name] for name in ("ssl_context", "proxy", "max_connections") if name in options
    }
    rest = {name: value for name, value in options.items() if name not in of_connections}
    return {**rest, "transport": FastTransport(**of_connections)}
