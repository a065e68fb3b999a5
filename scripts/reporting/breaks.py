"""The breaks of a run, told once for each claim, and the command that shows them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Result = Mapping[str, Any]
"""What `result.json` holds."""


@dataclass(frozen=True)
class BrokenClaim:
    """A claim that did not hold, with the smallest request that shows it."""

    smallest: Mapping[str, Any]
    tests: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def what_happened(self) -> str:
        """What was wrong with the answer, and its status, if there was an answer."""
        status = self.smallest["status"]
        return f"{self.smallest['message']} ({f'status {status}' if status else 'no answer'})"


def by_claim(found: Sequence[Mapping[str, Any]]) -> list[BrokenClaim]:
    """Group what was found by its claim, in the order of finding."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for one in found:
        grouped.setdefault(one["claim"], []).append(one)
    return [
        BrokenClaim(
            min(breaks, key=lambda one: len(one["request"])),
            tuple(dict.fromkeys(one["test"] for one in breaks)),
            tuple(dict.fromkeys(one["layer"] for one in breaks)),
        )
        for breaks in grouped.values()
    ]


def tests_of(counts: Mapping[str, Any]) -> str:
    """Return how many tests were run, and of how many where the run ended before they all were."""
    ran = sum(layer["tests"] for layer in counts["by_layer"].values())
    return f"{ran:,} tests" if ran == counts["tests"] else f"{ran:,} of {counts['tests']:,} tests, ended early"


def errors_by_kind(errors: Sequence[str]) -> list[str]:
    """Return a line for each kind of error that kept a test from telling anything, with the first test it befell."""
    tests: dict[str, list[str]] = {}
    for error in errors:
        test, _, kind = error.rpartition(": ")
        tests.setdefault(kind, []).append(test)
    return [f"{kind} in {len(found)} tests, first in {found[0]}" for kind, found in tests.items()]


def command_of(result: Result, settings: Mapping[str, str]) -> str:
    """Return the command that sends the same requests again; credentials are left to the environment."""
    same = {**settings, **{name: str(result[name]) for name in ("scope", "profile", "seed") if name in result}}
    # make takes a dollar for the beginning of a variable.
    given = [shlex.quote(f"{name.upper()}={value}".replace("$", "$$")) for name, value in same.items() if value]
    return " ".join(["make contract", *given])
