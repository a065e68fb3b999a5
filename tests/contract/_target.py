"""The server under test: where it is, who may speak to it, which customers may be changed, and how hard to try.

Also starts and stops a sandbox as its own process when no server is named, the way a user would.
"""

from __future__ import annotations

import ipaddress
import math
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import IO, cast
from urllib.parse import unquote_to_bytes, urlsplit

from ._spec import Spec

ROOT = Path(__file__).resolve().parents[2]
SCOPES = ("all", "documented")
PROFILES = ("fast", "full")
DEFAULT_SEED = 20190419
TIMEOUT = 20.0
REMOTE_RATE = 5.0
"""Requests a second to a real environment, where no other rate is asked for."""
SANDBOX_CREDENTIALS = ("sandbox", "sandbox")
_READY = "Sandbox ready at "
_IN_PROCESS = "http://in-process.invalid"
_SEED_BITS = 32
_STOP_SECONDS = 10


class NotRunError(Exception):
    """The check cannot be run; the text is one sentence for a person."""


@dataclass(frozen=True)
class Target:
    """Everything a run needs to know, read from the environment once."""

    base_url: str
    access_id: str
    access_key: str = field(repr=False)
    ids: tuple[str, ...]
    scope: str
    profile: str
    seed: int
    named: bool
    """Whether the caller named the server, rather than leaving the sandbox to us."""
    methods: frozenset[str]
    """The methods that the spec knows."""
    app: str = ""
    """`module:attribute` of an ASGI application that is run in process, in place of a server."""
    remote: bool = False
    """Whether this is a real environment, to be treated with care."""
    read_only: bool = False
    rate: float = 0.0
    """Requests a second at most, all of them together; 0 is no limit."""
    timeout: float = TIMEOUT
    """Seconds for which the server may keep silent."""

    @property
    def thorough(self) -> bool:
        return self.profile == "full"


@cache
def current_spec() -> Spec:
    """Return the spec to hold the server against; raise SpecError where it cannot be used."""
    return Spec.load(Path(os.environ.get("CONTRACT_SPEC") or ROOT / "openapi" / "customers.yaml"))


def target_from(environment: Mapping[str, str], spec: Spec) -> Target:
    """Read the run's settings; raise NotRunError for one that means nothing."""
    base_url, app = environment.get("CONTRACT_BASE_URL", "").rstrip("/"), environment.get("CONTRACT_APP", "")
    if app:
        base_url = _IN_PROCESS + spec.base_path
    named = bool(base_url)
    remote = named and not app and (environment.get("CONTRACT_REMOTE") == "1" or not is_loopback(base_url))
    profile = _one_of("PROFILE", environment, PROFILES, "fast")
    # Nobody is harmed by what an application in process is told.
    ours = SANDBOX_CREDENTIALS if app or not named else ("", "")
    return Target(
        base_url=base_url,
        access_id=(named and environment.get("TRUSTLY_ACCESS_ID")) or ours[0],
        access_key=(named and environment.get("TRUSTLY_ACCESS_KEY")) or ours[1],
        ids=_ids(environment.get("CONTRACT_CUSTOMER_IDS", "")) or (spec.example_ids if any(ours) else ()),
        scope=_one_of("SCOPE", environment, SCOPES, "documented" if named and not app else "all"),
        profile=profile,
        seed=_seed(environment.get("CONTRACT_SEED", ""), profile),
        named=named,
        methods=spec.methods,
        app=app,
        remote=remote,
        read_only=environment.get("CONTRACT_READ_ONLY") == "1",
        rate=_number("RATE", environment, REMOTE_RATE if remote else 0.0),
        timeout=_number("TIMEOUT", environment, TIMEOUT) or TIMEOUT,
    )


def _one_of(name: str, environment: Mapping[str, str], known: Sequence[str], default: str) -> str:
    value = environment.get(f"CONTRACT_{name}") or default
    if value not in known:
        raise NotRunError(f"{name}={value} is not known: use {' or '.join(known)}")
    return value


def _number(name: str, environment: Mapping[str, str], default: float) -> float:
    given = environment.get(f"CONTRACT_{name}", "")
    try:
        number = float(given) if given else default
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise NotRunError(f"{name}={given} is not a number from 0 upwards")
    return number


def is_loopback(base_url: str) -> bool:
    """Whether a URL's host is this machine."""
    try:
        host = urlsplit(base_url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def current_settings() -> Target:
    """Return this process's settings; cached, since a random seed must be the same one throughout."""
    return target_from(os.environ, current_spec())


def _ids(listed: str) -> tuple[str, ...]:
    try:
        return tuple(
            dict.fromkeys(unquote_to_bytes(part.strip()).decode() for part in listed.split(",") if part.strip())
        )
    except UnicodeDecodeError:
        raise NotRunError(
            "CUSTOMER_IDS holds bytes that are not UTF-8 once decoded: percent-encode each id as UTF-8"
        ) from None


def _seed(given: str, profile: str) -> int:
    if not given:
        return secrets.randbits(_SEED_BITS) if profile == "full" else DEFAULT_SEED
    if not given.isdecimal():
        raise NotRunError(f"SEED={given} is not a whole number")
    return int(given)


@contextmanager
def sandbox(python: str = sys.executable) -> Iterator[str]:
    """Run a sandbox on a free port while the block runs, and give its base URL; raise NotRunError if it cannot."""
    command = [python, "-m", "trustly_customers", "sandbox", "--port", "0"]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True, cwd=ROOT) as process,
    ):
        output = cast("IO[str]", process.stdout)
        try:
            line = output.readline()
            if not line.startswith(_READY):
                process.terminate()
                process.wait()
                complaints.seek(0)
                said = complaints.read().strip().splitlines()
                raise NotRunError(f"the sandbox did not start: {said[-1] if said else 'it said nothing'}")
            # A pipe that nobody reads fills up, and then the server stands still in the middle of a log line.
            threading.Thread(target=output.read, daemon=True).start()
            yield line.removeprefix(_READY).strip()
        finally:
            process.terminate()
            try:
                process.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def at(target: Target, base_url: str) -> Target:
    """Return the same run against another address."""
    return replace(target, base_url=base_url)
