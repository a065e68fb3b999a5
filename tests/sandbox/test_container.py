"""The Dockerfile, as far as it can be held to its word without a container engine."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ._process import TIMEOUT, running

ROOT = Path(__file__).resolve().parents[2]
ID, KEY = "TRUSTLY_SANDBOX_ACCESS_ID", "TRUSTLY_SANDBOX_ACCESS_KEY"


def instructions() -> dict[str, str]:
    """What the Dockerfile says, by its words; each is there once."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    assert len({word for word, _ in lines}) == len(lines)
    return dict(lines)


def command(instruction: str) -> list[str]:
    """The command of an instruction, with this interpreter in place of the image's."""
    program, *arguments = json.loads(instruction[instruction.index("[") :])
    assert program == "python"
    return [sys.executable, *arguments]


def status(*words: str) -> int:
    return subprocess.run(words, capture_output=True, timeout=TIMEOUT, check=False).returncode


@pytest.fixture
def _own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ID, "an-id")
    monkeypatch.setenv(KEY, "a-key")


def test_it_runs_as_nobody_in_particular() -> None:
    user, group = instructions()["USER"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert f"--owner={user} --group={group} {instructions()['VOLUME']}" in instructions()["RUN"]


def test_its_health_check_tells_a_sandbox_that_serves_from_one_that_is_gone() -> None:
    *start, code = command(instructions()["HEALTHCHECK"])
    assert f":{instructions()['EXPOSE']}/" in code
    with running() as sandbox:
        here = code.replace(instructions()["EXPOSE"], str(urlsplit(sandbox.base_url).port))
        assert status(*start, here) == 0
    assert status(*start, here) != 0


@pytest.mark.usefixtures("_own_credentials")
def test_it_serves_others_with_credentials_of_its_own_from_the_environment(tmp_path: Path) -> None:
    options = command(instructions()["ENTRYPOINT"])[4:]
    store = json.loads(instructions()["CMD"])
    assert store == ["--store", f"{instructions()['VOLUME']}/customers.db"]
    with running(*options, "--store", str(tmp_path / "customers.db")) as sandbox:
        path = urlsplit(sandbox.base_url).path + "/customers/1002580963"
        head = f"GET {path} HTTP/1.1\r\nHost: s\r\nAuthorization: Basic {{}}\r\n\r\n"
        for pair, expected in (("an-id:a-key", 200), ("sandbox:sandbox", 401)):
            request = head.format(base64.b64encode(pair.encode()).decode())
            assert sandbox.exchange(request.encode()).status == expected


@pytest.mark.parametrize("given", [{}, {ID: "an-id"}, {ID: "an-id", KEY: ""}])
def test_it_does_not_start_without_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name in (ID, KEY):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert status(*command(instructions()["ENTRYPOINT"]), "--port", "0") == 1


def test_what_it_is_made_from_is_let_in_and_pinned_as_the_tests_have_it() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in re.findall(r"/context/(\S+)", instructions()["RUN"]) if name not in let_in] == []
    tested = pins("dev")
    assert pins("sandbox").items() <= tested.items()


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE))
