"""What a run leaves behind: `result.json` for machines, and the text of one broken claim for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ._ledger import Break, Ledger

_STATUS = {0: "passed", 1: "broken", 2: "not-run"}
"""What the exit status of pytest means; 2 is a run that was interrupted, others are no verdict."""


@dataclass(frozen=True)
class Report:
    """What is written when a run has come to its end."""

    folder: Path
    ledger: Ledger
    errors: Sequence[str]
    layers: Mapping[str, Mapping[str, float]]

    def finish(self, tests: int, exit_status: int, settings: Mapping[str, object]) -> None:
        """Record what was checked and what did not hold; without a verdict, what was not restored is still told."""
        if exit_status not in _STATUS:
            return
        result = {
            "status": _STATUS[exit_status],
            **settings,
            "counts": {
                "tests": tests,
                "requests": sum(self.ledger.requests.values()),
                "checks": sum(self.ledger.checks.values()),
                "by_operation_and_status": dict(sorted(self.ledger.requests.items())),
                "by_claim": dict(sorted(self.ledger.checks.items())),
                "by_layer": {
                    name: {**told, "requests": self.ledger.layers[name]} for name, told in self.layers.items()
                },
            },
            "left_out": dict(self.ledger.left_out),
            "claims": self.ledger.by_claim(),
            "not_restored": self.ledger.not_restored,
            "failures": [asdict(found) for found in self.ledger.failures],
            "errors": list(self.errors),
            "findings": [asdict(found) for found in self.ledger.findings.values()],
        }
        (self.folder / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def describe(found: Break) -> str:
    """Return a broken claim in a few lines: what, by which clause, and how to see it."""
    return (
        f"broken: {found.claim} ({found.provenance}): {found.text}\n"
        f"  what happened: {found.message} (status {found.status})\n"
        f"  to repeat it:  {found.request}"
    )
