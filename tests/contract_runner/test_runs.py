"""A run that comes to its end: what it says of a broken claim, of a finding, and what it leaves of the customers.

What is broken here is the spec: a copy promises what the sandbox does not know of.
"""

from __future__ import annotations

import html
import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.contract._spec import Spec
from tests.contract._target import SANDBOX_CREDENTIALS, sandbox
from tests.contract._wire import basic

from ._command import SPEC, Ended, reports_in, run, start

# Each run is the whole check.
pytestmark = pytest.mark.thorough

NEW_FIELD = "loyaltyNote"
_TAKEN = f"answer.customer.{NEW_FIELD}.type"
"""What is broken as well when a wrong value that was taken is read, while several callers write."""
_ANCHOR = "        vip:\n          type: [string, 'null']\n"
_BROKEN, _NOT_RUN = 1, 2
_SHORTEST_VALUE = 6


def with_one_more_field(folder: Path, *more: str) -> Path:
    """Write a copy of the spec with another optional field of the request and of the answer."""
    extra = "".join(f"          {line}\n" for line in more)
    field = "        {name}:\n          type: {type}\n          description: A note.\n{extra}"
    text = SPEC.read_text(encoding="utf-8")
    request = field.format(name=NEW_FIELD, type="[string, 'null']", extra=extra)
    answer = field.format(name=NEW_FIELD, type="string", extra=extra)
    changed = text.replace(_ANCHOR, request + _ANCHOR, 1)
    head, _, tail = changed.rpartition("        vip:\n          type: string\n")
    copy = folder / "one more.yaml"
    copy.write_text(f"{head}{answer}        vip:\n          type: string\n{tail}", encoding="utf-8")
    assert len(copy.read_text(encoding="utf-8")) == len(text) + len(request) + len(answer)
    return copy


def claims(broken: list[dict[str, Any]]) -> set[str]:
    return {one["claim"] for one in broken}


def outcomes(ended: Ended) -> dict[str, bool]:
    """Return for each test of the run whether it held."""
    cases = ET.parse(ended.reports / "junit.xml").iter("testcase")  # noqa: S314 - written by the run itself
    return {str(case.get("name")): case.find("failure") is None and case.find("error") is None for case in cases}


@pytest.fixture(scope="module")
def with_a_new_field(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("scope all")
    return run({"SPEC": str(with_one_more_field(folder))}, folder)


def test_a_broken_claim_ends_in_one_and_is_shown_with_a_request_that_repeats_it(with_a_new_field: Ended) -> None:
    claim = f"request.{NEW_FIELD}.type"
    assert "Not checked by any test of this run: https-only" in with_a_new_field.printed
    assert with_a_new_field.status == _BROKEN
    assert with_a_new_field.result["status"] == "broken"
    assert {claim} <= claims(with_a_new_field.result["failures"]) <= {claim, _TAKEN}
    assert {one["layer"] for one in with_a_new_field.result["failures"]} >= {"conformance", "tables"}
    shown = with_a_new_field.printed
    assert claim in shown
    assert f'"{NEW_FIELD}":' in shown
    assert 'curl --path-as-is -i -X POST -u "$TRUSTLY_ACCESS_ID:$TRUSTLY_ACCESS_KEY"' in shown


def test_the_page_tells_what_the_terminal_does_and_both_name_the_command_that_repeats_it(
    with_a_new_field: Ended,
) -> None:
    result, page = with_a_new_field.result, (with_a_new_field.reports / "index.html").read_text(encoding="utf-8")
    smallest = min((one["request"] for one in result["failures"]), key=len)
    told = [smallest, result["again"], f"request.{NEW_FIELD}.type"]
    assert [text for text in told if text not in html.unescape(page) or text not in with_a_new_field.printed] == []
    assert "SEED=20190419" in result["again"]
    assert "one more.yaml" in result["again"]


def test_every_layer_and_every_clause_is_accounted_for(with_a_new_field: Ended) -> None:
    result = with_a_new_field.result
    layers = result["counts"]["by_layer"]
    assert sum(layer["tests"] for layer in layers.values()) == result["counts"]["tests"]
    failed = {one["test"] for one in result["failures"]}
    assert sum(layer["failed"] for layer in layers.values()) == len(failed)
    assert {layer for layer, told in layers.items() if told["failed"]} == {one["layer"] for one in result["failures"]}
    outcomes = {one["claim"]: one["outcomes"] for one in result["claims"]}
    assert outcomes.keys() >= Spec.load(SPEC).clauses.keys()
    claim = f"request.{NEW_FIELD}.type"
    blamed = {one["test"] for one in result["failures"] if one["claim"] == claim}
    assert outcomes[claim]["updateCustomer"]["broken"] >= len(blamed) > 0


def test_a_new_field_of_the_spec_is_set_kept_removed_and_read_back_without_an_edit(with_a_new_field: Ended) -> None:
    held = {name for name, passed in outcomes(with_a_new_field).items() if passed and NEW_FIELD in name}
    assert {name.partition("[")[0] for name in held} == {
        "test_each_valid_value_is_set_and_read_back_and_no_other_customer_changes",
        "test_an_update_that_leaves_a_field_out_keeps_it",
        "test_null_removes_a_field_where_the_schema_allows_it_and_nothing_else",
        "test_a_text_may_be_as_long_as_a_body_allows",
    }


def test_no_report_shows_a_credential_or_what_a_customer_held(with_a_new_field: Ended) -> None:
    told = with_a_new_field.everything
    customer = json.loads(json.dumps(Spec.load(SPEC).raw["components"]["examples"]["CustomerResponse"]["value"]))
    values = {value for value in leaves(customer["customer"]) if len(value) >= _SHORTEST_VALUE}
    assert [value for value in values - {customer["customer"]["customerId"]} if value in told] == []
    assert basic(*SANDBOX_CREDENTIALS) not in told


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, str):
        yield value


def test_what_is_only_inferred_is_a_finding_in_the_documented_scope(tmp_path: Path) -> None:
    spec = with_one_more_field(tmp_path, "x-provenance: inferred")
    ended = run({"SPEC": str(spec), "SCOPE": "documented"}, tmp_path)
    assert (ended.status, ended.result["status"]) == (0, "passed"), ended.printed
    assert ended.result["failures"] == []
    assert {f"request.{NEW_FIELD}.type"} <= claims(ended.result["findings"]) <= {f"request.{NEW_FIELD}.type", _TAKEN}
    assert "Finding" in ended.printed
    changes = {one["change"] for one in ended.result["findings"]}
    assert any(f"the schema of the request, `type` at `{NEW_FIELD}`" in change for change in changes)
    assert [change for change in changes if change not in ended.printed] == []


def test_an_interrupted_run_puts_the_customers_back_and_is_no_verdict(tmp_path: Path) -> None:
    ids = Spec.load(SPEC).example_ids
    with sandbox() as base_url:
        before = [read(base_url, customer_id) for customer_id in ids]
        settings = {"BASE_URL": base_url, "CUSTOMER_IDS": ",".join(ids)}
        settings |= dict(zip(("TRUSTLY_ACCESS_ID", "TRUSTLY_ACCESS_KEY"), SANDBOX_CREDENTIALS, strict=True))
        with start(settings, tmp_path) as process:
            while process.poll() is None and read(base_url, ids[0])["name"] == before[0]["name"]:
                pass
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate()
        after = [read(base_url, customer_id) for customer_id in ids]
    result = json.loads((reports_in(tmp_path) / "result.json").read_text(encoding="utf-8"))
    assert (process.returncode, result["status"]) == (_NOT_RUN, "not-run")
    assert "interrupted" in said
    assert after[0]["updatedAt"] > before[0]["updatedAt"], "it was interrupted too early to prove anything"
    assert [{**state, "updatedAt": 0} for state in after] == [{**state, "updatedAt": 0} for state in before]


def read(base_url: str, customer_id: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the sandbox's own address
        f"{base_url}/customers/{customer_id}", headers={"Authorization": basic(*SANDBOX_CREDENTIALS)}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        found: dict[str, Any] = json.load(answer)["customer"]
    return found
