"""What several folders of tests share: which client a test runs with, and on which loop; and a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, cast

import pytest

from bench.postgres import Unavailable, server

Flavour = Literal["sync", "asyncio", "trio"]


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors, since a third of the time goes into waiting for limits."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(params=["sync", "asyncio", "trio"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Say which client the test runs with, and on which loop."""
    return cast("Flavour", request.param)


@pytest.fixture
def anyio_backend(flavour: Flavour) -> str:
    """Run the test on its loop; the sync client, which needs none, blocks asyncio's."""
    return "trio" if flavour == "trio" else "asyncio"


@pytest.fixture(scope="session")
def conninfo() -> Iterator[str]:
    """Return how to connect to a server of this run's own, where the machine has one to offer."""
    running = server()
    try:
        found = running.__enter__()
    except Unavailable as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL: {error}")
    try:
        yield found
    finally:
        running.__exit__(None, None, None)
