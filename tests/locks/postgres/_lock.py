"""A lock of either kind, and what the server knows of locks."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from trustly_customers.locks import AsyncPostgresLock, PostgresLock

SECONDS = 20
ID = "zqcustomer77"
SECRET = "zqsecret"


AWAITED = pytest.mark.parametrize("kind", ["asyncio", "trio"])
# psycopg's own async connections know no other loop.
WITH_FUNCTIONS = pytest.mark.parametrize("kind", ["sync", "asyncio"])


class Lock:
    """A lock of either kind behind `async with`."""

    def __init__(self, kind: str, connect: Any, **options: Any) -> None:
        self.inner: Any = (PostgresLock if kind == "sync" else AsyncPostgresLock)(connect, **options)

    @asynccontextmanager
    async def __call__(self, customer_id: str = ID) -> AsyncIterator[None]:
        held = self.inner(customer_id)
        if isinstance(self.inner, PostgresLock):
            with held:
                yield
        else:
            async with held:
                yield


def connected(kind: str, conninfo: str, **options: Any) -> Callable[[], Any]:
    """Return a function that gives a connection, as a pool has one."""

    @contextmanager
    def connection() -> Iterator[Any]:
        with psycopg.connect(conninfo, **options) as found:
            yield found

    @asynccontextmanager
    async def awaited() -> AsyncIterator[Any]:
        async with await psycopg.AsyncConnection.connect(conninfo, **options) as found:
            yield found

    return connection if kind == "sync" else awaited


def counted(conninfo: str, what: LiteralString) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM " + what).fetchone()  # noqa: S608 - the tests' own words
        assert row is not None
        count: int = row[0]
        return count


def locks_held(conninfo: str) -> int:
    return counted(conninfo, "pg_locks WHERE locktype = 'advisory' AND granted")


def waiting(conninfo: str) -> int:
    return counted(conninfo, "pg_locks WHERE locktype = 'advisory' AND NOT granted")


def connections(conninfo: str) -> int:
    return counted(conninfo, "pg_stat_activity WHERE application_name = 'trustly-customers'")


def break_all(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'trustly-customers' AND pid <> pg_backend_pid()"
        )


def until(condition: Callable[[], bool]) -> None:
    """Ask the server until something is so."""
    for _ in range(SECONDS * 100):
        if condition():
            return
        threading.Event().wait(0.01)
    pytest.fail("it never came to that")
