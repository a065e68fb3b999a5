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
_KEPT = Verdict("v-pretty", "passed", 6.0, 5.0)
_REFUSED = Verdict("v-more", "broken", 1.0, 0.9, "tables", "test_z", "set-fields", "tags came back changed")
_FAILED = Verdict("cached", "broken", 6.0, 5.0, message="test_y: ValueError")


def _found(*verdicts: Verdict) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in verdicts}


def test_a_run_in_which_every_mutant_is_caught_is_green() -> None:
    assert exit_status(_found(_HELD, _CAUGHT, _KEPT)) == 0


@pytest.mark.parametrize("missed", [_MISSED, _FAILED, Verdict("cached", "pytest ended in 3", 1.0, 0.9)])
def test_a_run_in_which_no_claim_of_one_mutant_broke_is_red(missed: Verdict) -> None:
    assert exit_status(_found(_HELD, _CAUGHT, missed)) == 1
    assert "MISSED" in line(missed)


def test_a_run_in_which_the_sandbox_itself_does_not_pass_is_red() -> None:
    assert exit_status(_found(Verdict(SANDBOX, "broken", 1.0, 0.9, claim="x"), _CAUGHT)) == 1


@pytest.mark.parametrize("refused", [_REFUSED, Verdict("v-more", "pytest ended in 3", 1.0, 0.9)])
def test_a_run_in_which_the_check_does_not_hold_for_a_variant_is_red(refused: Verdict) -> None:
    assert exit_status(_found(_HELD, _CAUGHT, _KEPT, refused)) == 1
    assert "REFUSED" in line(refused)


def test_variants_are_told_apart_from_the_mutants_and_not_counted_among_them() -> None:
    verdicts = _found(_HELD, _REFUSED, _KEPT, _CAUGHT)
    told = result(verdicts, 7)
    assert [one["name"] for one in told["mutants"]] == ["name-null"]
    assert [(one["name"], one["held"]) for one in told["variants"]] == [("v-more", False), ("v-pretty", True)]
    assert told["variants"][0] == {
        "name": "v-more",
        "variant": "Answers hold properties that nobody knows.",
        "held": False,
        "layer": "tables",
        "test": "test_z",
        "claim": "set-fields",
        "seconds": 1.0,
    }
    assert total(verdicts) == "1 of 1 mutants caught with 1 s of CPU: 1 by tables; 1 of 2 variants kept the contract"
    assert line(_KEPT).endswith("kept the contract: Answers are written over several lines, with escapes.")


def test_what_is_told_names_the_defect_and_what_caught_it() -> None:
    verdicts = _found(_HELD, _MISSED, _CAUGHT)
    told = result(verdicts, 7)
    assert told["seed"] == 7
    by_name = {one["name"]: one for one in told["mutants"]}
    assert {name: one["caught"] for name, one in by_name.items()} == {"name-null": True, _MISSED.name: False}
    assert by_name["name-null"] == {
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
    command = [sys.executable, str(ROOT / "scripts" / "mutants" / "run.py"), "key-in-error", "v-pretty", "--reports"]
    command.append(str(tmp_path))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 of 1 mutants caught" in ended.stdout
    found = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    ((told,), (variant,)) = found["mutants"], found["variants"]
    assert (variant["name"], variant["held"]) == ("v-pretty", True)
    assert (told["name"], told["caught"], told["claim"]) == ("key-in-error", True, "no-echo")


def test_the_command_refuses_a_name_that_no_mutant_has() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "mutants" / "run.py"), "no-such-one"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "no-such-one" in ended.stderr
