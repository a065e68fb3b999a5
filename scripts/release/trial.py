"""An environment that holds the package and nothing of the repository, and a round trip in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

READY = "Sandbox ready at "
BIN = "Scripts" if sys.platform == "win32" else "bin"
_STOP_SECONDS = 10
_ROUND_TRIP = """
import sys, trustly_customers
from trustly_customers import Trustly

with Trustly("sandbox", "sandbox", base_url=sys.argv[1]) as client:
    customer = client.customers.get("1001165729")
    customer.vip = "4"
    client.customers.update("1001165729", customer)
    print(client.customers.get("1001165729").vip, trustly_customers.__file__)
"""


class TrialError(Exception):
    """What was installed does not work; the text is what the failing command said last."""


def installed(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Path:
    """Make an environment below a folder, install into it as uv is told to, and return where its commands are.

    Raises:
        TrialError: there was nothing that could be installed.
    """
    place = folder / "environment"
    if not place.exists():
        run(folder, sys.executable, "-m", "uv", "--quiet", "venv", "--python", sys.executable, str(place))
    uv = (sys.executable, "-m", "uv", "--quiet", "pip", "install", "--python", str(place / BIN / "python"))
    run(folder, *uv, *arguments, environment=environment)
    return place / BIN


@contextmanager
def sandbox(folder: Path, commands: Path) -> Iterator[str]:
    """Run the installed sandbox over a file, and give its base URL."""
    command = [str(commands / "trustly-customers"), "sandbox", "--port", "0", "--store", "customers.db"]
    with subprocess.Popen(command, cwd=folder, env=clean(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
        try:
            line = process.stdout.readline()
            if not line.startswith(READY):
                raise TrialError("the installed sandbox did not start")
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def round_trip(folder: Path, commands: Path, base_url: str) -> None:
    """Update a customer through the installed client, and read it again.

    Raises:
        TrialError: it did not come back as it was set, or the package was not the installed one.
    """
    said = run(folder, str(commands / "python"), "-I", "-c", _ROUND_TRIP, base_url)
    vip, used = said.strip().split(" ", 1)
    if vip != "4" or not Path(used).is_relative_to(folder):
        raise TrialError(f"the customer came back with tier {vip}, by {used}")


def run(folder: Path, *command: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command that sees nothing of this project, and return what it printed; TrialError if it failed."""
    variables = clean() | {"UV_SYSTEM_CERTS": "1"} | dict(environment or {})
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TrialError((done.stderr or done.stdout).strip())
    return done.stdout


def clean() -> dict[str, str]:
    """Return the environment variables, without what points Python at the repository."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRUSTLY", "VIRTUAL_ENV"))
    }
