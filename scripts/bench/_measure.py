"""Times and ratios: rounds interleaved, so that a busy machine is busy for all alike, and their medians."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from trustly_api.contract import PROVIDER_SET
from trustly_customers._spec import document

CREDENTIALS = ("an-id", "a-key")
_EXAMPLES = document()["components"]["examples"]
ANSWER: dict[str, Any] = _EXAMPLES["CustomerResponse"]["value"]
(CUSTOMER,) = ANSWER.values()
UPDATE = {name: value for name, value in CUSTOMER.items() if name not in PROVIDER_SET["Customer"]}


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is to the baseline that `against` names; with no target it is only told."""

    name: str
    value: str
    against: str = ""
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether there is a target, and it is not met."""
        if self.ratio is None:
            return False
        too_much = self.at_most is not None and self.ratio > self.at_most
        return too_much or (self.at_least is not None and self.ratio < self.at_least)


def medians(measured: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Take each measurement once a round, and return the median of each."""
    found: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, measure in measured.items():
            found[name].append(measure())
    return {name: median(values) for name, values in found.items()}


def seconds_each(
    work: Callable[[], object], times: int, clock: Callable[[], float] = time.perf_counter
) -> Callable[[], float]:
    """Return a measurement: the seconds of one piece of work, over so many."""

    def measure() -> float:
        began = clock()
        for _ in range(times):
            work()
        return (clock() - began) / times

    return measure
