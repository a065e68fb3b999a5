"""Runs the contract check against each mutant of tests/mutants: the command behind `make mutants`.

Prints which test of which layer caught each, and writes reports/mutants/result.json. Ends in 1 when one is missed, or
when the check does not hold for the sandbox as it is, or for a variant that keeps the contract in another way, since it
would then catch anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.contract._target import DEFAULT_SEED  # noqa: E402 - found through the line above
from tests.mutants import _summary as summary  # noqa: E402 - as above
from tests.mutants import drawn  # noqa: E402 - as above
from tests.mutants._verdict import Verdict, verdicts  # noqa: E402 - as above
from tests.mutants.catalogue import SERVERS, is_mutant  # noqa: E402 - as above


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the mutants, report, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", help="mutants, variants or groups, `variants` among them; all, when none is named"
    )
    parser.add_argument("--drawn", type=int, metavar="COUNT", help="instead, so many whose defect the seed draws")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or DEFAULT_SEED))
    # One more than there are processors: a run waits for its server now and then, above all for a slow mutant's.
    parser.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1)
    parser.add_argument("--reports", type=Path, default=ROOT / "reports" / "mutants", help="folder for result.json")
    options = parser.parse_args(arguments)
    groups = list(dict.fromkeys(one.group for one in SERVERS.values()))
    unknown = {name for name in options.names if not is_mutant(name)} - {*SERVERS, *groups}
    if unknown:
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}; the groups are {', '.join(groups)}")
    names = [name for name in options.names if name not in {*SERVERS, *groups}]
    if options.drawn is not None:
        names += drawn.names(options.drawn, seed=options.seed)
    else:
        every = not options.names
        names += [name for name, one in SERVERS.items() if every or {name, one.group} & {*options.names}]
    started = time.monotonic()
    found: dict[str, Verdict] = {}
    for verdict in verdicts([summary.SANDBOX, *names], seed=options.seed, workers=options.workers):
        found[verdict.name] = verdict
        print(summary.line(verdict), flush=True)
    options.reports.mkdir(parents=True, exist_ok=True)
    told = json.dumps(summary.result(found, options.seed), indent=1)
    (options.reports / "result.json").write_text(told + "\n", encoding="utf-8")
    print(f"{summary.total(found)}; {time.monotonic() - started:.0f} s, seed {options.seed}")
    return summary.exit_status(found)


if __name__ == "__main__":
    sys.exit(main())
