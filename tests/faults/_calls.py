"""The clients under test, and one way to make a call with each of them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Literal, Unpack

import httpx
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
    async with AsyncTrustly(*CREDENTIALS, transport=transport_of(flavour, options), **options) as client:
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


def transport_of(flavour: Flavour, options: ClientOptions) -> httpx.AsyncBaseTransport | None:
    if flavour != "fast":
        return None
    return FastTransport(
        ssl_context=options.get("ssl_context"),
        proxy=options.get("proxy"),
        max_connections=options.get("max_connections", 100),
    )
