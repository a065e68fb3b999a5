"""Customers as JSON Lines: one customer a line, each held to the spec before it goes anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._api.records import MAX_CUSTOMER, RecordError, Records
from trustly_customers.sandbox._errors import SandboxError

MAX_LINE = 2 * MAX_CUSTOMER
"""Bytes. A customer may be written with more blanks and escapes than it is kept with."""

Refused = Callable[[int, str], None]
"""Is told the number of a line and what is wrong with it; what it raises ends the reading."""


class LineError(SandboxError):
    """A line holds no customer."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}; nothing was imported (--skip-invalid leaves such lines out)")


def refuse(number: int, reason: str) -> None:
    """Let a line that holds no customer end the reading: raise LineError."""
    raise LineError(number, reason)


def read_lines(
    source: BinaryIO, records: Records, refused: Refused, read: Callable[[int], None]
) -> Iterator[tuple[str, bytes]]:
    """The id and the text of each customer. Blank lines are passed over; `read` is told the bytes of every line."""
    for number, line in enumerate(_lines(source), 1):
        read(len(line))
        if len(line) > MAX_LINE:
            refused(number, f"longer than {MAX_LINE} bytes")
        elif not line.isspace():
            try:
                yield records.record(_json.read(line))
            except _json.NotStrictJSONError:
                refused(number, "not one strict JSON text in UTF-8")
            except RecordError as error:
                refused(number, str(error).rstrip("."))


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Each line; of one that is too long only so much that it is seen to be."""
    while line := source.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = source.readline(MAX_LINE + 1)
