"""Fixtures of the unit tests: every async test runs with the sync client, and with the async one on both loops."""

from __future__ import annotations

import copy
import functools
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Unpack

import httpx
import pytest
import respx

from trustly_customers import _spec as read

from . import _spec
from ._clients import ACCESS_ID, ACCESS_KEY, Client, Connect, Flavour, make

if TYPE_CHECKING:
    from trustly_customers import ClientOptions


@pytest.fixture
async def connect(flavour: Flavour) -> AsyncIterator[Connect]:
    """Make clients, and close them after the test."""
    made: list[Client] = []

    def connect(
        access_id: str = ACCESS_ID,
        access_key: str = ACCESS_KEY,
        *,
        transport: httpx.MockTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> Client:
        made.append(make(flavour, access_id, access_key, transport, options))
        return made[-1]

    yield connect
    for client in made:
        await client.close()


@pytest.fixture
async def client(connect: Connect) -> Client:
    """Return a client with the defaults."""
    return connect()


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    """Mock every server; it answers with the specification's own example until told otherwise."""
    with respx.mock(assert_all_called=False) as router:
        router.route(name="any").respond(json=_spec.example("CustomerResponse"))
        yield router


EditSpec = Callable[[Callable[[_spec.Json], object]], None]
"""Edits the specification that the client reads, by a function that changes it in place."""


@pytest.fixture
def edit_spec(monkeypatch: pytest.MonkeyPatch) -> Iterator[EditSpec]:
    """Edit the specification for one test; what the client remembers of either is forgotten."""
    remembered = [each for each in vars(read).values() if isinstance(each, functools._lru_cache_wrapper)]

    def edit_spec(change: Callable[[_spec.Json], object]) -> None:
        document = copy.deepcopy(_spec.document())
        change(document)
        monkeypatch.setattr(read, "document", lambda: document)
        monkeypatch.setattr(read, "_SHAPES", {})
        for each in remembered:
            each.cache_clear()

    yield edit_spec
    for each in remembered:
        each.cache_clear()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the environment's own settings from the tests."""
    for name in ("ACCESS_ID", "ACCESS_KEY", "ENVIRONMENT", "BASE_URL"):
        monkeypatch.delenv(f"TRUSTLY_{name}", raising=False)


PLANTED = "zq"
"""What every secret and every personal value of these tests begins with."""


@pytest.fixture(autouse=True)
def nothing_is_said(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Look, after each test, for planted values in all that was logged, by whomever, and in all that was printed."""
    caplog.set_level(logging.DEBUG)
    capture = request.getfixturevalue("capfd")
    yield
    printed = capture.readouterr()
    said = [record.getMessage() for record in caplog.get_records("call")] + [printed.out, printed.err]
    assert not [text for text in said if PLANTED in text.lower()]
