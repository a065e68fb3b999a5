"""Sandboxes over each store, in process and on a socket, and the specification that all follow."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from trustly_customers.sandbox import Durability, Store, create_app, open_store

from ._process import Sandbox, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "generated/trustly_api/openapi.json").read_bytes())
    return document


@pytest.fixture
def document(spec: dict[str, Any]) -> dict[str, Any]:
    """A copy of the specification, to be changed."""
    return copy.deepcopy(spec)


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


@pytest.fixture(
    params=[
        # Two of the four for each change; all of them in `make check`.
        pytest.param(
            each, marks=() if each in {("sqlite", "process"), ("postgres", "socket")} else pytest.mark.thorough
        )
        for each in itertools.product(("sqlite", "postgres"), ("process", "socket"))
    ],
    ids=" ".join,
)
def setting(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Which store a sandbox is over, and how it is reached: in this process, or on a socket."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def store(setting: tuple[str, str], request: pytest.FixtureRequest) -> Store:
    """The store of the test's sandbox; shared, so only the test's namespace is the test's own."""
    found: Store = request.getfixturevalue(f"{setting[0]}_store")
    return found


@pytest.fixture
def namespace() -> str:
    """A namespace that only this test has."""
    return uuid.uuid4().hex


@pytest.fixture
async def api(
    setting: tuple[str, str], store: Store, namespace: str, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a sandbox, with the right credentials and a namespace of the test's own."""
    transport: httpx.AsyncBaseTransport
    if setting[1] == "process":
        transport, base_url = httpx.ASGITransport(create_app(store)), "http://sandbox/api/v1"
    else:
        base_url = request.getfixturevalue(f"{setting[0]}_server").base_url
        transport = httpx.AsyncHTTPTransport(verify=False)  # loading certificates takes longer than the test
    auth = (f"sandbox~{namespace}", "sandbox")
    async with httpx.AsyncClient(transport=transport, base_url=base_url, auth=auth) as client:
        yield client


@pytest.fixture
async def in_process() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a sandbox in memory, for what no HTTP client or server lets through."""
    store = open_store()
    transport = httpx.ASGITransport(create_app(store))
    auth = ("sandbox", "sandbox")
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1", auth=auth) as client:
        yield client
    await store.close()


@pytest.fixture(params=["memory", *Durability, "postgres"])
def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Every kind of store. What is in PostgreSQL already is other tests'."""
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_store")
    elif request.param == "memory":
        yield from opened("memory")
    else:
        yield from opened(str(tmp_path / "store.db"), request.param)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("sandbox") / "customers.db")


@pytest.fixture(scope="session")
def sqlite_store(sqlite_file: str) -> Iterator[Store]:
    yield from opened(sqlite_file)


@pytest.fixture(scope="session")
def postgres_store(conninfo: str) -> Iterator[Store]:
    yield from opened(conninfo)


def opened(name: str, durability: Durability = Durability.NORMAL) -> Iterator[Store]:
    store = open_store(name, durability=durability)
    yield store
    asyncio.run(store.close())


@pytest.fixture(scope="session")
def sqlite_server(sqlite_file: str) -> Iterator[Sandbox]:
    with running("--store", sqlite_file) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def postgres_server(conninfo: str) -> Iterator[Sandbox]:
    with running("--store", conninfo) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    """A sandbox as a process of its own, started the way a user starts it; shared, so left as it was found."""
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def envelope(components: Any) -> Any:
    """A check that a body is the envelope of the specification, with at least one error in it."""
    schema = {"$ref": "#/components/schemas/ErrorEnvelope", "components": components}
    validator = jsonschema_rs.Draft202012Validator(schema)

    def check(answer: httpx.Response) -> None:
        validator.validate(answer.json())
        assert answer.json()["errors"]
        assert answer.headers["content-type"] == "application/json"

    return check
