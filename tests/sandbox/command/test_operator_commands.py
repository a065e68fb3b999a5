"""The commands that ask a running sandbox."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from trustly_customers import APIConnectionError, NotFoundError, Trustly
from trustly_customers.sandbox import Sandbox

from .conftest import Run

ONE = "1002580963"
EXAMPLES = ["1001165729", ONE]
ABROAD = "Łukasz"
"""What few code pages can write, as an id and as a name."""


@pytest.fixture
def client(shared: Sandbox, namespace: str) -> Any:
    with Trustly(f"sandbox~{namespace}", "sandbox", transport=shared.transport()) as made:
        yield made


def listed(run: Run) -> list[str]:
    done = run("customers", "list")
    assert done.exit_code == 0, done.output
    return [json.loads(line)["customerId"] for line in done.stdout.splitlines()]


def test_status_and_metrics_are_told(offline: Run, url: str) -> None:
    assert offline("status", "--url", url).stdout == "ready\n"
    done = offline("metrics", "--url", url)
    assert done.exit_code == 0
    assert "trustly_sandbox_requests_total" in done.stdout


def test_customers_are_created_shown_replaced_and_deleted(run: Run, components: Any) -> None:
    update = components["examples"]["CustomerUpdate"]["value"]
    assert listed(run) == EXAMPLES
    done = run("customers", "create", "-", text=json.dumps({**update, "customerId": "a/b"}))
    assert done.exit_code == 0, done.output
    assert run("customers", "show", "a/b").stdout == done.stdout
    required = {name: update[name] for name in components["schemas"]["CustomerUpdate"]["required"]}
    replaced = json.loads(run("customers", "replace", "a/b", "-", text=json.dumps(required)).stdout)
    assert replaced.keys() == {*required, "customerId", "createdAt", "updatedAt"}
    assert listed(run) == [*EXAMPLES, "a/b"]
    assert run("customers", "delete", "a/b").exit_code == 0
    assert listed(run) == EXAMPLES


def test_reset_brings_the_examples_back(run: Run) -> None:
    run("customers", "delete", ONE)
    assert run("reset").exit_code == 0
    assert listed(run) == EXAMPLES


def test_snapshots_are_taken_listed_restored_and_deleted(run: Run) -> None:
    assert run("snapshots", "take", "before").exit_code == 0
    run("customers", "delete", ONE)
    assert run("snapshots", "list").stdout == "before\n"
    assert run("snapshots", "restore", "before").exit_code == 0
    assert listed(run) == EXAMPLES
    assert run("snapshots", "delete", "before").exit_code == 0
    assert run("snapshots", "list").stdout == ""


def test_requests_are_a_table_without_bodies(run: Run, client: Trustly) -> None:
    client.customers.modify(ONE, tax_id="zqsecret")
    done = run("requests")
    assert done.exit_code == 0
    assert "zqsecret" not in done.stdout
    head, *rows = done.stdout.splitlines()
    assert head.split()[:3] == ["id", "time", "(UTC)"]
    assert [row.split()[2:6] for row in rows] == [
        ["GET", "getCustomer", ONE, "200"],
        ["POST", "updateCustomer", ONE, "200"],
    ]


def test_requests_are_json_lines_masked_unless_asked_otherwise(run: Run, client: Trustly) -> None:
    client.customers.modify(ONE, tax_id="zqsecret")
    done = run("requests", "--json", "--operation", "updateCustomer", "--status", "200", "--customer", ONE)
    (entry,) = map(json.loads, done.stdout.splitlines())
    assert entry["body"]["taxId"] == "***"
    assert "zqsecret" not in done.stdout
    unmasked = run("requests", "--unmask", "--limit", "1")
    assert json.loads(unmasked.stdout)["body"]["taxId"] == "zqsecret"
    assert run("requests", "--json", "--status", "none").stdout == ""
    after = run("requests", "--json", "--after", str(entry["id"]))
    assert (after.exit_code, after.stdout) == (0, "")


def test_waiting_ends_in_0_when_enough_came_and_in_1_when_not(run: Run, client: Trustly) -> None:
    client.customers.get(ONE)
    assert run("requests", "--wait", "60").exit_code == 0
    done = run("requests", "--wait", "1", "--count", "2", "--json")
    assert done.exit_code == 1
    assert done.stderr == "error: 1 of 2 requests came within 1 seconds\n"
    assert json.loads(done.stdout)["operation"] == "getCustomer"


def test_faults_are_added_by_name_listed_met_and_cleared(run: Run, client: Trustly) -> None:
    options = ("--times", "2", "--customer", ONE, "--operation", "getCustomer", "--fraction", "1", "--seed", "7")
    added = json.loads(run("faults", "add", "reset-before", "latency", *options).stdout)
    assert added.items() >= {"times": 2, "customerId": ONE, "operation": "getCustomer", "seed": 7}.items()
    assert [json.loads(line) for line in run("faults", "list").stdout.splitlines()] == [added]
    with pytest.raises(APIConnectionError):
        client.with_options(max_retries=0).customers.get(ONE)
    entry = json.loads(run("requests", "--json").stdout)
    assert (entry["status"], entry["faults"]) == (None, ["reset-before", "latency"])
    assert json.loads(run("faults", "add", "no-answer", "--always").stdout)["times"] is None
    assert run("faults", "clear").exit_code == 0
    assert run("faults", "list").stdout == ""


def test_a_whole_rule_comes_from_a_file_and_the_catalogue_has_the_names(run: Run, offline: Run, url: str) -> None:
    rule = {"faults": [{"name": "status", "status": 503, "retryAfter": 2}], "times": 5}
    done = run("faults", "add", "--json", "-", text=json.dumps(rule))
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["times"] == 5
    names = {json.loads(line)["name"] for line in offline("faults", "catalogue", "--url", url).stdout.splitlines()}
    assert {"answer-lost", "status"} <= names


@pytest.mark.parametrize(
    ("arguments", "text", "told", "status"),
    [
        (("faults", "add", "zqsecret"), None, "answer-lost", 1),
        (("customers", "show", "zqsecret"), None, "There is no such customer.", 1),
        (("customers", "show", ".."), None, "cannot be an identifier", 1),
        (("customers", "show", "\udcff"), None, "cannot be an identifier", 1),
        (("customers", "show", "zq" * 35_000), None, "too long", 1),
        (("customers", "delete", "zqsecret"), None, "There is no such customer.", 1),
        (("customers", "create", "-"), "{}", "/name: required", 1),
        (("customers", "create", "-"), '{"name": "zqsecret\\ud800"}', "strict JSON", 2),
        (("customers", "create", "-"), '{"name": "zq", "name": "zqsecret"}', "each name once", 2),
        (("customers", "replace", ONE, "-"), b'{"name": "zqsecret\xf3"}', "in UTF-8", 2),
        (("customers", "create", "-"), "[zqsecret", "does not hold a JSON object", 2),
        (("customers", "replace", ONE, "-"), '{"name": "zqsecret"}', "/address: required", 1),
        (("snapshots", "restore", "zqsecret"), None, "There is no such snapshot.", 1),
        (("snapshots", "take", "zq secret"), None, "1 to 64", 1),
        (("requests", "--status", "zqsecret"), None, "must be a whole number from 100 to 599", 1),
        (("faults", "add"), None, "name faults", 2),
        (("faults", "add", "--json", "-"), "{}", "The rule must have faults", 1),
        (("faults", "add", "a", "--json", "-"), "{}", "name faults", 2),
        (("faults", "add", "--json", "-"), '{"times": 1, "faults": ["zqsecret"], "times": 2}', "each name once", 2),
    ],
)
def test_what_cannot_be_done_is_one_sentence_without_a_value(
    run: Run, arguments: tuple[str, ...], text: str | bytes | None, told: str, status: int
) -> None:
    done = run(*arguments, text=text)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "zq" not in done.stderr


def test_credentials_come_from_the_environment_and_the_option_beats_its_namespace(
    offline: Run, url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTLY_ACCESS_ID", f"sandbox~{namespace}")
    offline("customers", "delete", ONE, "--url", url)
    assert offline("customers", "show", ONE, "--url", url).exit_code == 1
    assert offline("customers", "show", ONE, "--url", url, "--namespace", f"{namespace}2").exit_code == 0
    monkeypatch.setenv("TRUSTLY_ACCESS_KEY", "zqsecret")
    done = offline("reset", "--url", url)
    assert (done.exit_code, done.stderr) == (1, "error: The access id or the access key is missing or wrong.\n")


@pytest.mark.parametrize("variable", ["TRUSTLY_ACCESS_ID", "TRUSTLY_ACCESS_KEY"])
def test_credentials_that_are_no_unicode_are_refused(
    offline: Run, url: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "zqsecret\udcff")
    done = offline("reset", "--url", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: the access id, its namespace and the access key must be valid Unicode\n"


@pytest.mark.parametrize(
    ("where", "told", "status"),
    [
        ("http://127.0.0.1:1", "no sandbox answers at http://127.0.0.1:1 (ConnectError)", 1),
        ("http://192.0.2.1", "plain http", 2),
        ("zqsecret", "must be a URL", 2),
    ],
)
def test_a_sandbox_that_is_not_there_is_one_sentence(offline: Run, where: str, told: str, status: int) -> None:
    done = offline("status", "--url", where)
    assert done.exit_code == status
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert "zqsecret" not in done.stderr


@pytest.mark.parametrize(
    "content", [b"<html>zqsecret", b"[1]", b'{"ok": 1}', b'{"error": ["zqsecret"], "customers": 7}']
)
@pytest.mark.parametrize("status", [200, 500])
def test_another_server_is_said_to_be_no_sandbox(
    offline: Run, url: str, monkeypatch: pytest.MonkeyPatch, content: bytes, status: int
) -> None:
    answer: Callable[..., httpx.Response] = lambda *_, **__: httpx.Response(status, content=content)  # noqa: E731
    monkeypatch.setattr(httpx.Client, "request", answer)
    done = offline("status", "--url", url)
    assert done.exit_code == 1
    assert f"with status {status}, is no sandbox" in done.stderr
    assert "zqsecret" not in done.stderr


def test_an_option_of_the_server_before_a_command_is_refused(offline: Run) -> None:
    done = offline("--port", "1", "status")
    assert done.exit_code == 2
    assert "--port before a command" in done.stderr


@pytest.mark.parametrize("command", [("reset",), ("customers", "list"), ("faults", "clear")])
def test_an_empty_namespace_is_refused_and_not_taken_for_the_one_without_a_name(
    offline: Run, url: str, command: tuple[str, ...]
) -> None:
    done = offline(*command, "--url", url, "--namespace", "")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--namespace must not be empty" in done.stderr


def test_an_operation_that_is_not_there_is_refused_and_not_taken_for_silence(run: Run) -> None:
    done = run("requests", "--operation", "updateCustomers")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "getCustomer, updateCustomer" in done.stderr


def test_a_fault_for_some_requests_and_for_all_is_refused(run: Run) -> None:
    done = run("faults", "add", "reset-before", "--times", "2", "--always")
    assert done.exit_code == 2
    assert "not both" in done.stderr
    assert run("faults", "list").stdout == ""


def test_options_beside_a_whole_rule_change_it(run: Run) -> None:
    done = run("faults", "add", "--json", "-", "--times", "2", text='{"faults": ["reset-before"], "times": 5}')
    assert json.loads(done.stdout)["times"] == 2


def test_a_table_that_a_program_reads_is_not_cut(run: Run, client: Trustly) -> None:
    client.with_options(max_retries=0).customers.modify("1002580963", vip="2")
    assert "updateCustomer" in run("requests").stdout


@pytest.mark.parametrize(
    "command",
    [
        ("customers", "show", ABROAD),
        ("customers", "list"),
        ("customers", "replace", ABROAD, "-"),
        ("faults", "add", "latency", "--customer", ABROAD),
        ("requests", "--unmask"),
    ],
)
def test_what_the_console_cannot_show_is_printed_with_escapes(
    run: Run, client: Trustly, components: Any, command: tuple[str, ...]
) -> None:
    customer = {**components["examples"]["CustomerUpdate"]["value"], "customerId": ABROAD, "name": ABROAD}
    run("customers", "replace", ABROAD, "-", text=json.dumps(customer))
    client.customers.get(ABROAD)
    done = run(*command, text=json.dumps(customer), charset="cp1252")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout_bytes.isascii()
    assert json.dumps(ABROAD) in done.stdout


def test_a_table_that_the_console_cannot_show_is_printed_with_escapes(run: Run, client: Trustly) -> None:
    with pytest.raises(NotFoundError):
        client.customers.get(ABROAD)
    done = run("requests", charset="cp1252")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "\\u0141ukasz" in done.stdout


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_files_are_read_as_utf_8_whatever_the_consoles_encoding(run: Run, components: Any, mark: bytes) -> None:
    customer = {**components["examples"]["CustomerUpdate"]["value"], "customerId": ABROAD, "name": ABROAD}
    content = mark + json.dumps(customer, ensure_ascii=False).encode()
    for command in (("create", "-"), ("replace", ABROAD, "-")):
        done = run("customers", *command, text=content, charset="cp1252")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["name"] == ABROAD
    rule = mark + json.dumps({"faults": ["latency"], "customerId": ABROAD}, ensure_ascii=False).encode()
    assert json.loads(run("faults", "add", "--json", "-", text=rule, charset="cp1252").stdout)["customerId"] == ABROAD
