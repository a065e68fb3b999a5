"""What the sandbox counts. Plain numbers until somebody asks; `exposition` then puts them into Prometheus's words.

No label holds what a caller chose: operations are the spec's, statuses HTTP's, faults the catalogue's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from trustly_customers.sandbox._api.exchange import Exchange

NO_OPERATION = "none"
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper ends of the histogram's buckets, in seconds; one without an end comes after them."""


class Gauges(NamedTuple):
    """What is read off at the moment of asking."""

    updates_committed: int
    journal_requests: int
    journal_bytes: int


@dataclass(slots=True)
class Durations:
    """How long requests took."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many fell into each bucket and into none before it."""
    seconds: float = 0.0
    """Of all of them together."""


class Metrics:
    """Counts of one application."""

    def __init__(self, operations: Iterable[str], gauges: Callable[[], Gauges]) -> None:
        self.gauges = gauges
        self.requests: Counter[tuple[str, int | None]] = Counter()
        self.faults: Counter[str] = Counter()
        self.durations = {name: Durations() for name in (*operations, NO_OPERATION)}

    def record(self, exchange: Exchange, status: int | None, seconds: float) -> None:
        """Count one request; the status is None when nothing was sent."""
        operation = NO_OPERATION if exchange.operation is None else exchange.operation.id
        self.requests[operation, status] += 1
        durations = self.durations[operation]
        durations.buckets[bisect_left(BOUNDS, seconds)] += 1
        durations.seconds += seconds
        for fault in exchange.faults:
            self.faults[fault] += 1
