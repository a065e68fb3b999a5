"""Which lock a test is of, and on which loop it runs."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """Say which lock the test is of, and on which loop."""
    found: str = request.param
    return found


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run the test on the loop that its lock is for."""
    kind = request.getfixturevalue("kind") if "kind" in request.fixturenames else "asyncio"
    return "trio" if kind == "trio" else "asyncio"
