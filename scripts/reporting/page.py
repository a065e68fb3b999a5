"""The page of a run: one file without anything from elsewhere, to be read on a screen or on paper.

What a server said is untrusted. The template escapes all of it, and the page forbids the browser to run or to load
anything, whatever stands in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .breaks import Result, by_claim, errors_by_kind, tests_of

_OUTCOMES = ("broken", "finding", "held")


@dataclass(frozen=True)
class Mutants:
    """What `make mutants` found: how many of the servers with a defect were told from the right one."""

    told: Mapping[str, Any]
    when: datetime

    @property
    def all(self) -> list[Mapping[str, Any]]:
        """Those that were missed first, then by group."""
        return sorted(self.told["mutants"], key=lambda each: (each["caught"], each["group"], each["name"]))

    @property
    def caught(self) -> int:
        """How many of them were."""
        return sum(bool(each["caught"]) for each in self.told["mutants"])

    @property
    def groups(self) -> dict[str, tuple[int, int]]:
        """How many were caught, of how many, by group."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.told["mutants"]:
            caught, tried = found.get(each["group"], (0, 0))
            found[each["group"]] = caught + bool(each["caught"]), tried + 1
        return dict(sorted(found.items()))


def write(result: Result, file: Path, mutants: Path) -> None:
    """Write the page, with the mutants as they were last tried, if they were."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    known = result if "counts" in result else {**result, "failures": [], "findings": [], "errors": []}
    text = environment.get_template("page.html.jinja").render(
        result=known,
        broken=by_claim(known["failures"]),
        findings=by_claim(known["findings"]),
        errors=errors_by_kind(known["errors"]),
        tests=tests_of(known["counts"]) if "counts" in known else "",
        operations=_operations(known),
        statuses=_statuses(known),
        claims=_claims(known),
        mutants=_read(mutants),
    )
    file.write_text(text, encoding="utf-8")


def _operations(result: Result) -> list[str]:
    return sorted({name for claim in result.get("claims", ()) for name in claim["outcomes"]})


def _statuses(result: Result) -> dict[str, dict[str, int]]:
    """Return how often each status was seen, by status and operation."""
    found: dict[str, dict[str, int]] = {}
    for key, count in result.get("counts", {}).get("by_operation_and_status", {}).items():
        operation, _, status = key.rpartition(" ")
        found.setdefault(status, {})[operation] = count
    return dict(sorted(found.items()))


def _claims(result: Result) -> list[Mapping[str, Any]]:
    """Return the claims, each with its worst outcome: what is broken first, what nothing was asked about last."""
    claims = [{**claim, "worst": _worst(claim["outcomes"])} for claim in result.get("claims", ())]
    return sorted(claims, key=lambda claim: [*_OUTCOMES, ""].index(claim["worst"]))


def _worst(outcomes: Mapping[str, Mapping[str, int]]) -> str:
    seen = set(_all(outcomes))
    return next((outcome for outcome in _OUTCOMES if outcome in seen), "")


def _all(outcomes: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for counted in outcomes.values():
        yield from counted


def _read(mutants: Path) -> Mutants | None:
    """Return what was left of the last run of the mutants, if there was one."""
    try:
        told = json.loads(mutants.read_text(encoding="utf-8"))
        return Mutants(told, datetime.fromtimestamp(mutants.stat().st_mtime, UTC))
    except (FileNotFoundError, ValueError):  # none yet, or one that was cut off in the middle
        return None
