"""One application in process, its API and its operator's side, each seen from any namespace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import create_app, open_store
from trustly_customers.sandbox._http import ASGIApp

Clients = Callable[[str], httpx.AsyncClient]


@dataclass(frozen=True)
class Sides:
    """Both sides of one application. A client each is made for the namespace that is asked for."""

    app: ASGIApp
    clients: AsyncExitStack

    async def api(self, namespace: str = "") -> httpx.AsyncClient:
        return await self._client("/api/v1", namespace)

    async def operator(self, namespace: str = "") -> httpx.AsyncClient:
        return await self._client("/_sandbox", namespace)

    async def _client(self, base: str, namespace: str) -> httpx.AsyncClient:
        user = f"sandbox~{namespace}" if namespace else "sandbox"
        return await self.clients.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app), base_url=f"http://sandbox{base}", auth=(user, "sandbox")
            )
        )


@pytest.fixture
async def sides() -> AsyncIterator[Sides]:
    store = open_store()
    async with AsyncExitStack() as clients:
        yield Sides(create_app(store), clients)
    await store.close()


@pytest.fixture
async def operator(sides: Sides) -> httpx.AsyncClient:
    return await sides.operator()


@pytest.fixture
async def api(sides: Sides) -> httpx.AsyncClient:
    return await sides.api()


@pytest.fixture
def customer(components: Any) -> dict[str, Any]:
    """A customer as an operator may create one, without what only the provider sets."""
    return {
        name: value for name, value in components["examples"]["CustomerUpdate"]["value"].items() if name != "customerId"
    }
