"""Locks in PostgreSQL, against a real server: who holds one, and how it is given back."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading

import anyio
import psycopg
import pytest

import trustly_customers._postgres
from trustly_customers.locks import LockError, PostgresLock

from ._lock import (
    AWAITED,
    ID,
    SECONDS,
    Lock,
    break_all,
    connected,
    locks_held,
)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "how"),
    [*itertools.product(["sync", "asyncio"], ["conninfo", "function", "autocommit"]), ("trio", "conninfo")],
)
async def test_one_at_a_time_holds_the_lock_of_a_customer(how: str, kind: str, conninfo: str) -> None:
    connect = conninfo if how == "conninfo" else connected(kind, conninfo, autocommit=how == "autocommit")
    lock, impatient = Lock(kind, connect), Lock(kind, conninfo, timeout=0.05)
    async with lock():
        assert locks_held(conninfo) == 1
        with pytest.raises(LockError) as caught:
            async with impatient():
                pytest.fail("held twice")
        async with impatient("another"):
            assert locks_held(conninfo) == 2
    assert str(caught.value) == "the customer's lock was not given back by others within 0.05 seconds; nothing was done"
    assert locks_held(conninfo) == 0
    async with impatient():
        pass


@pytest.mark.anyio
@AWAITED
async def test_sync_and_async_code_share_the_lock_of_a_customer(kind: str, conninfo: str) -> None:
    async with Lock(kind, conninfo)():
        with pytest.raises(LockError, match="not given back"), PostgresLock(conninfo, timeout=0.05)(ID):
            pass


@pytest.mark.anyio
async def test_who_waits_gets_the_lock_when_it_is_given_back(kind: str, conninfo: str) -> None:
    lock, other, got = Lock(kind, conninfo), PostgresLock(conninfo), threading.Event()

    def work() -> None:
        with other(ID):
            got.set()

    thread = threading.Thread(target=work, daemon=True)
    async with lock():
        thread.start()
        assert not got.wait(0.05)
    assert await anyio.to_thread.run_sync(got.wait, SECONDS)
    thread.join(SECONDS)


@pytest.mark.anyio
async def test_what_the_body_raises_passes_unchanged_and_the_lock_is_given_back(kind: str, conninfo: str) -> None:
    for oops in (RuntimeError(), psycopg.OperationalError(), psycopg.Rollback(), KeyboardInterrupt()):
        with pytest.raises(type(oops)) as caught:
            async with Lock(kind, conninfo)():
                raise oops
        assert caught.value is oops
        assert locks_held(conninfo) == 0


@pytest.mark.anyio
async def test_a_connection_that_breaks_while_the_lock_is_held_is_told_afterwards(kind: str, conninfo: str) -> None:
    done = []

    async def work() -> None:
        async with Lock(kind, conninfo)():
            break_all(conninfo)
            done.append(1)

    with pytest.raises(LockError) as caught:
        await work()
    assert done == [1]
    assert "broke while the lock was held (AdminShutdown, SQLSTATE 57P01)" in str(caught.value)
    assert "has been done, but perhaps while another did the same" in str(caught.value)


@pytest.mark.anyio
async def test_the_body_s_error_is_raised_also_when_the_connection_broke(kind: str, conninfo: str) -> None:
    async def work() -> None:
        async with Lock(kind, conninfo)():
            break_all(conninfo)
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        await work()


@pytest.mark.anyio
async def test_an_administrator_s_limit_to_idle_transactions_does_not_end_the_lock(kind: str, conninfo: str) -> None:
    limited = conninfo + " options='-c idle_in_transaction_session_timeout=20ms'"
    with psycopg.connect(limited) as connection:
        row = connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert row == ("20ms",)
    async with Lock(kind, limited)():
        await anyio.to_thread.run_sync(threading.Event().wait, 0.1)
        assert locks_held(conninfo) == 1


HOLD = """
import sys
from trustly_customers.locks import PostgresLock
with PostgresLock(sys.argv[1])(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_process_that_dies_gives_the_lock_back(conninfo: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, conninfo, ID], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(LockError), PostgresLock(conninfo, timeout=0.05)(ID):
                pass
            process.send_signal(signal.SIGKILL)
            with PostgresLock(conninfo)(ID):
                pass
        finally:
            process.kill()


KEY_OF_THE_EXAMPLE = 5959855913425240867


def test_locks_of_other_applications_and_of_ids_that_look_alike_are_others(conninfo: str) -> None:
    ids = ["1", "01", "1 ", "a", "A", "é", "e\u0301", "", "\ud800", "日本"]
    keys = {trustly_customers._postgres._key(each) for each in ids}
    assert len(keys) == len(ids)
    assert all(-(2**63) <= key < 2**63 for key in keys)
    # What older and newer versions share: a lock is of no use when they take different ones.
    assert trustly_customers._postgres._key("1002580963") == KEY_OF_THE_EXAMPLE
    with PostgresLock(conninfo)("1"), PostgresLock(conninfo, timeout=0.05)("01"):
        assert locks_held(conninfo) == 2
