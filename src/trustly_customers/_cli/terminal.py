"""What every command says and takes: JSON, and an error in one sentence."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import typer


def fail(message: str, *, status: int = 1) -> NoReturn:
    """Say what is wrong, and end with a status: 2 for wrong arguments, 1 for the rest."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(status)


def print_json(value: Any) -> None:
    """Print a value as JSON, for people."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_line(value: Any) -> None:
    """Print a value as JSON on one line, for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def read_object(file: typer.FileText) -> dict[str, Any]:
    """The JSON object that a file holds."""
    try:
        found = json.load(file)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        fail(f"{file.name} does not hold a JSON object", status=2)
    return found
