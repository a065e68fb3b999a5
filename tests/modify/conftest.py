"""Either client over one server, behind awaited calls, so that one test holds for sync, asyncio and trio."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import pytest

from trustly_customers import AsyncTrustly, Customer, Trustly

from ._server import Server, example

ID = "zqcustomer77"
KINDS = {"sync": Trustly, "asyncio": AsyncTrustly, "trio": AsyncTrustly}


@dataclass
class Lock:
    """A lock that tells when it was held, of the kind that the client wants."""

    kind: str
    events: list[str] = field(default_factory=list)

    @contextmanager
    def _held(self, customer_id: str) -> Any:
        self.events.append(f"held {customer_id}")
        try:
            yield
        finally:
            self.events.append("released")

    @asynccontextmanager
    async def _awaited(self, customer_id: str) -> Any:
        with self._held(customer_id):
            yield

    def __call__(self, customer_id: str) -> AbstractContextManager[object] | AbstractAsyncContextManager[object]:
        return self._held(customer_id) if self.kind == "sync" else self._awaited(customer_id)


class Client:
    """A client of either kind. `modify` takes what a type checker would refuse, too."""

    def __init__(self, kind: str, server: Callable[[httpx.Request], httpx.Response], **options: Any) -> None:
        self.inner = KINDS[kind]("zqid", "zqkey", transport=httpx.MockTransport(server), **options)

    async def modify(self, *arguments: Any, **keywords: Any) -> Customer:
        return await self.plainly(*(arguments or (ID,)), **keywords)

    async def plainly(self, *arguments: Any, **keywords: Any) -> Customer:
        result = cast("Any", self.inner).customers.modify(*arguments, **keywords)
        return cast("Customer", await result if inspect.isawaitable(result) else result)

    async def update(self) -> Customer:
        result: Any = self.inner.customers.update(ID, Customer.from_dict(example()))
        return cast("Customer", await result if inspect.isawaitable(result) else result)

    async def edit(self, edit: Any, **keywords: Any) -> Customer:
        return await self.modify(ID, edit, **keywords)

    def with_options(self, **options: Any) -> Client:
        """Return another with some options changed."""
        other = Client.__new__(Client)
        other.inner = self.inner.with_options(**options)
        return other


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(flavour: str, server: Server) -> Client:
    return Client(flavour, server)


@pytest.fixture
def lock(flavour: str) -> Lock:
    return Lock(flavour)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """Draw no time at all between tries, and keep what it was drawn from."""
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return 0.0

    monkeypatch.setattr("random.uniform", uniform)
    return drawn
