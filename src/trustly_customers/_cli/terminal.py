"""What every command says and takes: JSON, and an error in one sentence."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer


def fail(message: str, *, status: int = 1) -> NoReturn:
    """Say what is wrong, and end with a status: 2 for wrong arguments, 1 for the rest."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(status)


@contextmanager
def failing_as(sentence: str) -> Iterator[None]:
    """Tell what cannot be read or written in a sentence and the system's reason: a disk is full, a pipe is closed."""
    try:
        yield
        _flush()  # or its failure would come after everything, as a traceback
    except OSError as error:
        _give_output_up()
        fail(f"{sentence} ({error.strerror})")


def say(text: str, *, end: str = "\n", done: str | None = None) -> None:
    """Print a text; what the console's encoding lacks is escaped. Where that fails, `done` is told to be done."""
    encoding = _encoding()
    failure = "writing to standard output failed"
    with failing_as(f"{done}; {failure}" if done else failure):
        typer.echo(text.encode(encoding, "backslashreplace").decode(encoding) + end, nl=False)


def print_json(value: Any, *, done: str | None = None) -> None:
    """Print a value as JSON, for people; `done` as for `say`."""
    say(_json(value, indent=2), done=done)


def print_json_line(value: Any, *, done: str | None = None) -> None:
    """Print a value as JSON on one line, for programs; `done` as for `say`."""
    say(_json(value, separators=(",", ":")), done=done)


def _flush() -> None:
    if sys.stdout is not None:  # as it is under pythonw
        sys.stdout.flush()


def _give_output_up() -> None:
    """Drop what standard output does not take: Python would try again at the end, and end in a status of its own."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _json(value: Any, **form: Any) -> str:
    """Return JSON that the console's encoding can write: with escapes of JSON's own where it lacks a character."""
    text = json.dumps(value, ensure_ascii=False, **form)
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return json.dumps(value, **form)
    return text


def _encoding() -> str:
    # There may be no stdout, and a program's stand-in for it may name no encoding.
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def json_object(name: str) -> dict[str, Any]:
    """The JSON object of a file, in UTF-8 whatever the locale says, with a byte order mark or without; for `parser`.

    `-` is standard input. A name that no file has is not repeated: it may be what the file should hold.
    """
    from trustly_customers.sandbox import _json

    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no name"
        fail(f"the file cannot be read ({reason}); give the name of one, or - for standard input", status=2)
    try:
        found = _json.read(content.removeprefix(codecs.BOM_UTF8))
    except _json.NotStrictJSONError:
        found = None
    if not isinstance(found, dict):
        what = "<stdin>" if name == "-" else name
        fail(f"{what} does not hold a JSON object (strict JSON in UTF-8, each name once in an object)", status=2)
    return found
