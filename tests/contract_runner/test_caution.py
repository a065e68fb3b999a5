"""What the gate in front of a server lets by, and how fast; each rule by itself, without a run."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace

import pytest
from tests.contract._caution import objection
from tests.contract._server import HeldBackError, Pace, Server
from tests.contract._spec import Spec
from tests.contract._target import REMOTE_RATE, Target, target_from
from tests.contract._wire import Request, basic

from ._command import ROOT, SPEC

_RIGHT = {"Authorization": basic("somebody", "s3cret")}
_WRONG = {"Authorization": basic("somebody", "another")}


@pytest.fixture(scope="module")
def remote() -> Target:
    settings = {
        "CONTRACT_BASE_URL": "https://customers.invalid/api/v1",
        "CONTRACT_CUSTOMER_IDS": "1,2",
        "TRUSTLY_ACCESS_ID": "somebody",
        "TRUSTLY_ACCESS_KEY": "s3cret",
    }
    return target_from(settings, Spec.load(SPEC))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request("DELETE", "/customers/1", _RIGHT), "method"),
        (Request("PUT", "/customers/1", _RIGHT, b"{}"), "method"),
        (Request("GET", "/customers/1", _WRONG), "lock"),
        (Request("POST", "/customers/1", _WRONG, b"{}"), "lock"),
        (Request("POST", "/customers/1", _RIGHT, b" " * 64 * 1024), "flood"),
    ],
)
def test_what_could_harm_a_real_environment_is_held_back_there_and_there_only(
    request_: Request, words: str, remote: Target
) -> None:
    assert words in objection(request_, remote)
    assert objection(request_, replace(remote, remote=False)) == ""
    with pytest.raises(HeldBackError, match=words):
        Server(remote, Pace(0)).connect().send(request_)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("headers", [_RIGHT, {}], ids=["right credentials", "none"])
def test_plain_requests_with_the_right_credentials_or_none_are_let_by(
    method: str, headers: dict[str, str], remote: Target
) -> None:
    assert objection(Request(method, "/customers/1", headers), remote) == ""


def test_read_only_holds_back_whatever_could_change_something_on_any_host(remote: Target) -> None:
    reading = replace(remote, remote=False, read_only=True)
    answers = {method: objection(Request(method, "/", _RIGHT), reading) for method in ("GET", "HEAD", "OPTIONS")}
    assert set(answers.values()) == {""}
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
        assert "read-only" in objection(Request(method, "/", _RIGHT), reading)


@pytest.mark.parametrize(
    ("base_url", "remote_setting", "is_remote", "rate"),
    [
        ("https://customers.invalid/api/v1", "", True, REMOTE_RATE),
        ("http://127.0.0.1:8086/api/v1", "", False, 0),
        ("http://[::1]:8086/api/v1", "", False, 0),
        ("http://localhost:8086/api/v1", "", False, 0),
        ("http://localhost.invalid/api/v1", "", True, REMOTE_RATE),
        # The near end of a tunnel looks like this machine.
        ("http://127.0.0.1:8086/api/v1", "1", True, REMOTE_RATE),
    ],
)
def test_any_host_but_this_machine_is_a_real_environment_and_so_is_one_that_is_said_to_be(
    base_url: str,
    remote_setting: str,
    is_remote: bool,  # noqa: FBT001 - a parameter of the test
    rate: float,
) -> None:
    found = target_from({"CONTRACT_BASE_URL": base_url, "CONTRACT_REMOTE": remote_setting}, Spec.load(SPEC))
    assert (found.remote, found.rate) == (is_remote, rate)


def test_requests_are_spread_evenly_whoever_sends_them() -> None:
    now, pauses = [100.0], list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    pace = Pace(4, clock=lambda: now[0], pause=pause)
    for _ in range(3):
        pace.wait()
    assert pauses == [0.25, 0.25]
    now[0] += 10
    pace.wait()
    pace.wait()
    assert pauses == [0.25, 0.25, 0.25], "time that nobody used is not made up for"


def test_no_rate_is_no_limit() -> None:
    paused = Counter[float]()
    pace = Pace(0, pause=lambda seconds: paused.update([seconds]))
    for _ in range(100):
        pace.wait()
    assert not paused


def test_the_check_imports_nothing_of_what_it_checks() -> None:
    imported = set[str]()
    for module in (ROOT / "tests" / "contract").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = node.names if isinstance(node, ast.Import) else []
            imported |= {name.name for name in names}
            if isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module or "")
    assert "anyio" in imported, "nothing was read"
    assert [name for name in imported if name.startswith("trustly")] == []
