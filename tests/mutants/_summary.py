"""What a run over the mutants comes to: lines for a person, `result.json` for machines, an exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ._verdict import Verdict
from .catalogue import MUTANTS

SANDBOX = ""
"""The name under which the sandbox as it is goes along, whose check must hold."""


def line(verdict: Verdict) -> str:
    """Return what became of one mutant."""
    if verdict.name == SANDBOX:
        found = f"{verdict.status} {verdict.test} {verdict.message}".rstrip()
        return f"{verdict.seconds:6.1f} s  the sandbox as it is: {found}"
    defect = MUTANTS[verdict.name].defect
    by = f"{verdict.layer}: {verdict.test} ({verdict.claim})" if verdict.caught else f"MISSED, {_missed(verdict)}"
    return f"{verdict.seconds:6.1f} s  {verdict.name}: {defect} {by}"


def _missed(verdict: Verdict) -> str:
    return "everything held" if verdict.status == "passed" else f"{verdict.status} with no claim: {verdict.message}"


def result(verdicts: Mapping[str, Verdict], seed: int) -> dict[str, Any]:
    """Return what `reports/mutants/result.json` holds, in the order of the catalogue."""
    return {"mutants": [_told(verdicts[name]) for name in MUTANTS if name in verdicts], "seed": seed}


def _told(verdict: Verdict) -> dict[str, Any]:
    mutant = MUTANTS[verdict.name]
    return {
        "name": mutant.name,
        "group": mutant.group,
        "defect": mutant.defect,
        "caught": verdict.caught,
        "layer": verdict.layer,
        "test": verdict.test,
        "claim": verdict.claim,
        "seconds": verdict.seconds,
    }


def total(verdicts: Mapping[str, Verdict]) -> str:
    """Return how many were caught, and by what."""
    judged = [verdict for name, verdict in verdicts.items() if name != SANDBOX]
    by = Counter(verdict.layer for verdict in judged if verdict.caught)
    layers = ", ".join(f"{count} by {layer}" for layer, count in by.most_common())
    cpu = sum(verdict.cpu for verdict in judged)
    return f"{by.total()} of {len(judged)} mutants caught with {cpu:.0f} s of CPU: {layers or 'none'}"


def exit_status(verdicts: Mapping[str, Verdict]) -> int:
    """Return 0 when the check holds for the sandbox as it is and for no mutant."""
    held = verdicts[SANDBOX].status == "passed"
    return 0 if held and all(verdict.caught for name, verdict in verdicts.items() if name != SANDBOX) else 1
