"""Customers in SQLite, in a file or in memory.

Reads run on the event loop itself: each takes microseconds, a thread's hand-over takes more. How it is written is in
the module beside this one.

The write-ahead log is flushed at checkpoints (`synchronous=NORMAL`): a killed process loses nothing acknowledged, a
power cut may lose the last ones. Or it is flushed at every commit (`FULL`), and a thread waits for the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Awaitable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from trustly_customers.sandbox._errors import SandboxError
from trustly_customers.sandbox._http import ARRIVING

from .batches import Batches
from .operations import SCHEMA_VERSION, TABLES, carried_out
from .protocol import Change, Steps, Update
from .sqlite_writers import BUSY_SECONDS, PAUSE_SECONDS, FlushingWriter, Writer, is_busy, rows, transaction

T = TypeVar("T")

APPLICATION_ID = int.from_bytes(b"TrCu", "big")
# One statement, so that nobody makes the tables in the middle of it.
_LOOK = """
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
       (SELECT count(*) FROM sqlite_master)
"""
_READ = "SELECT document FROM customers WHERE namespace = ? AND id = ?"


class Durability(StrEnum):
    """What an acknowledged update survives."""

    NORMAL = "normal"
    """The end of the process, however sudden."""
    FULL = "full"
    """A power cut too, as far as the disk keeps what it is told to keep."""


class SQLiteStore:
    """A store over one database, used from one event loop at a time."""

    def __init__(
        self, connection: sqlite3.Connection, flushed: sqlite3.Connection | None = None, file: Path | None = None
    ) -> None:
        """`flushed` is another connection for what is written, if each commit is to be flushed; `file` is its file."""
        self._reader = connection
        self._writer = FlushingWriter(flushed) if flushed else Writer(connection, self._end_reading)
        self._updates = Batches[Update, bytes | None](self._writer.batch)
        self._reading = False
        self._file = file
        self._opened = _identity(file)

    @classmethod
    def open(cls, database: Path | None, durability: Durability = Durability.NORMAL) -> SQLiteStore:
        """Open a database, or make a new one; None is memory, for which durability means nothing.

        Raises SandboxError when the file cannot be used.
        """
        if database is None:
            return cls(_connected(":memory:", Durability.NORMAL))
        with _told(database, "you may write to, in a folder that exists"):
            name = _made_writable(database)
            connection = _connected(str(name), durability)
            flushed = _connected(str(name), durability) if durability is Durability.FULL else None
        return cls(connection, flushed, name)

    @classmethod
    def open_to_read(cls, database: Path) -> SQLiteStore:
        """Open a database that, or whose folder, may not be written to; nothing is made or left beside it.

        Raises SandboxError when the file cannot be used as it is.
        """
        name = database.absolute()
        # Who has it open has a log beside it, and shares its locks there. SQLite shares none where there is no log and
        # none may be made, so what is read then is held against the file each time.
        shared = any(name.with_name(f"{name.name}{suffix}").exists() for suffix in ("-wal", "-journal"))
        with _told(database, "you may read; or copy it, with the files beside it that begin with its name"):
            state = _state(name)
            uri = f"{name.as_uri()}?{'mode=ro' if shared else 'immutable=1'}"
            connection = sqlite3.connect(uri, timeout=BUSY_SECONDS, isolation_level=None, uri=True)
            try:
                version = _version(connection)
            except BaseException:
                connection.close()
                raise
            if version != SCHEMA_VERSION:
                connection.close()
                raise _ForeignDatabaseError("is of an earlier version, and cannot be upgraded where it is")
        return cls(connection, file=name) if shared else _UnsharedStore(connection, name, state)

    async def get(self, namespace: str, key: str) -> bytes | None:
        """See Store."""
        self._share_reading()
        return _document(self._reader, namespace.encode(), key.encode())

    def update(self, namespace: str, key: str, change: Change) -> Awaitable[bytes | None]:
        """See Store."""
        return self._updates.result(Update(namespace.encode(), key.encode(), change))

    async def read(self, steps: Steps[T]) -> T:
        """See Store."""
        return carried_out(steps, partial(rows, self._reader))

    async def write(self, steps: Steps[T]) -> T:
        """See Store."""
        return await self._writer.write(steps)

    def is_detached(self) -> bool:
        """See Store. A file that was deleted is still there for who has it open."""
        return _identity(self._file) != self._opened

    async def close(self) -> None:
        """See Store."""
        self._end_reading()
        self._writer.close()
        self._reader.close()

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


class _UnsharedStore(SQLiteStore):
    """Reads a file without SQLite's locks, as long as nobody writes to it."""

    def __init__(self, connection: sqlite3.Connection, file: Path, state: tuple[int, ...]) -> None:
        super().__init__(connection, file=file)
        self._path, self._state = file, state

    async def read(self, steps: Steps[T]) -> T:
        """See Store. Raises SandboxError where the file was written to since it was opened."""
        try:
            return await super().read(steps)
        finally:
            # Whatever came of it, an error of SQLite's too, is then of no moment that ever was.
            if _state(self._path) != self._state:
                raise SandboxError(f"somebody wrote to {self._path} meanwhile; try again, or read a copy of it")


def _state(file: Path) -> tuple[int, ...]:
    """What changes with each change of a file; nothing where there is none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@contextlib.contextmanager
def _told(database: Path, wanted: str) -> Iterator[None]:
    """Say in a sentence what is wrong with a database, and what to name instead of it."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SandboxError(f"the database {database} cannot be opened ({reason}); name a file that {wanted}") from None
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            sentence = f"{database} is not an SQLite database; name another file, or a new one"
        else:
            sentence = f"the database {database} is damaged; put a copy in its place, or name another file"
        raise SandboxError(sentence) from None
    except _ForeignDatabaseError as error:
        raise SandboxError(f"the database {database} {error}; name another file, or a new one") from None


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Which file a name leads to; None where to none."""
    try:
        found = file and file.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _made_writable(database: Path) -> Path:
    # Customers are personal data: a new file is its owner's alone, and SQLite gives its side files the same mode.
    if not database.exists():
        database.touch(mode=0o600)
    if not os.access(database, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return database.absolute()


def _connected(name: str, durability: Durability) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        # Looked at before the journal mode is set: a file that is not ours is left as it is.
        _version(connection)
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {durability}")
        if _version(connection) != SCHEMA_VERSION:
            with transaction(connection):
                _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite waits for no other process that does so too, or goes away."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


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


def _document(connection: sqlite3.Connection, namespace: bytes, key: bytes) -> bytes | None:
    row = connection.execute(_READ, (namespace, key)).fetchone()
    return row[0] if row else None


class _ForeignDatabaseError(Exception):
    pass
