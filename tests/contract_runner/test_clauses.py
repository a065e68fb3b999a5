"""A spec and a check that have grown apart: the check says which of them lacks what."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest
from tests.contract._ledger import Ledger, UnknownClauseError
from tests.contract._spec import Spec
from tests.contract._target import NotRunError, target_from

from ._command import ROOT, SPEC


def test_a_clause_that_the_spec_does_not_hold_is_named_with_what_to_do(seen: object) -> None:
    spec = Spec.load(SPEC)
    ledger = Ledger(spec, target_from({}, spec))
    with pytest.raises(UnknownClauseError, match="no clause no-such-clause, on which the check rests; give it back"):
        ledger.holds("no-such-clause", condition=True, message="", seen=seen)  # type: ignore[arg-type] # never looked at


@pytest.fixture
def seen() -> object:
    return object()


def test_generated_code_that_is_of_another_spec_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    # By its path: tests/contract has the same name.
    refuse = runpy.run_path(str(ROOT / "scripts" / "contract.py"))["_refuse_what_is_not_generated"]
    edited = tmp_path / "customers.yaml"
    shutil.copy(SPEC, edited)
    refuse(edited)
    edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    with pytest.raises(NotRunError, match="run `make generate` first"):
        refuse(edited)
