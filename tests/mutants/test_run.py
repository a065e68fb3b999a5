"""A run over the mutants is red when one is missed, and when the sandbox itself does not pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ._mutant import ROOT
from ._summary import SANDBOX, exit_status, line, result, total
from ._verdict import Verdict

_HELD = Verdict(SANDBOX, "passed", 6.0, 5.0)
_CAUGHT = Verdict("name-null", "broken", 1.0, 0.9, "tables", "test_x[name]", "remove-with-null", "answered with 200")
_MISSED = Verdict("lost-update", "passed", 6.0, 5.0)
_FAILED = Verdict("cached", "broken", 6.0, 5.0, message="test_y: ValueError")


def _found(*verdicts: Verdict) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in verdicts}


def test_a_run_in_which_every_mutant_is_caught_is_green() -> None:
    assert exit_status(_found(_HELD, _CAUGHT)) == 0


@pytest.mark.parametrize("missed", [_MISSED, _FAILED, Verdict("cached", "pytest ended in 3", 1.0, 0.9)])
def test_a_run_in_which_no_claim_of_one_mutant_broke_is_red(missed: Verdict) -> None:
    assert exit_status(_found(_HELD, _CAUGHT, missed)) == 1
    assert "MISSED" in line(missed)


def test_a_run_in_which_the_sandbox_itself_does_not_pass_is_red() -> None:
    assert exit_status(_found(Verdict(SANDBOX, "broken", 1.0, 0.9, claim="x"), _CAUGHT)) == 1


def test_what_is_told_names_the_defect_and_what_caught_it() -> None:
    verdicts = _found(_HELD, _MISSED, _CAUGHT)
    told = result(verdicts, 7)
    assert told["seed"] == 7
    assert [one["caught"] for one in told["mutants"]] == [True, False]
    assert told["mutants"][0] == {
        "name": "name-null",
        "group": "validation",
        "defect": "A name of null is accepted, and removes it.",
        "caught": True,
        "layer": "tables",
        "test": "test_x[name]",
        "claim": "remove-with-null",
        "seconds": 1.0,
    }
    assert total(verdicts) == "1 of 2 mutants caught with 6 s of CPU: 1 by tables"


@pytest.mark.thorough
def test_the_command_catches_a_mutant_passes_the_sandbox_and_says_so(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "mutants" / "run.py"), "key-in-error", "--reports", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 of 1 mutants caught" in ended.stdout
    (told,) = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["mutants"]
    assert (told["name"], told["caught"], told["claim"]) == ("key-in-error", True, "no-echo")


def test_the_command_refuses_a_name_that_no_mutant_has() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "mutants" / "run.py"), "no-such-one"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "no-such-one" in ended.stderr
