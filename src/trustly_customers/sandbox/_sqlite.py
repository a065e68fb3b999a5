"""Customers in SQLite, in a file or in memory.

Calls run on the event loop itself: each takes microseconds, a thread's hand-over takes more. Updates that wait at
the same moment share one transaction, and are answered when it is committed. A write-ahead log that is flushed at
checkpoints (`synchronous=NORMAL`): a killed process loses nothing acknowledged, a power cut may lose the last ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ._errors import SandboxError
from ._store import Change

APPLICATION_ID = int.from_bytes(b"TrCu", "big")
SCHEMA_VERSION = 1
_SCHEMA = "CREATE TABLE customers (id TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL)"


class _Update(NamedTuple):
    key: str
    change: Change
    done: asyncio.Future[bytes | None]


class SQLiteStore:
    """A store over one connection, used from one event loop at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: list[_Update] = []

    @classmethod
    def open(cls, database: Path | None, seeds: Mapping[str, bytes]) -> SQLiteStore:
        """Open a database, or make a new one with the seeds in it; None is memory.

        Raises SandboxError when the file cannot be used.
        """
        try:
            name = _made_writable(database) if database else ":memory:"
            connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection, seeds)
            except BaseException:
                connection.close()
                raise
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
        return cls(connection)

    async def get(self, key: str) -> bytes | None:
        """See Store."""
        return self._read(key)

    async def update(self, key: str, change: Change) -> bytes | None:
        """See Store."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._commit)
        update = _Update(key, change, loop.create_future())
        self._waiting.append(update)
        return await update.done

    async def close(self) -> None:
        """See Store."""
        self._connection.close()

    def _commit(self) -> None:
        # A cancelled caller hears nothing of its update, so it is dropped rather than applied.
        batch = [update for update in self._waiting if not update.done.done()]
        self._waiting.clear()
        outcomes: list[bytes | Exception | None] = []
        try:
            with _transaction(self._connection):
                outcomes.extend(map(self._apply, batch))
        except Exception as error:  # noqa: BLE001 - nothing was committed, and every caller waits to hear of it
            outcomes = [error] * len(batch)
        for update, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                update.done.set_exception(outcome)
            else:
                update.done.set_result(outcome)

    def _apply(self, update: _Update) -> bytes | Exception | None:
        before = self._read(update.key)
        if before is None:
            return None
        try:
            after = update.change(before)
        except Exception as error:  # noqa: BLE001 - handed to the one caller whose change it is; the others go on
            return error
        self._connection.execute("UPDATE customers SET document = ? WHERE id = ?", (after.decode(), update.key))
        return after

    def _read(self, key: str) -> bytes | None:
        row = self._connection.execute("SELECT document FROM customers WHERE id = ?", (key,)).fetchone()
        return row[0] if row else None


class _ForeignDatabaseError(Exception):
    pass


def _made_writable(database: Path) -> Path:
    # Customers are personal data: a new file is its owner's alone, and SQLite gives its side files the same mode.
    if not database.exists():
        database.touch(mode=0o600)
    if not os.access(database, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return database.absolute()


def _prepare(connection: sqlite3.Connection, seeds: Mapping[str, bytes]) -> None:
    connection.text_factory = bytes
    # Looked at before the journal mode is set: a file that is not ours is left as it is.
    _is_new(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    with _transaction(connection):
        # Looked at again, now alone: another process may have made the database meanwhile.
        if _is_new(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute(_SCHEMA)
            connection.executemany(
                "INSERT INTO customers (id, document) VALUES (?, ?)",
                [(key, document.decode()) for key, document in seeds.items()],
            )


def _is_new(connection: sqlite3.Connection) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == version == tables == 0:
        return True
    if application != APPLICATION_ID:
        raise _ForeignDatabaseError("belongs to another program")
    if version != SCHEMA_VERSION:
        raise _ForeignDatabaseError(
            f"was written by another version of the sandbox (schema {version}, this one reads {SCHEMA_VERSION})"
        )
    return False


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
