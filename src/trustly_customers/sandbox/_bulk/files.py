"""Files of customers, which are personal data."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from trustly_customers.sandbox._errors import SandboxError

MAX_HELD = 1 << 20
"""Bytes. What is put aside beyond this is in a temporary file."""
_SQLITE = b"SQLite format 3\0"


@contextmanager
def put_aside(records: Iterable[tuple[str, bytes]]) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Take all records, ids and texts of one line, before the first is given out again.

    A temporary file, its owner's alone and gone afterwards, holds what is too much for memory. Raises SandboxError
    when it cannot be written.
    """
    with _temporary_file() as file:
        for name, document in records:
            with _told_of_room():
                file.write(b"%b\n%b\n" % (json.dumps(name).encode(), document))
        with _told_of_room():
            file.seek(0)  # which writes what is still in a buffer
        yield ((json.loads(name), next(file)[:-1]) for name in file)


@contextmanager
def _temporary_file() -> Iterator[IO[bytes]]:
    file = tempfile.SpooledTemporaryFile(MAX_HELD)  # noqa: SIM115 - closing it may fail, and is not to be told then
    try:
        yield file
    finally:
        with suppress(OSError):  # after a write that failed, closing tries it once more
            file.close()


@contextmanager
def _told_of_room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SandboxError(
            f"a temporary file cannot be written ({error.strerror}); make room, or set TMPDIR to another folder"
        ) from None


@contextmanager
def existing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read. Raises SandboxError when it cannot be."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise SandboxError(f"the file {path} cannot be read ({error.strerror}); name another") from None
    with file:
        yield file


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write, its owner's alone, that takes its place only when it is whole.

    Raises SandboxError when it cannot be written, or would take the place of a database.
    """
    if path.exists() and not path.is_file():
        raise SandboxError(f"{path} is there and is not a file; name another, or - for standard output")
    if path.is_file() and _is_database(path):
        raise SandboxError(f"{path} is an SQLite database, and would be overwritten; name another file")
    try:
        with _part(path) as file:
            yield file
    except OSError as error:
        raise SandboxError(
            f"the file {path} cannot be written ({error.strerror}); name one in a folder that you may write to"
        ) from None


@contextmanager
def _part(path: Path) -> Iterator[BinaryIO]:
    # Made anew, under a name that nothing has: what is there may be somebody else's, or lead elsewhere.
    descriptor, part = tempfile.mkstemp(".part", f"{path.name}.", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _is_database(path: Path) -> bool:
    with existing_file(path) as file:
        return file.read(len(_SQLITE)) == _SQLITE
