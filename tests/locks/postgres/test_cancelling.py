"""Locks in PostgreSQL whose task is cancelled or waits in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import psycopg
import pytest
from anyio.lowlevel import checkpoint

import trustly_customers._postgres
from trustly_customers.locks import AsyncPostgresLock, PostgresLock

from ._lock import (
    AWAITED,
    ID,
    SECONDS,
    Lock,
    connections,
    locks_held,
    until,
    waiting,
)


@pytest.mark.anyio
@AWAITED
async def test_a_cancelled_task_gives_the_lock_back(kind: str, conninfo: str) -> None:
    assert kind
    lock = AsyncPostgresLock(conninfo)
    with anyio.move_on_after(SECONDS) as scope:
        async with lock(ID):
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert locks_held(conninfo) == 0


@pytest.mark.anyio
async def test_a_cancelled_task_leaves_a_connection_of_a_pool_as_it_was(conninfo: str) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:

        @asynccontextmanager
        async def from_pool() -> AsyncIterator[Any]:
            yield connection

        with anyio.move_on_after(SECONDS) as scope:
            async with AsyncPostgresLock(from_pool)(ID):
                scope.cancel()
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert locks_held(conninfo) == 0
        assert connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


@pytest.mark.anyio
@AWAITED
async def test_a_task_that_is_cancelled_while_it_waits_leaves_at_once_and_nothing_behind(
    kind: str, conninfo: str
) -> None:
    async def wait() -> None:
        async with Lock(kind, conninfo)():
            pytest.fail("it was held by another")

    with PostgresLock(conninfo)(ID):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            while waiting(conninfo) == 0:
                await checkpoint()
            group.cancel_scope.cancel()
    until(lambda: locks_held(conninfo) == waiting(conninfo) == connections(conninfo) == 0)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["trio"])
async def test_a_lock_that_a_thread_got_just_when_the_task_was_cancelled_is_given_back(
    kind: str, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_thread = trustly_customers._postgres._in_thread
    with anyio.move_on_after(SECONDS) as scope:

        async def got_too_late(work: Callable[[], Any]) -> Any:
            found = await in_thread(work)
            if not scope.cancel_called:
                assert locks_held(conninfo) == 1
                scope.cancel()
            await checkpoint()
            return found

        monkeypatch.setattr(trustly_customers._postgres, "_in_thread", got_too_late)
        async with Lock(kind, conninfo)():
            pytest.fail("it was cancelled")
    assert scope.cancelled_caught
    assert locks_held(conninfo) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["trio"])
async def test_more_tasks_wait_in_threads_than_the_loop_shares_among_all(kind: str, conninfo: str) -> None:
    lock, got = Lock(kind, conninfo), 0

    async def work() -> None:
        nonlocal got
        async with lock():
            got += 1

    anyio.to_thread.current_default_thread_limiter().total_tokens = 1
    async with anyio.create_task_group() as group, lock():
        for _ in range(3):
            group.start_soon(work)
        while waiting(conninfo) < 3:
            await checkpoint()
    assert got == 3


@pytest.mark.anyio
async def test_on_a_loop_of_asyncio_s_that_the_driver_does_not_know_a_thread_waits(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "ProactorEventLoop", type(asyncio.get_running_loop()), raising=False)
    monkeypatch.delattr(psycopg.AsyncConnection, "connect")
    async with Lock("asyncio", conninfo)():
        assert locks_held(conninfo) == 1
    assert locks_held(conninfo) == 0
