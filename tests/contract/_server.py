"""The way to the server under test, over sockets or in process, and the one gate that every request passes.

The gate is the last line before a server that is not ours: it keeps the pace, and holds back what the tests
should have left out of such a run (`_caution`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage
from typing import Protocol

from ._asgi import Application, running
from ._caution import objection
from ._target import Target
from ._wire import Connection, Exchange, Request, UnreachableError

INTERRUPTED = threading.Event()
"""Set when somebody wants the run to end: no request but those that put the customers back goes out then.

A KeyboardInterrupt raised wherever the signal happens to arrive is lost during a collection of garbage, and breaks
pytest between two tests; every request comes by here.
"""


class Link(Protocol):
    """Something that carries one request at a time to the server."""

    def send(self, request: Request) -> Exchange:
        """Return the whole answer; raise UnreachableError when none comes."""

    def close(self) -> None:
        """Let go of what is held; the next request opens it again."""


class NoAnswerError(Exception):
    """The server gave no answer; `seen` holds the request, and a status of 0."""

    def __init__(self, text: str, seen: Exchange) -> None:
        super().__init__(text)
        self.seen = seen


class HeldBackError(Exception):
    """A request that must not be sent to this server; a fault of the check, not of the server."""


@dataclass
class Pace:
    """Lets `per_second` requests by a second, evenly spread, whoever sends them; 0 lets all of them by."""

    per_second: float
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    _due: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Return when it is this request's turn."""
        if not self.per_second:
            return
        with self._guard:
            now = self.clock()
            turn = max(self._due, now)
            self._due = turn + 1 / self.per_second
        if turn > now:
            self.pause(turn - now)


@dataclass(frozen=True)
class Server:
    """Makes links to the server of a run."""

    target: Target
    pace: Pace
    application: Application | None = None

    def connect(self) -> Gate:
        """Return a link of its own for one thread."""
        return Gate(self.application or Connection(self.target.base_url, timeout=self.target.timeout), self)


@dataclass(frozen=True)
class Gate:
    """A link that lets by what may be sent, when it is its turn."""

    link: Link
    server: Server

    def send(self, request: Request, *, puts_back: bool = False) -> Exchange:
        """Return the whole answer.

        `puts_back` lets a request by in an interrupted run, too. Raises NoAnswerError, HeldBackError, and
        KeyboardInterrupt where the run is to end.
        """
        if why := objection(request, self.server.target):
            raise HeldBackError(f"{request.method} was held back: {why}")
        self.server.pace.wait()
        if INTERRUPTED.is_set() and not puts_back:
            raise KeyboardInterrupt
        try:
            return self.link.send(request)
        except UnreachableError as error:
            raise NoAnswerError(str(error), Exchange(request, 0, HTTPMessage(), b"")) from None

    def close(self) -> None:
        """As of a link."""
        self.link.close()


@contextmanager
def reach(target: Target) -> Iterator[Server]:
    """Give the way to the target while the block runs; raise NotRunError for an application that cannot be run."""
    if not target.app:
        yield Server(target, Pace(target.rate))
        return
    with running(target.app, target.base_url, target.timeout) as application:
        yield Server(target, Pace(target.rate), application)
