"""What every command says and takes: JSON, and an error in one sentence."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

import typer


def fail(message: str, *, status: int = 1) -> NoReturn:
    """Say what is wrong, and end with a status: 2 for wrong arguments, 1 for the rest."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(status)


def say(text: str, *, end: str = "\n") -> None:
    """Print a text; what the console's encoding lacks is escaped."""
    encoding = _encoding()
    typer.echo(text.encode(encoding, "backslashreplace").decode(encoding) + end, nl=False)


def print_json(value: Any) -> None:
    """Print a value as JSON, for people."""
    say(_json(value, indent=2))


def print_json_line(value: Any) -> None:
    """Print a value as JSON on one line, for programs."""
    say(_json(value, separators=(",", ":")))


def _json(value: Any, **form: Any) -> str:
    """Return JSON that the console's encoding can write: with escapes of JSON's own where it lacks a character."""
    text = json.dumps(value, ensure_ascii=False, **form)
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return json.dumps(value, **form)
    return text


def _encoding() -> str:
    # Without a console, as under pythonw, there is no stdout; a program's stand-in for it may name no encoding.
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def read_object(file: typer.FileText) -> dict[str, Any]:
    """The JSON object that a file holds."""
    try:
        found = json.load(file)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        fail(f"{file.name} does not hold a JSON object", status=2)
    return found
