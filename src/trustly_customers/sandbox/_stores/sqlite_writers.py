"""How an SQLite database is written, one transaction at a time.

Updates that wait at the same moment share one transaction, and are answered when it is committed. While another process
writes, a transaction is tried again and again, and the event loop serves on.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from .operations import carried_out
from .protocol import Row, Steps, Update

T = TypeVar("T")
Outcomes = Sequence[bytes | Exception | None]

BUSY_SECONDS = 5
"""How long another process may hold the database."""
PAUSE_SECONDS = 0.005
_FIND = "SELECT document, rowid FROM customers WHERE namespace = ? AND id = ?"
_WRITE = "UPDATE customers SET document = ? WHERE rowid = ?"


class Writer:
    """Writes on the event loop, where a commit waits for no disk."""

    def __init__(self, connection: sqlite3.Connection, make_way: Callable[[], None] = lambda: None) -> None:
        """`make_way` ends whatever else the connection is used for."""
        self._connection = connection
        self._make_way = make_way
        # SQLite's own waiting would hold up the loop. Reads never wait for a writer.
        connection.execute("PRAGMA busy_timeout = 0")

    def batch(self, updates: Sequence[Update]) -> Outcomes | asyncio.Future[Outcomes]:
        """Carry out updates together, now or as soon as no other process writes; give what came of each."""
        try:
            return self._committed(updates)
        except _LockedError:
            return asyncio.get_running_loop().create_task(_patiently(partial(self._committed, updates)))

    async def write(self, steps: Steps[T]) -> T:
        """See Store."""
        return await _patiently(partial(self._carried_out, steps))

    def close(self) -> None:
        """Close the connection, when it is done with what it was given."""
        self._connection.close()

    def _committed(self, updates: Sequence[Update]) -> Outcomes:
        self._make_way()
        with transaction(self._connection):
            return [_applied(self._connection, update) for update in updates]

    def _carried_out(self, steps: Steps[T]) -> T:
        self._make_way()
        with transaction(self._connection):
            return carried_out(steps, partial(rows, self._connection))


class FlushingWriter(Writer):
    """Lets a thread wait for the disk, so that the loop serves on and more updates share the next flush.

    Of a batch only the commit is the thread's: two threads that take turns at single statements spend more time on the
    turns than on the statements. All the rest is the thread's as a whole, and what comes meanwhile is behind it there.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._thread = ThreadPoolExecutor(1, "sandbox-writer")
        self._jobs: set[Future[Any]] = set()

    def batch(self, updates: Sequence[Update]) -> asyncio.Future[Outcomes]:
        """See Writer."""
        if self._jobs:
            return self._later(partial(self._committed, updates))
        try:
            _begin(self._connection)
        except _LockedError:
            return self._later(partial(self._committed, updates))
        with _undone_unless_well(self._connection):
            outcomes = [_applied(self._connection, update) for update in updates]
        return self._in_thread(partial(self._flushed, outcomes))

    async def write(self, steps: Steps[T]) -> T:
        """See Store."""
        return await self._later(partial(self._carried_out, steps))

    def close(self) -> None:
        """See Writer."""
        self._thread.shutdown()
        super().close()

    def _flushed(self, outcomes: Outcomes) -> Outcomes:
        with _undone_unless_well(self._connection):
            self._connection.execute("COMMIT")
        return outcomes

    def _later(self, work: Callable[[], T]) -> asyncio.Future[T]:
        def waiting() -> T:
            self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            try:
                return work()
            finally:
                self._connection.execute("PRAGMA busy_timeout = 0")

        return self._in_thread(waiting)

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        job = self._thread.submit(work)
        self._jobs.add(job)
        # Before anybody hears of the outcome; and not when its caller gives up, since it goes on then.
        job.add_done_callback(self._jobs.discard)
        return asyncio.wrap_future(job)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block does, or undo it if it raises."""
    _begin(connection)
    with _undone_unless_well(connection):
        yield
        connection.execute("COMMIT")


def rows(connection: sqlite3.Connection, statement: str, values: Sequence[bytes | int]) -> list[Row]:
    """Execute a statement, and return all its rows."""
    return connection.execute(statement, values).fetchall()


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process was in the way."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # whatever the finer reason


def _begin(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise _LockedError(str(error)) from error
        raise


@contextlib.contextmanager
def _undone_unless_well(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite undoes some failures itself
            connection.execute("ROLLBACK")
        raise


async def _patiently(work: Callable[[], T]) -> T:
    """Do work as soon as no other process writes; raise what it raises when that takes too long."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return work()
        except _LockedError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(PAUSE_SECONDS)


def _applied(connection: sqlite3.Connection, update: Update) -> bytes | Exception | None:
    found = connection.execute(_FIND, (update.namespace, update.key)).fetchone()
    if found is None:
        return None
    before, row = found
    try:
        after = update.change(before)
    except Exception as error:  # noqa: BLE001 - handed to the one caller whose change it is; the others go on
        return error
    connection.execute(_WRITE, (after, row))
    return after


class _LockedError(sqlite3.OperationalError):
    """Another process writes. Nothing was begun, so all of it can be tried again."""

    sqlite_errorname = "SQLITE_BUSY"
