"""A PostgreSQL server for all tests of a run, where the machine has one to offer."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench.postgres import Unavailable, server


@pytest.fixture(scope="session")
def conninfo() -> Iterator[str]:
    """Return how to connect to a server of the tests' own."""
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
