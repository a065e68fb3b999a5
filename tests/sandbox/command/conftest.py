"""The command as a user runs it, against a sandbox on a socket of this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from trustly_customers._cli import app
from trustly_customers.sandbox import Sandbox

Run = Callable[..., Result]
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRUSTLY_ACCESS_ID", "TRUSTLY_ACCESS_KEY", "TRUSTLY_SANDBOX_STORE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def namespace() -> str:
    """A namespace of the test's own."""
    return f"test-{next(NUMBERS)}"


@pytest.fixture
def url(shared: Sandbox) -> str:
    parts = urlsplit(shared.base_url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A file for a store of the test's own; not there yet."""
    return str(tmp_path / "customers.db")


@pytest.fixture
def offline() -> Run:
    """Run a command below `sandbox`."""

    def run(*arguments: str, text: str | bytes | None = None, charset: str = "utf-8") -> Result:
        return CliRunner(charset).invoke(app, ["sandbox", *arguments], input=text)

    return run


@pytest.fixture
def run(offline: Run, url: str, namespace: str) -> Run:
    """Run a command against the sandbox, in the test's namespace."""

    def run(*arguments: str, text: str | bytes | None = None, charset: str = "utf-8") -> Result:
        return offline(*arguments, "--url", url, "--namespace", namespace, text=text, charset=charset)

    return run


def exported(offline: Run, store: str, *options: str) -> list[str]:
    """What a store holds, line by line."""
    done = offline("export", "-", "--store", store, *options)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()
