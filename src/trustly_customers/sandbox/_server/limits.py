"""What connections may cost: how long each may keep the server waiting, and how many there may be.

Nothing is done for a request: once in a while each connection is asked what it waits for, and one that has waited for
the same thing too long is closed. So a limit in seconds is passed by a fraction of it before it acts.
"""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything one caller, and all together, may have."""

    head_bytes: int = 64 * 1024
    """Of a request's head: its first line and its fields."""
    head_fields: int = 100
    """Fields of a head, and of a trailer."""
    head_seconds: float = 10
    """From the first byte of a head to its last."""
    body_seconds: float = 10
    """From the end of a head to the last byte of the body."""
    answer_seconds: float = 10
    """That a caller may leave answers unread when there are too many of them to buffer."""
    idle_seconds: float = 60
    """Without a request."""
    turn_seconds: float = 60
    """That a request may wait for the answer before it: whether the caller has left meanwhile cannot be seen."""
    leave_seconds: float = 1
    """From the last answer of a connection that is to end, until it is cut."""
    stop_seconds: float = 3
    """The most that is left of all of them once the server is told to stop."""
    pipelined: int = 64
    """Requests of one connection that wait for the answers before them."""
    connections: int = 4096
    """At once."""

    def affordable(self) -> int:
        """How many connections there may be, and how many more may wait, with the files this process may open.

        The other half of the files is for those that are being closed, and for the database.
        """
        return min(self.connections, _open_files() // 2)


class Wait(Enum):
    """What a connection waits for."""

    REQUEST = auto()
    HEAD = auto()
    BODY = auto()
    READER = auto()
    END = auto()
    TURN = auto()
    """For an answer that is being made, with more of the caller's unread."""
    NOTHING = auto()
    """Of its caller: the answer is being made."""


class Connection(Protocol):
    """As much of a connection as its limits concern."""

    transport: asyncio.Transport

    def waits_for(self) -> Wait:
        """What it waits for now."""

    def turn(self) -> object:
        """Another value for each request."""


@dataclass(slots=True)
class _Watch:
    wait: Wait
    turn: object
    since: float


class Guard:
    """Watches all the connections of a server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._most = limits.affordable()
        self._seconds = {
            Wait.REQUEST: limits.idle_seconds,
            Wait.HEAD: limits.head_seconds,
            Wait.BODY: limits.body_seconds,
            Wait.READER: limits.answer_seconds,
            Wait.TURN: limits.turn_seconds,
            Wait.END: limits.leave_seconds,
        }
        self._watched: dict[Connection, _Watch] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look, on the running loop."""
        self._timer = asyncio.get_running_loop().call_later(min(1.0, *self._seconds.values()) / 4, self._tick)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def hurry(self) -> None:
        """From now on, wait for no caller for long."""
        for wait in self._seconds.keys() - {Wait.TURN}:  # for which it is not the caller who is late
            self._seconds[wait] = min(self._seconds[wait], self.limits.stop_seconds)
        now = asyncio.get_running_loop().time()
        for watch in self._watched.values():
            watch.since = now

    def admit(self, connection: Connection) -> None:
        """Watch a new connection. When there are too many, those that have waited longest for a request are closed."""
        if len(self._watched) >= self._most and not self._make_room():
            connection.transport.abort()
            return
        self._watched[connection] = _Watch(Wait.REQUEST, None, asyncio.get_running_loop().time())

    def forget(self, connection: Connection) -> None:
        """Watch a connection no more."""
        self._watched.pop(connection, None)

    def _make_room(self) -> bool:
        idle = [each for each in self._watched if each.waits_for() in {Wait.REQUEST, Wait.HEAD, Wait.END}]
        # Several at once: finding them takes a look at all.
        for connection in heapq.nsmallest(1 + self._most // 64, idle, key=lambda each: self._watched[each].since):
            del self._watched[connection]
            connection.transport.abort()
        return bool(idle)

    def _tick(self) -> None:
        self.start()
        now = asyncio.get_running_loop().time()
        for connection, watch in list(self._watched.items()):
            wait, turn = connection.waits_for(), connection.turn()
            if wait is not watch.wait or turn != watch.turn:
                watch.wait, watch.turn, watch.since = wait, turn, now
            elif now - watch.since > self._seconds.get(wait, float("inf")):
                self._end(connection, wait)

    def _end(self, connection: Connection, wait: Wait) -> None:
        # An orderly end comes after what is still to be sent; who does not read that either is cut off.
        if wait is Wait.END and connection.transport.is_closing():
            connection.transport.abort()
        else:
            connection.transport.close()


def _open_files() -> int:
    """How many files this process may have open."""
    try:
        import resource  # noqa: PLC0415 - not on Windows, where there is no such limit on sockets
    except ModuleNotFoundError:
        return 1 << 16
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 16 if soft == resource.RLIM_INFINITY else soft
