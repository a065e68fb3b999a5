"""A check that cannot be run says why in one sentence, ends in 2, and never looks like one that held."""

from __future__ import annotations

import html
import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from ._command import ROOT, SPEC, Ended
from ._command import run as run_in
from ._server import answering, silent

pytestmark = pytest.mark.thorough  # a process each

CREDENTIALS = {"TRUSTLY_ACCESS_ID": "somebody", "TRUSTLY_ACCESS_KEY": "s3cret-key-of-nobody"}
IDS = {"CUSTOMER_IDS": "1002580963,1001165729"}
SERVER = {**CREDENTIALS, **IDS}
_NOT_RUN = 2

Run = Callable[[Mapping[str, str]], Ended]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return partial(run_in, folder=tmp_path)


def assert_not_run(ended: Ended, *words: str) -> None:
    assert ended.status == _NOT_RUN, ended
    assert ended.result["status"] == "not-run"
    assert ended.said == f"error: {ended.result['reason']}\n", "one sentence, the same in both places"
    assert [word for word in words if word not in ended.said] == []
    assert "Traceback" not in ended.said + ended.printed
    assert ended.result["reason"] in html.unescape((ended.reports / "index.html").read_text(encoding="utf-8"))
    assert CREDENTIALS["TRUSTLY_ACCESS_KEY"] not in ended.everything


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_server_that_is_not_there_is_named(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}/api/v1"
    assert_not_run(run({**SERVER, "BASE_URL": url}), url, "cannot be reached")


def test_a_server_that_hangs_is_not_waited_for_for_ever(run: Run) -> None:
    with silent() as origin:
        ended = run({**SERVER, "BASE_URL": f"{origin}/api/v1", "TIMEOUT": "0.2"})
    assert_not_run(ended, origin, "gave no answer", "TimeoutError")


@pytest.mark.parametrize(
    "name", ["no.such.module:app", "tests.contract_runner.applications:nothing", "tests.contract_runner.applications"]
)
def test_an_application_that_is_not_there_is_named(name: str, run: Run) -> None:
    assert_not_run(run({"APP": name, "PYTHONPATH": str(ROOT)}), name, "no ASGI application")


def test_an_application_of_other_customers_is_not_checked(run: Run) -> None:
    application = "tests.contract_runner.applications:sandbox"
    assert_not_run(run({"APP": application, "CUSTOMER_IDS": "1,2", "PYTHONPATH": str(ROOT)}), "customer 1 does not")


def test_a_base_url_without_its_path_is_told_what_it_lacks(run: Run) -> None:
    with answering(404, b"{}") as origin:
        assert_not_run(run({**SERVER, "BASE_URL": origin}), "/api/v1", "404")


def test_refused_credentials_are_told_apart_from_a_broken_server(run: Run) -> None:
    with answering(401, b"{}") as origin:
        assert_not_run(run({**SERVER, "BASE_URL": f"{origin}/api/v1"}), "credentials", "TRUSTLY_ACCESS_KEY")


def test_a_customer_that_does_not_exist_is_named(run: Run) -> None:
    with answering(404, b"{}") as origin:
        assert_not_run(run({**SERVER, "BASE_URL": f"{origin}/api/v1"}), "1002580963", "does not exist")


def test_a_server_of_something_else_is_not_checked(run: Run) -> None:
    with answering(200, b"<html>") as origin:
        assert_not_run(run({**SERVER, "BASE_URL": f"{origin}/api/v1"}), "does not seem to serve this API")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SCOPE": "everything"}, ["SCOPE=everything", "all or documented"]),
        ({"PROFILE": "slow"}, ["PROFILE=slow", "fast or full"]),
        ({"SEED": "-1x"}, ["SEED=-1x"]),
        ({**SERVER, "BASE_URL": "127.0.0.1:8086"}, ["BASE_URL is no base URL"]),
        ({**SERVER, "BASE_URL": "http://127.0.0.1:port/api/v1"}, ["BASE_URL is no base URL"]),
        ({"RATE": "fast"}, ["RATE=fast", "number"]),
        ({"TIMEOUT": "-1"}, ["TIMEOUT=-1", "number"]),
        ({**IDS, "BASE_URL": "http://127.0.0.1:1/api/v1"}, ["no credentials", "TRUSTLY_ACCESS_ID"]),
        ({**CREDENTIALS, "BASE_URL": "http://127.0.0.1:1/api/v1"}, ["CUSTOMER_IDS", "at least two"]),
        ({**SERVER, "CUSTOMER_IDS": "1,%FF", "BASE_URL": "http://127.0.0.1:1/api/v1"}, ["CUSTOMER_IDS", "UTF-8"]),
        ({**SERVER, "BASE_URL": "https://api.trustly.one/api/v1", "REMOTE": "1"}, ["live environment"]),
        ({**SERVER, "BASE_URL": "https://trustly.one/api/v1", "REMOTE": "1"}, ["live environment"]),
        ({**SERVER, "BASE_URL": "https://customers.invalid/api/v1"}, ["not this machine", "REMOTE=1"]),
        ({**SERVER, "BASE_URL": "http://customers.invalid/api/v1", "REMOTE": "1"}, ["https"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_settings_that_mean_nothing_or_harm_are_refused_before_anything_is_sent(
    settings: dict[str, str], words: list[str], run: Run
) -> None:
    assert_not_run(run(settings), *words)


def test_a_spec_that_does_not_parse_is_named_with_the_line(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.1.1\npaths: [\n", encoding="utf-8")
    assert_not_run(run({"SPEC": str(broken)}), str(broken), "does not parse", "line")


def test_a_spec_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    assert_not_run(run({"SPEC": str(tmp_path / "none.yaml")}), "none.yaml", "cannot be read")


def test_a_path_parameter_without_an_example_ends_the_run_instead_of_blinding_it(run: Run, tmp_path: Path) -> None:
    spec = SPEC.read_text(encoding="utf-8")
    copy = tmp_path / "no example.yaml"
    copy.write_text(spec.replace("      example: '1002580963'\n", ""), encoding="utf-8")
    assert copy.read_text(encoding="utf-8") != spec
    assert_not_run(run({"SPEC": str(copy)}), "customerId has no example")


IN_THE_TESTS = "import os, signal, sys\nif 'CONTRACT_REPORTS' in os.environ:\n    "
"""Begins a module that does something in the process alone that runs the tests."""
RAISING = """
    class Finder:
        def find_spec(self, name, *_):
            if name == "hypothesis":
                raise type("ZqError", (Exception,), {})("zqsecret")
    sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "the process that runs it was ended by SIGKILL"),
        ("os._exit(3)", "the process that runs it ended with status 3"),
        ("sys.modules['hypothesis'] = None", "ModuleNotFoundError: No module named 'hypothesis"),
        (f"pass{RAISING}", "ZqError was raised"),
    ],
    ids=["killed", "left", "a module is missing", "an error of another's"],
)
def test_a_check_that_fails_itself_says_why(statement: str, words: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(IN_THE_TESTS + statement, encoding="utf-8")
    ended = run({"PYTHONPATH": str(tmp_path)})
    assert_not_run(ended, f"the check itself failed: {words}", "; its output is in ", "pytest.log")
    assert "zqsecret" not in ended.said


def test_what_ends_the_check_in_its_own_process_is_told_as_it_would_be_before(run: Run, tmp_path: Path) -> None:
    application = (
        f"{IN_THE_TESTS}raise RuntimeError('zqsecret')\nfrom tests.contract_runner.applications import sandbox"
    )
    (tmp_path / "one_process.py").write_text(application, encoding="utf-8")
    ended = run({"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "APP": "one_process:sandbox"})
    assert_not_run(ended, "the check itself failed: APP=one_process:sandbox gives no ASGI application (RuntimeError)")
    assert "zqsecret" not in ended.said
