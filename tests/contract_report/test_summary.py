"""The terminal's summary, and the bar before it."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

from rich.console import Console
from tests.contract._wire import Request

from reporting import progress, summary
from reporting.breaks import command_of

from . import _runs

TOLD = [json.dumps({"tests": 4, "ended": ended, "requests": 1050, "failed": 1}) + "\n" for ended in range(5)]


def printed(result: dict[str, object]) -> list[str]:
    """Return the summary's lines in a terminal that is too narrow for a request."""
    output = io.StringIO()
    summary.show(result, Path("reports"), Console(file=output, width=40))
    return output.getvalue().splitlines()


def test_a_contract_that_is_held_is_told_with_what_was_checked() -> None:
    lines = printed(_runs.held())
    assert lines[0] == "Contract held: a sandbox of its own"
    assert [line.split() for line in lines[2:5]] == [
        ["layer", "tests", "failed", "skipped", "requests", "seconds"],
        ["conformance", "2", "0", "0", "322", "2.3"],
        ["tables", "240", "0", "0", "3,700", "3.1"],
    ]
    assert "  getCustomer: 2262 x 200, 47 x 401" in lines
    assert "242 tests, 4,022 requests" in lines
    assert "38,941 checks of 1 claims" in lines
    assert "Broken" not in "".join(lines)


def test_a_broken_claim_is_told_once_by_its_smallest_request_in_one_line_to_copy() -> None:
    lines = printed(_runs.broken())
    assert lines[0] == "Contract BROKEN: a sandbox of its own"
    assert [line for line in lines if line.startswith(("Broken", "Finding"))] == [
        "Broken: set-fields (documented)",
        "Broken: no-store (documented)",
        f"{summary.FINDING}: keep-omitted (inferred)",
    ]
    told = lines[lines.index("Broken: set-fields (documented)") :]
    assert told[1:5] == [
        "  The text of set-fields.",
        "  what happened: vip came back changed (status 200)",
        "  found by:      test_model and 1 more tests (tables, model)",
        "  to repeat it:  curl -X POST --data-binary '{}'",
    ]
    assert f"  to repeat it:  curl {'x' * 400}" in lines
    assert lines[lines.index(f"{summary.FINDING}: keep-omitted (inferred)") + 5] == (
        "  in the spec:   in x-contract, say what it does instead"
    )


def test_customers_that_are_not_as_they_were_and_tests_that_could_not_tell_are_told() -> None:
    result = {**_runs.held(), "status": "broken", "not_restored": "not as before: 17"}
    result |= {"errors": ["test_x: OSError", "test_y[a: b]: OSError"], "left_out": {"it takes a socket": 3}}
    lines = printed(result)
    assert "  left out 3 times: it takes a socket" in lines
    assert "The customers are not as before: 17; put them right by hand" in lines
    assert "Could not be told: OSError in 2 tests, first in test_x" in lines


def test_the_command_that_repeats_a_run_is_a_line_of_shell_that_make_understands(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("contract:\n\t@env\n", encoding="utf-8")
    settings = {**_runs.SETTINGS, "customer_ids": "it's,$HOME,a%2Fb"}
    command = command_of(_runs.broken(), settings)
    said = subprocess.run(["/bin/bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    given = dict(line.partition("=")[::2] for line in said.splitlines())
    wanted = {"BASE_URL": settings["base_url"], "CUSTOMER_IDS": settings["customer_ids"]}
    wanted |= {"SCOPE": "all", "PROFILE": "fast", "SEED": "20190419"}
    assert {name: given.get(name) for name in wanted} == wanted
    assert "SPEC" not in command


def test_the_bar_counts_tests_requests_and_failures() -> None:
    output = io.StringIO()
    progress.show(TOLD, Console(file=output, force_terminal=True, color_system=None, width=100))
    assert "4/4 tests, 1,050 requests, 1 failed" in output.getvalue()


def test_where_nobody_looks_there_is_no_bar() -> None:
    output = io.StringIO()
    progress.show(TOLD, Console(file=output, force_terminal=False))
    assert output.getvalue().strip() == ""


def test_a_request_with_control_characters_is_told_in_a_line_that_sends_the_same_bytes() -> None:
    request = Request("GET", "/customers/1", {"X-Odd": "a\x1b[31m'\\b\x7f\u202e"})
    line = request.as_curl()
    assert line.isprintable()
    word = line.partition("-H ")[2].partition(' "$BASE_URL"')[0]
    said = subprocess.run(["/bin/bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
    assert said.stdout == f"X-Odd: {request.headers['X-Odd']}".encode()
