"""The servers that are measured, each a process of its own for as long as a `with` block lasts."""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from bench import _bare

READY_SECONDS, STOP_SECONDS = 60, 30
PRISM = Path(__file__).resolve().parents[1] / "prism"
_ADDRESS = r"http://127\.0\.0\.1:(\d+)"


class Server(NamedTuple):
    """A server that answers."""

    port: int
    pid: int


def sandbox(*options: str) -> AbstractContextManager[Server]:
    """Run the sandbox, as its command does."""
    return _announced([sys.executable, "-m", "trustly_customers", "sandbox", "--port", "0", *options])


def bare() -> AbstractContextManager[Server]:
    """Run the application that answers fixed bytes."""
    return _announced([sys.executable, _bare.__file__])


def install_prism(folder: Path) -> str | None:
    """Install Prism into a folder; return why that is not possible, if so."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "there is no npm here"
    for pinned in PRISM.iterdir():
        shutil.copy(pinned, folder)
    command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    return "npm cannot install it here" if subprocess.run(command, check=False).returncode else None


@contextmanager
def prism(folder: Path, complaints: IO[str] | None = None) -> Iterator[Server]:
    """Run Prism over the same specification, as quietly as it can be made to; what it still says goes to a file."""
    package = importlib.util.find_spec("trustly_api")
    assert package is not None and package.origin is not None  # noqa: S101, PT018 - for the type checker: it is imported
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    program = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    spec = Path(package.origin).with_name("openapi.json")
    command = [shutil.which("node") or "node", str(program), "mock", "--host", "127.0.0.1", "--port", str(port)]
    with stopped_at_the_end([*command, "--verboseLevel", "error", str(spec)], complaints=complaints) as process:
        wait_until_it_listens(port)
        yield Server(port, process.pid)


def wait_until_it_listens(port: int) -> None:
    """Wait for a server that says nothing of its being ready; after a minute, for no longer."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            break


@contextmanager
def _announced(command: Sequence[str]) -> Iterator[Server]:
    """Run a server that says its address first."""
    with stopped_at_the_end(command) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for
        found = re.search(_ADDRESS, process.stdout.readline())
        if found is None:
            raise RuntimeError(f"{command} does not start")
        yield Server(int(found[1]), process.pid)


@contextmanager
def stopped_at_the_end(
    command: Sequence[str], environment: Mapping[str, str] | None = None, complaints: IO[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a server while the block runs."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
