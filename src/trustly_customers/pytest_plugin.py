"""Fixtures for tests against the sandbox. pytest loads them by itself where this package is installed.

| Fixture | Gives |
| --- | --- |
| `trustly_sandbox` | a `SandboxNamespace` of the test's own: clients, customers, faults, the journal |
| `trustly_client` | a `Trustly` of that namespace |
| `async_trustly_client` | an `AsyncTrustly` of that namespace |
| `trustly_environment` | sets the variables that `Trustly.from_env` reads, for code that makes its own client |
| `trustly_sandbox_server` | the sandbox that the tests of a run share: in this process, or at `--trustly-sandbox-url` |

Nothing is loaded, and nothing runs, before a test asks for one of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._client import AsyncTrustly, Trustly
    from .sandbox import Sandbox
    from .testing import SandboxNamespace

_OPTION = "--trustly-sandbox-url"
_VARIABLE = "TRUSTLY_SANDBOX_URL"
_ACCESS_ID, _ACCESS_KEY = "TRUSTLY_SANDBOX_ACCESS_ID", "TRUSTLY_SANDBOX_ACCESS_KEY"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for a sandbox that runs already."""
    parser.getgroup("trustly-customers").addoption(
        _OPTION,
        metavar="URL",
        default=os.environ.get(_VARIABLE),
        help="the URL of a sandbox that runs already, for the tests that want one (and for all workers of "
        f"pytest-xdist); by default each process has its own, without a port (environment: {_VARIABLE}; credentials "
        f"other than sandbox / sandbox: {_ACCESS_ID}, {_ACCESS_KEY})",
    )


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say of two unequal models which properties differ. pytest would show the values, personal data included."""
    if op != "==" or type(left) is not type(right) or not type(left).__module__.startswith("trustly_api.models."):
        return None
    names = [name for name in getattr(left, "__slots__", ()) if not name.startswith("__")]
    differing = [name for name in names if getattr(left, name, None) != getattr(right, name, None)]
    kind = type(left).__name__
    return [f"{kind}(...) == {kind}(...)", f"these differ: {', '.join(differing)}"]


@pytest.fixture(scope="session")
def trustly_sandbox_server(pytestconfig: pytest.Config) -> Iterator[Sandbox | str]:
    """The sandbox that the tests share: in this process, or the URL of one that runs already and answers."""
    url: str | None = pytestconfig.getoption(_OPTION)
    if url:
        with _namespace(url) as first:
            first.operator.ready()  # or every test would find out for itself
        yield url
        return
    from .sandbox import Sandbox  # noqa: PLC0415 - for tests that want it

    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def trustly_sandbox(trustly_sandbox_server: Sandbox | str) -> Iterator[SandboxNamespace]:
    """A namespace of the test's own: two customers at first, nobody else's, and gone afterwards."""
    with _namespace(trustly_sandbox_server) as namespace:
        yield namespace


def _namespace(server: Sandbox | str) -> SandboxNamespace:
    from .testing import SandboxNamespace  # noqa: PLC0415 - as above

    access_id, access_key = os.environ.get(_ACCESS_ID), os.environ.get(_ACCESS_KEY)
    return SandboxNamespace(server, access_id=access_id or "sandbox", access_key=access_key or "sandbox")


@pytest.fixture
def trustly_client(trustly_sandbox: SandboxNamespace) -> Trustly:
    """A client of the test's namespace."""
    return trustly_sandbox.client()


@pytest.fixture
def async_trustly_client(trustly_sandbox: SandboxNamespace) -> AsyncTrustly:
    """A client of the test's namespace, to be awaited under asyncio or trio."""
    return trustly_sandbox.async_client()


@pytest.fixture
def trustly_environment(trustly_sandbox: SandboxNamespace, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that `Trustly.from_env` reads, set for the test's namespace."""
    monkeypatch.delenv("TRUSTLY_ENVIRONMENT", raising=False)
    for name, value in trustly_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return trustly_sandbox.environment
