"""Locks within one process: those who want the same customer queue up. Public in `locks`."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from ._config import LONGEST
from ._errors import InvalidRequestError, LockError

if TYPE_CHECKING:
    import anyio

Turn = TypeVar("Turn")


class InProcessLock:
    """Threads of this process take turns, in the order in which they asked.

    Raises:
        InvalidRequestError: the timeout is not acceptable.
    """

    def __init__(self, *, timeout: float = 30.0) -> None:
        self._timeout = checked_timeout(timeout)
        self._queues: Queues[threading.Event] = Queues()

    @contextmanager
    def __call__(self, customer_id: str) -> Iterator[None]:
        """Hold the lock of a customer.

        Raises:
            LockError: others did not give it back in time.
        """
        turn = threading.Event()
        try:
            if not self._queues.join(customer_id, turn) and not turn.wait(self._timeout):
                raise LockError(not_in_time(self._timeout))
            yield
        finally:
            following = self._queues.leave(customer_id, turn)
            if following is not None:
                following.set()


class AsyncInProcessLock:
    """Tasks of one event loop take turns, in the order in which they asked; under asyncio and trio.

    Raises:
        InvalidRequestError: the timeout is not acceptable.
    """

    def __init__(self, *, timeout: float = 30.0) -> None:
        self._timeout = checked_timeout(timeout)
        self._queues: Queues[anyio.Event] = Queues()
        self._thread = threading.get_ident()

    @asynccontextmanager
    async def __call__(self, customer_id: str) -> AsyncIterator[None]:
        """Hold the lock of a customer.

        Raises:
            LockError: others did not give it back in time; or a loop of another thread uses the lock.
        """
        from anyio import Event, move_on_after  # noqa: PLC0415 - slow to import, and of no use to sync code

        if self._queues and self._thread != threading.get_ident():
            raise LockError("an AsyncInProcessLock is for one event loop, and this one is in use in another thread")
        self._thread = threading.get_ident()
        turn = Event()
        try:
            if not self._queues.join(customer_id, turn):
                with move_on_after(self._timeout):
                    await turn.wait()
                if not turn.is_set():
                    raise LockError(not_in_time(self._timeout))
            yield
        finally:
            following = self._queues.leave(customer_id, turn)
            if following is not None:
                following.set()


class Queues(Generic[Turn]):
    """Who waits for what, first come first served. A queue is there only as long as somebody is in it."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._guard = threading.Lock()
        self._queues: dict[str, deque[Turn]] = {}
        self._process = os.getpid()

    def __len__(self) -> int:
        return len(self._queues)

    def join(self, customer_id: str, turn: Turn) -> bool:
        """Queue up; True when there is nobody to wait for."""
        if self._process != os.getpid():
            self._begin()  # a fork leaves behind the threads that would give back what they hold
        with self._guard:
            queue = self._queues.setdefault(customer_id, deque())
            queue.append(turn)
            return queue[0] is turn

    def leave(self, customer_id: str, turn: Turn) -> Turn | None:
        """Give back, or give up, and return whose turn it is then."""
        with self._guard:
            queue = self._queues.get(customer_id, deque())
            if turn not in queue:
                return None  # queued up before a fork
            queue.remove(turn)
            if not queue:
                del self._queues[customer_id]
            return queue[0] if queue else None


def checked_timeout(timeout: float) -> float:
    """Return a timeout, or refuse it."""
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 < timeout <= LONGEST:
        raise InvalidRequestError(f"timeout must be a number of seconds above 0 and at most {LONGEST}")
    return timeout


def not_in_time(timeout: float) -> str:
    """Say that others did not give the lock back."""
    return f"the customer's lock was not given back by others within {timeout:g} seconds; nothing was done"
