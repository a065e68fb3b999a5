"""A sandbox in process, a sandbox on a socket, and the specification that both follow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import create_app, open_store

from ._process import Sandbox, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "generated/trustly_api/openapi.json").read_bytes())
    return document


@pytest.fixture(scope="session")
def components(spec: dict[str, Any]) -> Any:
    return spec["components"]


@pytest.fixture
def path(spec: dict[str, Any]) -> str:
    """The path of the customer that the specification's example id names."""
    (template,) = spec["paths"]
    example: str = spec["components"]["parameters"]["CustomerId"]["example"]
    return str(template.replace("{customerId}", example))


@pytest.fixture
def update(components: Any) -> dict[str, Any]:
    """The provider's example of an update; each test has its own copy."""
    value: dict[str, Any] = json.loads(json.dumps(components["examples"]["CustomerUpdate"]["value"]))
    return value


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a sandbox of the test's own, in process, with the right credentials."""
    store = open_store()
    transport = httpx.ASGITransport(create_app(store))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox/api/v1", auth=("sandbox", "sandbox")
    ) as client:
        yield client
    await store.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """A sandbox as a process of its own, started the way a user starts it; shared, so left as it was found."""
    with running() as sandbox:
        yield sandbox
