"""The present try of a thread or a task: when it must end, and how far it has come.

A try that ends while its connection is being made has sent nothing, which only the connection's maker knows: the
backends of `_network`, and `fast`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class TimeUp(Exception):  # noqa: N818 - not an error, a signal within this package
    """The present try's time is over."""


class Present:
    """The present try of a thread or a task: when it ends, as a `time.monotonic()`, and how far it has come."""

    __slots__ = ("connecting", "ends")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.connecting = False


_present: Final[ContextVar[Present | None]] = ContextVar("_present", default=None)


@contextmanager
def present(ends: float) -> Iterator[Present]:
    """Within, waits of this thread or task are for a try that ends then."""
    token = _present.set(found := Present(ends))
    try:
        yield found
    finally:
        _present.reset(token)


def present_ends() -> float | None:
    """Return when the present try ends, or None outside one."""
    found = _present.get()
    return None if found is None else found.ends


def is_connecting(connecting: bool) -> None:  # noqa: FBT001 - reads as what it says
    """Note that the present try's connection is being made, or that it is and the request goes out."""
    found = _present.get()
    if found is not None:
        found.connecting = connecting
