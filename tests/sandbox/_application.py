"""The application by itself: over a store of one's own, with or without a client."""

from __future__ import annotations

import base64
from typing import TypeVar

import httpx

from trustly_customers.sandbox import Store, create_app
from trustly_customers.sandbox._stores.protocol import Change, Steps

T = TypeVar("T")


def basic(pair: str | bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(pair.encode() if isinstance(pair, str) else pair).decode()}"


class Everything:
    """A store that holds one text under every key."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, namespace: str, key: str) -> bytes | None:
        del namespace
        self.asked.append(key)
        return b'{"found":true}'

    async def update(self, namespace: str, key: str, change: Change) -> bytes | None:
        del change
        return await self.get(namespace, key)

    async def read(self, steps: Steps[T]) -> T:
        raise AssertionError(steps)

    write = read

    def is_detached(self) -> bool:
        return False

    async def close(self) -> None:
        """Nothing to let go of."""


def client_of(store: Store) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(store))
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1", auth=("sandbox", "sandbox"))
