"""Files of customers, which are personal data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from trustly_customers.sandbox._errors import SandboxError


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

    Raises SandboxError when it cannot be written.
    """
    if path.exists() and not path.is_file():
        raise SandboxError(f"{path} is there and is not a file; name another, or - for standard output")
    part = path.with_name(f"{path.name}.part")
    try:
        with open(part, "wb", opener=_private) as file:
            yield file
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SandboxError(
            f"the file {path} cannot be written ({error.strerror}); name one in a folder that you may write to"
        ) from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
