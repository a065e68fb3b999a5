"""The present try of a thread or a task: when it must end, and how far it has come.

A try that ends while its connection is being made has sent nothing, which only the connection's maker knows: the
backends of `_network`, and `fast`.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Final, Self


class TimeUp(Exception):  # noqa: N818 - not an error, a signal within this package
    """The present try's time is over."""


class Present:
    """The present try, while it is entered: when it ends, as a `time.monotonic()`, and how far it has come."""

    __slots__ = ("_token", "address", "connecting", "ends")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.connecting = False
        self.address: tuple[str, int] | None = None
        """Host and port that its connection is made to: the server's, or a proxy's. None where one was kept."""

    def __enter__(self) -> Self:
        self._token = _present.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _present.reset(self._token)


_present: Final[ContextVar[Present | None]] = ContextVar("_present", default=None)


def left(limit: float | None) -> float | None:
    """Return the seconds that a wait may last: no longer than the limit, nor than what is left of the present try.

    Raises:
        TimeUp: nothing is left.
    """
    found = _present.get()
    if found is None:
        return limit
    seconds = found.ends - time.monotonic()
    if seconds <= 0:
        raise TimeUp
    return seconds if limit is None else min(seconds, limit)


def connecting_to(host: str, port: int) -> None:
    """Note that the present try's connection is being made, and where to."""
    found = _present.get()
    if found is not None:
        found.connecting = True
        found.address = (host, port)


def is_connecting(connecting: bool) -> None:  # noqa: FBT001 - reads as what it says
    """Note that the present try's connection is being made, or that it is and the request goes out."""
    found = _present.get()
    if found is not None:
        found.connecting = connecting
