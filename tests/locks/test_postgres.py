"""Locks in PostgreSQL, against a real server."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString

import anyio
import psycopg
import pytest
from anyio.lowlevel import checkpoint

import trustly_customers._postgres
from trustly_customers import InvalidRequestError, Trustly
from trustly_customers.locks import AsyncPostgresLock, LockError, PostgresLock

SECONDS = 20
ID = "zqcustomer77"
SECRET = "zqsecret"


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """Say which lock the test is of, and on which loop."""
    found: str = request.param
    return found


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run the test on the loop that its lock is for."""
    kind = request.getfixturevalue("kind") if "kind" in request.fixturenames else "asyncio"
    return "trio" if kind == "trio" else "asyncio"


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


def until(condition: Callable[[], bool]) -> None:
    """Ask the server until something is so."""
    for _ in range(SECONDS * 100):
        if condition():
            return
        threading.Event().wait(0.01)
    pytest.fail("it never came to that")


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


def break_all(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'trustly-customers' AND pid <> pg_backend_pid()"
        )


@pytest.mark.anyio
async def test_an_administrator_s_limit_to_idle_transactions_does_not_end_the_lock(kind: str, conninfo: str) -> None:
    limited = conninfo + " options='-c idle_in_transaction_session_timeout=20ms'"
    with psycopg.connect(limited) as connection:
        row = connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert row == ("20ms",)
    async with Lock(kind, limited)():
        await anyio.to_thread.run_sync(threading.Event().wait, 0.1)
        assert locks_held(conninfo) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("connect", "words"),
    [
        (f"host=127.0.0.1 port=1 user={SECRET} password={SECRET}", "OperationalError"),
        (f"postgresql://{SECRET}:{SECRET}@127.0.0.1:1/{SECRET}", "OperationalError"),
        (f"host={SECRET}.invalid password={SECRET}", "OperationalError"),
        (f"{SECRET} password={SECRET}", "ProgrammingError"),
        (f"password={SECRET}\0", "UnicodeError|ValueError|ProgrammingError|OperationalError"),
    ],
)
async def test_a_database_that_cannot_be_reached_is_an_error_without_the_conninfo(
    connect: str, words: str, kind: str
) -> None:
    lock = Lock(kind, connect, timeout=2)
    assert SECRET not in f"{lock.inner!r} {vars(lock.inner)!r}"
    with pytest.raises(LockError, match=rf"^PostgreSQL gave no lock \(({words})\); nothing was done$") as caught:
        async with lock():
            pytest.fail("there is no database")
    error = caught.value
    assert (error.__cause__, error.__context__) == (None, None)
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [f for f in shown.stack if f.filename == inspect.getfile(trustly_customers._postgres)]
    assert ours
    assert SECRET not in f"{error!r} {[frame.locals for frame in ours]}"


@pytest.mark.anyio
async def test_a_wrong_password_is_an_error_without_it(kind: str, conninfo: str) -> None:
    with pytest.raises(LockError) as caught:
        async with Lock(kind, f"{conninfo} user={SECRET} password={SECRET}")():
            pytest.fail("there is no such user")
    assert "OperationalError" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.anyio
@WITH_FUNCTIONS
async def test_what_another_error_of_the_user_s_function_is_passes(kind: str) -> None:
    def connect() -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with Lock(kind, connect)():
            pass


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


def waiting(conninfo: str) -> int:
    return counted(conninfo, "pg_locks WHERE locktype = 'advisory' AND NOT granted")


def connections(conninfo: str) -> int:
    return counted(conninfo, "pg_stat_activity WHERE application_name = 'trustly-customers'")


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


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["trio"])
async def test_under_trio_a_function_is_refused_and_the_error_says_what_to_do(kind: str, conninfo: str) -> None:
    with pytest.raises(
        LockError, match=r"^a function that connects needs asyncio's selector loop; give a conninfo string instead$"
    ):
        async with Lock(kind, connected(kind, conninfo))():
            pytest.fail("psycopg does not know the loop")


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


def test_locks_of_other_applications_and_of_ids_that_look_alike_are_others(conninfo: str) -> None:
    ids = ["1", "01", "1 ", "a", "A", "é", "e\u0301", "", "\ud800", "日本"]
    keys = {trustly_customers._postgres._key(each) for each in ids}
    assert len(keys) == len(ids)
    assert all(-(2**63) <= key < 2**63 for key in keys)
    # What older and newer versions share: a lock is of no use when they take different ones.
    assert trustly_customers._postgres._key("1002580963") == KEY_OF_THE_EXAMPLE
    with PostgresLock(conninfo)("1"), PostgresLock(conninfo, timeout=0.05)("01"):
        assert locks_held(conninfo) == 2


KEY_OF_THE_EXAMPLE = 5959855913425240867


@pytest.mark.parametrize("connect", [None, 7, b"host=x", ["host=x"]])
def test_what_is_no_way_to_connect_is_refused(connect: Any, kind: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"^connect must be a conninfo string, or a function"):
        Lock(kind, connect)


def test_without_the_extra_the_error_names_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ImportError, match=r'PostgresLock needs psycopg: pip install "trustly-customers\[postgres\]"'):
        Lock(kind, "host=x")


def test_no_database_means_that_modify_sends_nothing() -> None:
    with (
        Trustly("zqid", "zqkey", base_url="http://127.0.0.1:1") as client,
        pytest.raises(LockError, match="gave no lock"),
    ):
        client.customers.modify(ID, vip="2", lock=PostgresLock("host=127.0.0.1 port=1"))
