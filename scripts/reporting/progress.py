"""The bar that shows how far a run is, where somebody looks at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


def show(lines: Iterable[str], console: Console) -> None:
    """Follow the lines that tests/contract tells, to their end; where the console is no terminal, show nothing."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("tests, {task.fields[requests]:,} requests, {task.fields[failed]} failed"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, requests=0, failed=0)
        for line in lines:
            told = json.loads(line)
            bar.update(
                task,
                total=told["tests"],
                completed=told["ended"],
                requests=told["requests"],
                failed=told["failed"],
            )
