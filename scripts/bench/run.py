"""Runs all measurements and prints one table. Ends in 1 when a target is missed.

Trust the ratios, not the times: each is taken against a baseline of the same minute. `python scripts/bench/run.py`,
some 4 minutes in all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import Row


def report(measured: Mapping[str, Callable[[], list[Row]]]) -> int:
    """Measure, print, and return the exit status."""
    table = Table("measured", "", "ratio", "target", box=None)
    missed = False
    for title, rows in measured.items():
        table.add_row(f"[bold]{title}")
        for row in rows():
            missed = missed or row.is_missed
            table.add_row(row.name, row.value, _ratio(row), _target(row))
    Console(width=130).print(table)
    return 1 if missed else 0


def _ratio(row: Row) -> str:
    if row.ratio is None:
        return ""
    text = f"{row.ratio:.2f}"
    return f"[red]{text} missed" if row.is_missed else text


def _target(row: Row) -> str:
    if row.at_most is not None:
        return f"at most {row.at_most:g} of {row.against}"
    if row.at_least is not None:
        return f"at least {row.at_least:g} of {row.against}"
    return row.against and f"to {row.against}"


if __name__ == "__main__":
    from bench import concurrency, footprint, sandbox, shared_store, update

    measured = {
        "update": update.rows,
        "32 in flight": concurrency.rows,
        "footprint": footprint.rows,
        "sandbox": sandbox.rows,
        "shared store": shared_store.rows,
    }
    sys.exit(report(measured))
