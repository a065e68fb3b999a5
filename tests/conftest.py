"""What several folders of tests share: which client a test runs with, and on which loop."""

from __future__ import annotations

from typing import Literal, cast

import pytest

Flavour = Literal["sync", "asyncio", "trio"]


@pytest.fixture(params=["sync", "asyncio", "trio"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Say which client the test runs with, and on which loop."""
    return cast("Flavour", request.param)


@pytest.fixture
def anyio_backend(flavour: Flavour) -> str:
    """Run the test on its loop; the sync client, which needs none, blocks asyncio's."""
    return "trio" if flavour == "trio" else "asyncio"
