"""Runs the contract check against each mutant of tests/mutants: the command behind `make mutants`.

Prints which test of which layer caught each, and writes reports/mutants/result.json. Ends in 1 when one is missed, or
when the check does not hold for the sandbox as it is, since it would then catch anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.contract._target import DEFAULT_SEED  # noqa: E402 - found through the line above
from tests.mutants._verdict import Verdict, verdicts  # noqa: E402 - as above
from tests.mutants.catalogue import GROUPS, MUTANTS  # noqa: E402 - as above

REPORTS = ROOT / "reports" / "mutants"


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the mutants, report, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="mutants or groups; all, when none is named")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or DEFAULT_SEED))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    names = [name for name, one in MUTANTS.items() if not options.names or {name, one.group} & {*options.names}]
    if not names:
        parser.error(f"there is no such mutant; the groups are {', '.join(GROUPS)}")
    started = time.monotonic()
    console = Console(width=160, highlight=False, soft_wrap=True)
    found = {}
    for verdict in verdicts(["", *names], seed=options.seed, workers=options.workers):
        found[verdict.name] = verdict
        if not verdict.name or verdict.caught:
            continue
        console.print(f"missed: {verdict.name} ({verdict.status}) {verdict.message}", markup=False)
    return _report(console, found, options.seed, time.monotonic() - started)


def _report(console: Console, found: dict[str, Verdict], seed: int, seconds: float) -> int:
    twin = found.pop("")
    mutants = [_told(found[name]) for name in MUTANTS if name in found]
    REPORTS.mkdir(parents=True, exist_ok=True)
    result = {"mutants": mutants, "seed": seed}
    (REPORTS / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    table = Table("defect", "caught by", "test", "claim", "s", box=None)
    for one in mutants:
        caught_by = one["layer"] if one["caught"] else "nothing"
        table.add_row(one["defect"], caught_by, one["test"], one["claim"], f"{one['seconds']:.1f}")
    console.print(table, markup=False)
    caught = sum(one["caught"] for one in mutants)
    console.print(f"{caught} of {len(mutants)} mutants caught in {seconds:.0f} s (seed {seed})")
    if twin.status != "passed":
        console.print(f"The sandbox as it is: {twin.status}, {twin.test} {twin.message}", markup=False)
    return 0 if twin.status == "passed" and caught == len(mutants) else 1


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


if __name__ == "__main__":
    sys.exit(main())
