"""A real environment, played by the sandbox: what it is sent, how fast, what it is left with, and what is told."""

from __future__ import annotations

import base64
import json
import signal
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract._caution import REMOTE
from tests.contract._spec import Spec
from tests.contract._wire import SAFE_METHODS, basic
from tests.mutants._mutant import Answer, Call, Server

from ._command import SPEC, reports_in, run, start
from ._server import serving
from .applications import Defect, Recorder

pytestmark = pytest.mark.thorough

_ID, _KEY = "merchant-4711", "k3y-of-nobody-at-all"
_RIGHT = basic(_ID, _KEY)
_IDS = Spec.load(SPEC).example_ids
_SHORTEST_VALUE = 4
_RATE = 50
_FEW = 5


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Settings for a server that is said to be remote, and has credentials of its own."""
    monkeypatch.setenv("RECORD_TO", str(tmp_path / "requests"))
    with serving(Recorder(access_id=_ID, access_key=_KEY)) as origin:
        yield {
            "BASE_URL": f"{origin}/api/v1",
            "CUSTOMER_IDS": ",".join(_IDS),
            "TRUSTLY_ACCESS_ID": _ID,
            "TRUSTLY_ACCESS_KEY": _KEY,
            "REMOTE": "1",
            "RATE": "2000",
        }


def recorded(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "requests").read_text(encoding="utf-8").splitlines()]


def customers(settings: dict[str, str]) -> list[dict[str, Any]]:
    """Return what the server holds, but for the time of the last update."""
    found = []
    for customer_id in _IDS:
        request = urllib.request.Request(  # noqa: S310 - the test's own server
            f"{settings['BASE_URL']}/customers/{customer_id}", headers={"Authorization": _RIGHT}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
            found.append(json.load(answer)["customer"] | {"updatedAt": 0})
    return found


def values_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from values_in(item)
    elif isinstance(value, str) and len(value) >= _SHORTEST_VALUE:
        yield value


def test_a_real_environment_is_sent_nothing_that_locks_floods_or_deletes_and_is_left_as_it_was(
    remote: dict[str, str], tmp_path: Path
) -> None:
    before = customers(remote)
    ended = run({**remote, "SCOPE": "all"}, tmp_path)
    assert (ended.status, ended.result["status"]) == (0, "passed"), ended.printed
    requests = recorded(tmp_path)
    sent = {dict(one["headers"]).get("authorization") for one in requests}
    assert sent == {_RIGHT, None}
    assert {one["method"] for one in requests} == {"GET", "POST", "HEAD", "OPTIONS"}
    assert max(len(base64.b64decode(one["body"])) for one in requests) < 32 * 1024
    assert customers(remote) == before
    assert {*REMOTE.values()} <= ended.result["left_out"].keys()
    assert all(f"left out {count} times: {why}" in ended.printed for why, count in ended.result["left_out"].items())


def test_read_only_mode_sends_nothing_but_reads_and_keeps_the_pace_with_every_request(
    remote: dict[str, str], tmp_path: Path
) -> None:
    ended = run({**remote, "READ_ONLY": "1", "RATE": str(_RATE)}, tmp_path)
    assert (ended.status, ended.result["status"]) == (0, "passed"), ended.printed
    requests = recorded(tmp_path)
    assert {one["method"] for one in requests} <= SAFE_METHODS
    assert ended.result["counts"]["by_layer"].keys() == {"conformance", "tables"}
    # A lower bound, which no busy machine breaks; without those of schemathesis it would be far off.
    assert requests[-1]["at"] - requests[0]["at"] > 0.9 * (len(requests) - 1) / _RATE
    assert "read-only mode changes no customer" in ended.result["left_out"]


def with_a_claim_that_does_not_hold(folder: Path) -> Path:
    """Write a copy of the spec that wants shorter e-mail addresses than the sandbox does."""
    text = SPEC.read_text(encoding="utf-8")
    first = text.index("        email:\n")
    changed = text[:first] + text[first:].replace("minLength: 1", "minLength: 1\n          maxLength: 3", 1)
    copy = folder / "short addresses.yaml"
    copy.write_text(changed, encoding="utf-8")
    return copy


def test_no_report_shows_a_credential_or_what_a_real_customer_holds(remote: dict[str, str], tmp_path: Path) -> None:
    before = customers(remote)
    ended = run({**remote, "SPEC": str(with_a_claim_that_does_not_hold(tmp_path))}, tmp_path)
    assert ended.status == 1, ended.printed
    assert ended.result["failures"], "nothing was told that could show anything"
    told = ended.everything
    assert [secret for secret in (_KEY, _ID, _RIGHT, _RIGHT.partition(" ")[2]) if secret in told] == []
    held = {value for customer in before for value in values_in(customer)} - {*_IDS}
    assert [value for value in held if value in told] == []


def on_the_live_host(folder: Path) -> Path:
    """Write a copy of the spec whose production server is this machine."""
    text = SPEC.read_text(encoding="utf-8")
    copy = folder / "live.yaml"
    copy.write_text(text.replace("https://api.trustly.one/api/v1", "http://127.0.0.1/api/v1"), encoding="utf-8")
    assert copy.read_text(encoding="utf-8") != text
    return copy


@pytest.mark.parametrize(
    "said", [{"REMOTE": ""}, {}, {"PRODUCTION": "1"}, {"REMOTE": "", "PRODUCTION": "127.0.0.1"}], ids=str
)
def test_the_live_environment_is_not_touched_unless_told_twice(
    said: dict[str, str], remote: dict[str, str], tmp_path: Path
) -> None:
    ended = run({**remote, "SPEC": str(on_the_live_host(tmp_path)), **said}, tmp_path)
    assert (ended.status, ended.result["status"]) == (2, "not-run")
    assert "live environment" in ended.said
    assert not (tmp_path / "requests").exists(), "it was sent something"


def test_the_live_environment_is_checked_with_all_the_care_when_told_twice(
    remote: dict[str, str], tmp_path: Path
) -> None:
    settings = {**remote, "SPEC": str(on_the_live_host(tmp_path)), "PRODUCTION": "127.0.0.1", "READ_ONLY": "1"}
    ended = run(settings, tmp_path)
    assert (ended.status, ended.result["status"]) == (0, "passed"), ended.printed


class LocksUp(Defect):
    """Fails each update after a few accepted ones, and says when that begins."""

    def __init__(self) -> None:
        super().__init__(access_id=_ID, access_key=_KEY)
        self.begun, self._updates = threading.Event(), 0

    async def answer(self, call: Call, server: Server) -> Answer:
        if not call.is_update or self._updates < _FEW:
            answer = await server(call)
            self._updates += call.is_update and answer.status == 200
            return answer
        self.begun.set()
        return Answer(status=503)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_run_names_the_customers_that_it_could_not_put_back(name: str, tmp_path: Path) -> None:
    application = LocksUp()
    with serving(application) as origin:
        settings = {"BASE_URL": f"{origin}/api/v1", "CUSTOMER_IDS": ",".join(_IDS), "REMOTE": "1", "RATE": "100"}
        settings |= {"TRUSTLY_ACCESS_ID": _ID, "TRUSTLY_ACCESS_KEY": _KEY}
        with start(settings, tmp_path) as process:
            application.begun.wait()
            process.send_signal(getattr(signal, name))
            _, said = process.communicate()
    result = json.loads((reports_in(tmp_path) / "result.json").read_text(encoding="utf-8"))
    assert (process.returncode, result["status"]) == (2, "not-run")
    told = f"interrupted before the end; the customers are not as before the run: {_IDS[0]} in"
    assert result["reason"].startswith(told)
    assert said == f"error: {result['reason']}\n"
