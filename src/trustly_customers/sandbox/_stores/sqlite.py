"""Customers in SQLite, in a file or in memory.

Reads run on the event loop itself: each takes microseconds, a thread's hand-over takes more. Updates that wait at the
same moment share one transaction, and are answered when it is committed. While another process writes, they try
again and again, and the loop serves on.

The write-ahead log is flushed at checkpoints (`synchronous=NORMAL`): a killed process loses nothing acknowledged, a
power cut may lose the last ones. Where it is flushed at every commit (`FULL`), a thread does the writing, so that the
loop serves on while the disk is busy, and more updates share the next flush.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from trustly_customers.sandbox._errors import SandboxError
from trustly_customers.sandbox._http import ARRIVING

from .batches import Batches
from .operations import SCHEMA_VERSION, TABLES, carried_out
from .protocol import Change, Row, Steps, Update

T = TypeVar("T")
_Outcomes = Sequence[bytes | Exception | None]

_BUSY_SECONDS = 5
"""How long another process may hold the database."""
_PAUSE_SECONDS = 0.005
APPLICATION_ID = int.from_bytes(b"TrCu", "big")
# One statement, so that nobody makes the tables in the middle of it.
_LOOK = """
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
       (SELECT count(*) FROM sqlite_master)
"""
_READ = "SELECT document FROM customers WHERE namespace = ? AND id = ?"
_FIND = "SELECT document, rowid FROM customers WHERE namespace = ? AND id = ?"
_WRITE = "UPDATE customers SET document = ? WHERE rowid = ?"


class Durability(StrEnum):
    """What an acknowledged update survives."""

    NORMAL = "normal"
    """The end of the process, however sudden."""
    FULL = "full"
    """A power cut too, as far as the disk keeps what it is told to keep."""


class SQLiteStore:
    """A store over one database, used from one event loop at a time."""

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection | None = None) -> None:
        """With a reader of its own, the writer works in a thread."""
        self._writer = writer
        self._reader = reader or writer
        self._thread = ThreadPoolExecutor(1, "sandbox-writer") if reader else None
        self._updates = Batches[Update, bytes | None](self._batch)
        self._reading = False

    @classmethod
    def open(cls, database: Path | None, durability: Durability = Durability.NORMAL) -> SQLiteStore:
        """Open a database, or make a new one; None is memory, for which durability means nothing.

        Raises SandboxError when the file cannot be used.
        """
        if database is None:
            return cls(_connected(":memory:", Durability.NORMAL))
        try:
            name = _made_writable(database)
            writer = _connected(str(name), durability)
        except (sqlite3.OperationalError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SandboxError(
                f"the database {database} cannot be opened ({reason}); "
                "name a file that you may write to, in a folder that exists"
            ) from None
        except sqlite3.DatabaseError:
            raise SandboxError(f"{database} is not an SQLite database; name another file, or a new one") from None
        except _ForeignDatabaseError as error:
            raise SandboxError(f"the database {database} {error}; name another file, or a new one") from None
        if durability is Durability.FULL:
            return cls(writer, _connected(str(name), durability))
        # SQLite's own waiting would hold up the loop. Reads never wait for a writer.
        writer.execute("PRAGMA busy_timeout = 0")
        return cls(writer)

    async def get(self, namespace: str, key: str) -> bytes | None:
        """See Store."""
        self._share_reading()
        return _document(self._reader, namespace.encode(), key.encode())

    def update(self, namespace: str, key: str, change: Change) -> Awaitable[bytes | None]:
        """See Store."""
        return self._updates.result(Update(namespace.encode(), key.encode(), change))

    async def read(self, steps: Steps[T]) -> T:
        """See Store."""
        return carried_out(steps, partial(_rows, self._reader))

    async def write(self, steps: Steps[T]) -> T:
        """See Store."""

        def work() -> T:
            with self._transaction():
                return carried_out(steps, partial(_rows, self._writer))

        if self._thread is None:
            return await _patiently(work)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """See Store."""
        self._end_reading()
        if self._thread is not None:
            self._thread.shutdown()
            self._reader.close()
        self._writer.close()

    def _share_reading(self) -> None:
        # The reads of one round over the sockets share the file's lock, which takes longer than a read. They see what
        # was committed before the round, and so all that was acknowledged before any of their requests came. A read
        # at another time is on its own: uvloop's next round would begin before what it had shared is over.
        if not ARRIVING.get():
            self._end_reading()
        elif not self._reading:
            self._reader.execute("BEGIN")
            self._reading = True
            asyncio.get_running_loop().call_soon(self._end_reading)

    def _end_reading(self) -> None:
        if self._reading:
            self._reading = False
            if self._reader.in_transaction:  # SQLite ends one itself when it cannot read
                self._reader.execute("COMMIT")

    def _batch(self, updates: Sequence[Update]) -> _Outcomes | asyncio.Future[_Outcomes]:
        loop = asyncio.get_running_loop()
        if self._thread is not None:
            return loop.run_in_executor(self._thread, self._committed, updates)
        try:
            return self._committed(updates)
        except _LockedError:
            return loop.create_task(_patiently(partial(self._committed, updates)))

    def _committed(self, updates: Sequence[Update]) -> _Outcomes:
        with self._transaction():
            return [_applied(self._writer, update) for update in updates]

    def _transaction(self) -> contextlib.AbstractContextManager[None]:
        if self._thread is None:
            self._end_reading()
        return _transaction(self._writer)


async def _patiently(work: Callable[[], T]) -> T:
    """Do work as soon as no other process writes; raise what it raises when that takes too long."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return work()
        except _LockedError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)


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


def _document(connection: sqlite3.Connection, namespace: bytes, key: bytes) -> bytes | None:
    row = connection.execute(_READ, (namespace, key)).fetchone()
    return row[0] if row else None


def _rows(connection: sqlite3.Connection, statement: str, values: Sequence[bytes | int]) -> list[Row]:
    return connection.execute(statement, values).fetchall()


class _ForeignDatabaseError(Exception):
    pass


class _LockedError(sqlite3.OperationalError):
    """Another process writes. Nothing was begun, so all of it can be tried again."""


def _made_writable(database: Path) -> Path:
    # Customers are personal data: a new file is its owner's alone, and SQLite gives its side files the same mode.
    if not database.exists():
        database.touch(mode=0o600)
    if not os.access(database, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return database.absolute()


def _connected(name: str, durability: Durability) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        # Looked at before the journal mode is set: a file that is not ours is left as it is.
        _version(connection)
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {durability}")
        if _version(connection) != SCHEMA_VERSION:
            with _transaction(connection):
                _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite waits for no other process that does so too, or goes away."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # whatever the finer reason


def _upgrade(connection: sqlite3.Connection) -> None:
    """Make the tables, and move over what an older version kept in its own."""
    # Looked at again, now alone: another process may have done it meanwhile.
    version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    if version == 1:
        connection.execute("ALTER TABLE customers RENAME TO customers_1")
    for statement in TABLES.format(bytes="BLOB").split(";"):
        connection.execute(statement)
    if version == 1:
        connection.execute("INSERT INTO namespaces (name) VALUES (x'')")
        connection.execute(
            "INSERT INTO customers (namespace, id, document)"
            " SELECT x'', CAST(id AS BLOB), CAST(document AS BLOB) FROM customers_1"
        )
        connection.execute("DROP TABLE customers_1")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    """The version of the schema; 0 for an empty database."""
    application, version, tables = connection.execute(_LOOK).fetchone()
    if application == version == tables == 0:
        return 0
    if application != APPLICATION_ID:
        raise _ForeignDatabaseError("belongs to another program")
    if not 1 <= version <= SCHEMA_VERSION:
        raise _ForeignDatabaseError(
            f"was written by another version of the sandbox (schema {version}, this one reads up to {SCHEMA_VERSION})"
        )
    return int(version)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if _is_busy(error):
            raise _LockedError(str(error)) from error
        raise
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
