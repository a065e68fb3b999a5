"""The command: what it prints, what it sends, and how it fails."""

from __future__ import annotations

import codecs
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from trustly_api.contract import SPEC_SHA256, SPEC_VERSION
from trustly_customers import __version__, provenance
from trustly_customers._cli import app

from . import _spec

CUSTOMER = _spec.example("CustomerResponse")["customer"]
COMMAND = CUSTOMER["customerId"]
ABROAD = "Łukasz Zażółć \U0001f600"
"""A name that few code pages can write."""
BLOCKED = """
import sys
sys.modules["typer"] = None
from trustly_customers.__main__ import main
main()
"""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTLY_ACCESS_ID", "id")
    monkeypatch.setenv("TRUSTLY_ACCESS_KEY", "zqkey")
    for name in ("TRUSTLY_ENVIRONMENT", "TRUSTLY_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sent(server: respx.MockRouter) -> list[Any]:
    """Let the server take updates, and return the list that they come into."""
    bodies: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"customer": {**CUSTOMER, "vip": "1"}})

    server["any"].mock(side_effect=answer)
    return bodies


def run(*arguments: str, text: str | bytes | None = None, charset: str = "utf-8") -> Result:
    return CliRunner(charset).invoke(app, list(arguments), input=text)


def required(customer: dict[str, Any]) -> dict[str, Any]:
    schema = _spec.document()["components"]["schemas"]["CustomerUpdate"]
    return {name: customer[name] for name in schema["required"]}


def test_get_prints_the_customer_as_json(sent: list[Any]) -> None:
    done = run("get", COMMAND)
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {**CUSTOMER, "vip": "1"}
    assert sent == []


def test_update_sends_the_required_properties_and_what_is_to_change(sent: list[Any], tmp_path: Path) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text('{"enrollDate": 1, "vip": "9"}', encoding="utf-8")
    done = run(
        "update", COMMAND, "--json", str(changes), "--set", "vip=2", "--set", "currency=a=b", "--remove", "taxId"
    )
    assert done.exit_code == 0, done.output
    assert sent == [{**required(CUSTOMER), "enrollDate": 1, "vip": "2", "currency": "a=b", "taxId": None}]
    assert json.loads(done.stdout)["customerId"] == CUSTOMER["customerId"]


def test_update_reads_standard_input(sent: list[Any]) -> None:
    assert run("update", COMMAND, "--json", "-", text='{"vip": null}').exit_code == 0
    assert sent == [{**required(CUSTOMER), "vip": None}]


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("name", ["-", "changes.json"])
def test_update_reads_utf_8_whatever_the_consoles_encoding(  # noqa: PLR0913, PLR0917 - three ways, and where to
    sent: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, mark: bytes, charset: str
) -> None:
    monkeypatch.chdir(tmp_path)
    content = mark + json.dumps({"name": ABROAD}, ensure_ascii=False).encode()
    Path("changes.json").write_bytes(content)
    done = run("update", COMMAND, "--json", name, text=content, charset=charset)
    assert done.exit_code == 0, done.output
    assert [body["name"] for body in sent] == [ABROAD]


@pytest.mark.parametrize(
    ("arguments", "text", "told"),
    [
        ((), None, "nothing to change"),
        (("--set", "zqsecret"), None, "--set wants NAME=TEXT"),
        (("--json", "-"), "[1]", "does not hold a JSON object"),
        (("--json", "-"), "zqsecret", "does not hold a JSON object"),
        (("--json", "-"), b'{"vip": "zqsecret\xf3"}', "does not hold a JSON object (strict JSON in UTF-8"),
        (("--json", "-"), '{"vip": "1"}'.encode("utf-16"), "does not hold a JSON object (strict JSON in UTF-8"),
        (("--json", "-"), '{"vip": "1", "vip": "zqsecret"}', "each name once"),
        (("--json", "-"), '{"customData": {"zqsecret": 1, "zqsecret": 2}}', "each name once"),
        (("--json", "-"), '{"customData": {"zqsecret": NaN}}', "strict JSON"),
        (("--json", "-"), '{"address": "zqsecret"}', "not of the type"),
        (("--set", "name="), None, "name"),
        (("--set", "enrollDate=zqsecret"), None, "enroll"),
        (("vip=zqsecret", "taxId=zqsecret"), None, "give changes as --set NAME=TEXT"),
        (("--json", '{"taxId": "zqsecret"}'), None, "cannot be read (No such file or directory); give the name of one"),
        (("--json", "zqsecret\0"), None, "cannot be read (that is no name)"),
        (("--set", "vipp=zqsecret"), None, "vipp is no property of a customer; did you mean vip? What"),
        (("--set", "tax_id=zqsecret"), None, "did you mean taxId?"),
        (("--remove", "tax_id"), None, "did you mean taxId?"),
        (("--set", "address.city=zqsecret"), None, "address.city is no property of a customer; "),
        (
            ("--remove", "zzz"),
            None,
            "names are those of JSON, such as taxId. What the specification does not name is set by --json",
        ),
    ],
)
def test_a_change_that_cannot_be_is_told_without_its_value_and_nothing_is_sent(
    arguments: tuple[str, ...], text: str | bytes | None, told: str, sent: list[Any]
) -> None:
    done = run("update", COMMAND, *arguments, text=text)
    assert done.exit_code in {1, 2}
    assert told in done.stderr
    assert done.stderr.startswith("error: ")
    assert "zqsecret" not in done.output
    assert sent == []


def test_an_update_that_is_interrupted_may_have_been_applied_and_says_so(server: respx.MockRouter) -> None:
    answers = iter([httpx.Response(200, json={"customer": CUSTOMER})])
    server["any"].mock(side_effect=lambda _: next(answers, None) or interrupt())
    done = run("update", COMMAND, "--set", "vip=2")
    assert done.exit_code == 130
    assert done.stderr.startswith("error: interrupted; whether the update was applied is not known")


def interrupt() -> httpx.Response:
    raise KeyboardInterrupt


def test_a_failure_is_one_sentence_and_no_traceback(server: respx.MockRouter) -> None:
    server["any"].respond(404, json={"errors": [{"domain": "d", "code": 200, "message": "zqsecret"}]})
    done = run("get", COMMAND)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: GET /customers/{customerId} was answered with 404")
    assert done.stderr.count("\n") == 1
    assert "zqsecret" not in done.stderr


def test_missing_credentials_are_told_by_the_names_of_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRUSTLY_ACCESS_KEY")
    done = run("get", COMMAND)
    assert done.exit_code == 1
    assert "TRUSTLY_ACCESS_KEY must be set" in done.stderr


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
@pytest.mark.parametrize("arguments", [("get", COMMAND), ("update", COMMAND, "--set", "vip=2")])
def test_a_customer_that_the_console_cannot_show_is_printed_with_escapes(
    server: respx.MockRouter, arguments: tuple[str, ...], charset: str
) -> None:
    server["any"].respond(json={"customer": {**CUSTOMER, "name": ABROAD}})
    done = run(*arguments, charset=charset)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout_bytes.isascii()
    assert json.loads(done.stdout)["name"] == ABROAD


def test_a_customer_that_the_console_can_show_is_printed_without_escapes(server: respx.MockRouter) -> None:
    server["any"].respond(json={"customer": {**CUSTOMER, "name": ABROAD}})
    assert ABROAD in run("get", COMMAND).stdout


def test_base_url_beats_the_environment(server: respx.MockRouter) -> None:
    done = run("get", COMMAND, "--base-url", "https://elsewhere.example/v1")
    assert done.exit_code == 0
    assert server.calls.last.request.url.host == "elsewhere.example"


def test_the_version_names_package_specification_and_hash() -> None:
    assert run("--version").stdout == (
        f"trustly-customers {__version__}, {provenance()}\nspec {SPEC_VERSION}, sha256 {SPEC_SHA256}\n"
    )


def test_without_the_extra_the_command_says_how_to_get_it() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'trustly-customers[sandbox]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "customerId=5"), "only the provider sets customerId"),
        (("--set", "taxId=zqvalue", "--remove", "taxId"), "both name taxId"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused(options: tuple[str, ...], words: str) -> None:
    done = CliRunner().invoke(app, ["update", COMMAND, *options])
    assert done.exit_code == 2
    assert words in done.stderr
    assert "zqvalue" not in done.stderr
