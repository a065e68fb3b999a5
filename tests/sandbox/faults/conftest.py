"""A sandbox of the folder's own, a namespace for each test, and no pauses between tries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from trustly_customers.sandbox import Sandbox

from ._calls import Place

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    # The client's alone: the sandbox, in the same process, draws from the module too.
    monkeypatch.setattr("trustly_customers._retry.random", SimpleNamespace(uniform=lambda _low, _high: 0.0))


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def place(sandbox: Sandbox) -> Place:
    """A namespace that no other test sees."""
    return Place(sandbox, f"test-{next(_NUMBERS)}")
