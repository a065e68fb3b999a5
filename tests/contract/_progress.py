"""How far a run is: by layer for the report at its end, and told to the command that started it while it goes on.

The command reads JSON lines from a pipe. Losing one does no harm, so nothing here waits for a reader, or fails for
the want of one.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from ._ledger import LAYERS

_REQUESTS_A_LINE = 50


@dataclass
class Layer:
    """What became of the tests of one layer."""

    tests: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Progress:
    """Counts what happens, as a plugin of pytest; with a pipe it tells of it."""

    pipe: int | None = None
    requests: int = 0
    layers: dict[str, Layer] = field(default_factory=dict)
    _ended: int = 0
    _failed: str = ""
    _tests: int = 0

    @classmethod
    def from_environment(cls) -> Progress:
        """Return one that tells the pipe the command has named, or nobody."""
        number = os.environ.get("CONTRACT_PROGRESS")
        if not number:
            return cls()
        os.set_blocking(int(number), False)
        return cls(int(number))

    def sent(self) -> None:
        """Count a request."""
        self.requests += 1
        if self.requests % _REQUESTS_A_LINE == 0:
            self._tell()

    def by_layer(self) -> dict[str, dict[str, float]]:
        """Return the counts in the order that the layers are listed in."""
        known = [name for name in dict.fromkeys(LAYERS.values()) if name in self.layers]
        return {name: {**asdict(self.layers[name]), "seconds": round(self.layers[name].seconds, 2)} for name in known}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know how many tests there are."""
        self._tests = len(session.items)
        self._tell()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test once it is over, its fixtures included; others than the check's own may run beside it."""
        name = LAYERS.get(Path(report.nodeid.partition("::")[0]).stem)
        if name is None:
            return
        layer = self.layers.setdefault(name, Layer())
        layer.seconds += report.duration
        if report.failed and self._failed != report.nodeid:  # not once more for its fixtures
            self._failed = report.nodeid
            layer.failed += 1
        layer.skipped += report.skipped
        if report.when == "teardown":
            layer.tests += 1
            self._ended += 1
            self._tell()

    def _tell(self) -> None:
        if self.pipe is None:
            return
        failed = sum(layer.failed for layer in self.layers.values())
        told = {"tests": self._tests, "ended": self._ended, "requests": self.requests, "failed": failed}
        with suppress(OSError):
            os.write(self.pipe, json.dumps(told).encode() + b"\n")
