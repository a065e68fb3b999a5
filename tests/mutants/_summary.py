"""What a run over the mutants comes to: lines for a person, `result.json` for machines, an exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ._verdict import Verdict
from .catalogue import MUTANTS, VARIANTS, is_mutant, named

SANDBOX = ""
"""The name under which the sandbox as it is goes along, whose check must hold."""


def line(verdict: Verdict) -> str:
    """Return what became of one server."""
    if not is_mutant(verdict.name):
        variant = f"{verdict.name}: " if verdict.name else ""
        text = VARIANTS[verdict.name].defect if verdict.name else "The sandbox as it is."
        return f"{verdict.seconds:6.1f} s  {variant}{_kept(verdict)}: {text}"
    defect = named(verdict.name).defect
    by = f"{verdict.layer}: {verdict.test} ({verdict.claim})" if verdict.caught else f"MISSED, {_missed(verdict)}"
    return f"{verdict.seconds:6.1f} s  {verdict.name}: {defect} {by}"


def _kept(verdict: Verdict) -> str:
    if verdict.held:
        return "kept the contract"
    why = f"{verdict.test} ({verdict.claim}) {verdict.message}" if verdict.claim else verdict.message
    return f"REFUSED, {verdict.status} {why}".rstrip()


def _missed(verdict: Verdict) -> str:
    return "everything held" if verdict.held else f"{verdict.status} with no claim: {verdict.message}"


def result(verdicts: Mapping[str, Verdict], seed: int) -> dict[str, Any]:
    """Return what `reports/mutants/result.json` holds, in the order of the catalogue."""
    order = [*MUTANTS, *sorted(verdicts.keys() - MUTANTS.keys()), *VARIANTS]
    mutants = [verdicts[name] for name in order if name in verdicts and is_mutant(name)]
    variants = [verdicts[name] for name in VARIANTS if name in verdicts]
    return {
        "mutants": [
            {**_told(one), "group": named(one.name).group, "defect": named(one.name).defect, "caught": one.caught}
            for one in mutants
        ],
        "variants": [{**_told(one), "variant": VARIANTS[one.name].defect, "held": one.held} for one in variants],
        "seed": seed,
    }


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "layer": verdict.layer,
        "test": verdict.test,
        "claim": verdict.claim,
        "seconds": verdict.seconds,
    }


def total(verdicts: Mapping[str, Verdict]) -> str:
    """Return how many mutants were caught, and by what, and how many variants were let through."""
    judged = [verdict for name, verdict in verdicts.items() if is_mutant(name)]
    by = Counter(verdict.layer for verdict in judged if verdict.caught)
    layers = ", ".join(f"{count} by {layer}" for layer, count in by.most_common())
    cpu = sum(verdict.cpu for verdict in judged)
    caught = f"{by.total()} of {len(judged)} mutants caught with {cpu:.0f} s of CPU: {layers or 'none'}"
    variants = [verdict.held for name, verdict in verdicts.items() if name in VARIANTS]
    return f"{caught}; {sum(variants)} of {len(variants)} variants kept the contract" if variants else caught


def exit_status(verdicts: Mapping[str, Verdict]) -> int:
    """Return 0 when the check holds for the sandbox as it is, for every variant and for no mutant."""
    return 0 if all(one.caught if is_mutant(name) else one.held for name, one in verdicts.items()) else 1
