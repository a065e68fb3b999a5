"""Customers in PostgreSQL, for several sandboxes over one store, by psycopg.

A store has two connections, one to read and one to write, and a thread for each: psycopg's blocking half works under
every event loop, and no cancelled caller can leave a statement half done. Reads that wait at the same moment are one
statement, and updates one transaction at READ COMMITTED: it locks the rows in the order of their keys, so that no two
sandboxes wait for each other, applies the changes, and commits before anybody is answered. `write` locks out all
updates of all sandboxes, as it does in SQLite.

What an acknowledged update survives is the server's to say (`fsync`, `synchronous_commit`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import psycopg

from .batches import Batches
from .operations import carried_out
from .postgres_schema import SCHEMA, Connection, connected, prepare
from .protocol import Change, Row, Steps, Update

T = TypeVar("T")
Key = tuple[bytes, bytes]
Answer = TypeVar("Answer")

_SESSION = f"""
SET search_path = {SCHEMA};
SET default_transaction_isolation = 'read committed';
SET idle_in_transaction_session_timeout = '60s';
SET lock_timeout = '30s';
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off
"""
"""A sandbox that stands still holds nobody up for long. Keys are looked up in the index, though a plan may have been
made when the table was small."""
_BEGIN = "BEGIN"
_ALONE = "LOCK TABLE customers IN EXCLUSIVE MODE"
_READ = """
SELECT namespace, id, document FROM customers
JOIN unnest(?::bytea[], ?::bytea[]) AS wanted (namespace, id) USING (namespace, id)
"""
_LOCK = _READ + "ORDER BY namespace, id FOR UPDATE OF customers"
_WRITE = """
UPDATE customers SET document = changed.document
FROM unnest(?::bytea[], ?::bytea[], ?::bytea[]) AS changed (namespace, id, document)
WHERE customers.namespace = changed.namespace AND customers.id = changed.id
"""


class PostgresStore:
    """A store over one database, used from one event loop at a time; any number of stores may share the database."""

    def __init__(self, conninfo: str) -> None:
        """Nothing is connected before it is needed; what is lost later is connected anew."""
        self._reading, self._writing = _Line(conninfo), _Line(conninfo)
        self._reader = ThreadPoolExecutor(1, "sandbox-reader")
        self._writer = ThreadPoolExecutor(1, "sandbox-writer")
        self._gets = Batches[Key, bytes | None](partial(_in_thread, self._reader, self._found))
        self._updates = Batches[Update, bytes | None](partial(_in_thread, self._writer, self._committed))

    @classmethod
    def open(cls, conninfo: str) -> PostgresStore:
        """Open a database by a URL or a conninfo string; what the sandbox keeps there is made when it is missing.

        Raises SandboxError when the database cannot be used. Its text says nothing of the conninfo.
        """
        prepare(conninfo)
        return cls(conninfo)

    def get(self, namespace: str, key: str) -> Awaitable[bytes | None]:
        """See Store."""
        return self._gets.result((namespace.encode(), key.encode()))

    def update(self, namespace: str, key: str, change: Change) -> Awaitable[bytes | None]:
        """See Store."""
        return self._updates.result(Update(namespace.encode(), key.encode(), change))

    async def read(self, steps: Steps[T]) -> T:
        """See Store."""
        work = partial(carried_out, steps, self._reading.rows)
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)

    async def write(self, steps: Steps[T]) -> T:
        """See Store."""

        def work() -> T:
            with self._writing.transaction() as connection:
                connection.execute(_ALONE)
                return carried_out(steps, partial(_rows, connection))

        job = self._writer.submit(work)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if job.running():  # and would wait for others' locks, or go on for nobody
                self._writing.give_up()
            raise

    def is_detached(self) -> bool:
        """See Store. A server's databases do not go away under it."""
        return False

    async def close(self) -> None:
        """See Store."""
        for thread, line in ((self._reader, self._reading), (self._writer, self._writing)):
            thread.shutdown()
            line.close()

    def _found(self, keys: Sequence[Key]) -> Sequence[bytes | Exception | None]:
        rows = self._reading.rows(_READ, _columns(set(keys)))
        documents = {(namespace, key): document for namespace, key, document in rows}
        return [documents.get(key) for key in keys]

    def _committed(self, updates: Sequence[Update]) -> Sequence[bytes | Exception | None]:
        keys = {update[:2] for update in updates}
        with self._writing.transaction() as connection:
            rows = _rows(connection, _LOCK, _columns(keys))
            before = {(namespace, key): document for namespace, key, document in rows}
            after = dict(before)
            outcomes = [_applied(after, update) for update in updates]
            changed = [(*key, document) for key, document in after.items() if document is not before[key]]
            if changed:
                _rows(connection, _WRITE, _columns(changed))
        return outcomes


def _in_thread(thread: ThreadPoolExecutor, work: Callable[[T], Answer], jobs: T) -> asyncio.Future[Answer]:
    return asyncio.get_running_loop().run_in_executor(thread, work, jobs)


def _applied(documents: dict[Key, bytes], update: Update) -> bytes | Exception | None:
    before = documents.get(update[:2])
    if before is None:
        return None
    try:
        after = documents[update[:2]] = update.change(before)
    except Exception as error:  # noqa: BLE001 - handed to the one caller whose change it is; the others go on
        return error
    return after


def _columns(rows: Sequence[tuple[bytes, ...]] | set[Key]) -> list[list[bytes]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _rows(connection: Connection, statement: str, values: Sequence[Any]) -> list[Row]:
    # Binary: PostgreSQL would spell bytes as hexadecimal digits otherwise.
    cursor = connection.execute(statement.replace("?", "%s"), values, binary=True)
    return cursor.fetchall() if cursor.description else []


class _Line:
    """One connection, used from one thread; made when it is needed, and anew when it has been lost."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Connection | None = None

    def repeatable(self, work: Callable[[Connection], Answer]) -> Answer:
        """Do what may be done twice: once more, on a new connection, where the old one turns out to be lost."""
        connection = self._connected()
        try:
            return work(connection)
        except psycopg.OperationalError:
            if not connection.closed:
                raise
            return work(self._connected())

    def rows(self, statement: str, values: Sequence[Any]) -> list[Row]:
        """Execute a statement that changes nothing."""
        return self.repeatable(lambda connection: _rows(connection, statement, values))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit what is done inside; or none of it, where that fails."""

        def begun(connection: Connection) -> Connection:
            connection.execute(_BEGIN)
            return connection

        connection = self.repeatable(begun)
        try:
            yield connection
            connection.commit()
        except BaseException:
            # Where the connection is lost, the server does it by itself.
            with suppress(psycopg.Error):
                connection.rollback()
            raise

    def give_up(self) -> None:
        """Let the statement that runs now, in whatever thread, fail."""
        if self._connection is not None:
            self._connection.cancel()

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            connection = connected(self._conninfo)
            try:
                connection.execute(_SESSION)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection
