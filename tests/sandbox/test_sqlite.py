"""The SQLite store by itself: what one commit holds, what a file keeps, and files of the version before."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import SandboxError, create_app
from trustly_customers.sandbox._http import ARRIVING
from trustly_customers.sandbox._stores import operations, sqlite_writers
from trustly_customers.sandbox._stores.protocol import Steps
from trustly_customers.sandbox._stores.sqlite import APPLICATION_ID, Durability, SQLiteStore

from ._process import TIMEOUT

pytestmark = pytest.mark.anyio

SPACE = "a-space"
OLD = {"1": '{"name":"nul\0 é \U0001f680"}', "é/\0": "{}"}


@pytest.fixture(params=Durability)
def durability(request: pytest.FixtureRequest) -> Durability:
    kind: Durability = request.param
    return kind


@pytest.fixture
async def store(tmp_path: Path, durability: Durability) -> AsyncIterator[SQLiteStore]:
    opened = SQLiteStore.open(tmp_path / "store.db", durability)
    await opened.write(operations.put(SPACE, [("a", b"0"), ("b", b"0")]))
    yield opened
    await opened.close()


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A file as the first version wrote it."""
    database = tmp_path / "old.db"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE customers (id TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID")
    connection.executemany("INSERT INTO customers VALUES (?, ?)", OLD.items())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    return database


def plus_one(document: bytes) -> bytes:
    return b"%d" % (int(document) + 1)


async def test_updates_that_wait_at_the_same_moment_share_one_commit(store: SQLiteStore) -> None:
    statements: list[str] = []
    store._writer._connection.set_trace_callback(statements.append)
    await asyncio.gather(*(store.update(SPACE, key, plus_one) for key in "aabaaabaa"))
    assert statements.count("COMMIT") == 1


async def test_an_update_is_on_disk_when_it_is_answered(store: SQLiteStore, tmp_path: Path) -> None:
    await store.update(SPACE, "a", plus_one)
    other = SQLiteStore.open(tmp_path / "store.db")
    assert await other.get(SPACE, "a") == b"1"
    await other.close()


@pytest.fixture
def statements(store: SQLiteStore) -> list[str]:
    """What is done by the connection that reads."""
    found: list[str] = []
    store._reader.set_trace_callback(found.append)
    return found


async def test_requests_that_arrive_together_read_together(store: SQLiteStore, statements: list[str]) -> None:
    ARRIVING.set(True)
    for key in "aba":
        assert await store.get(SPACE, key) == b"0"
    assert [each for each in statements if not each.startswith("SELECT")] == ["BEGIN"]
    await asyncio.sleep(0)
    assert statements[-1] == "COMMIT"


async def test_a_later_step_reads_what_another_process_has_committed_since(store: SQLiteStore, tmp_path: Path) -> None:
    ARRIVING.set(True)
    assert await store.get(SPACE, "a") == b"0"
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as other, other:
        other.execute("UPDATE customers SET document = x'31'")
    assert await store.get(SPACE, "a") == b"0"
    ARRIVING.set(False)
    assert await store.get(SPACE, "a") == b"1"


async def test_a_reading_that_sqlite_has_ended_itself_is_over(store: SQLiteStore) -> None:
    ARRIVING.set(True)
    await store.get(SPACE, "a")
    store._reader.execute("ROLLBACK")
    assert await store.update(SPACE, "a", plus_one) == b"1"
    assert await store.get(SPACE, "a") == b"1"


async def test_another_process_cannot_write_between_the_read_and_the_write_of_an_update(
    store: SQLiteStore, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None, check_same_thread=False)

    def change(document: bytes) -> bytes:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE customers SET document = '7' WHERE id = x'61'")
        return plus_one(document)

    assert await store.update(SPACE, "a", change) == b"1"
    other.close()


@pytest.fixture
def locked(tmp_path: Path, store: SQLiteStore) -> Iterator[sqlite3.Connection]:
    """Another process's connection, in the middle of a transaction that writes."""
    del store
    other = sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def waits(store: SQLiteStore) -> asyncio.Event:
    """Is set once the store has asked for the lock."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def look(statement: str) -> None:
        if statement == "BEGIN IMMEDIATE":
            loop.call_soon_threadsafe(asked.set)

    store._writer._connection.set_trace_callback(look)
    return asked


@pytest.mark.parametrize("kind", ["update", "write"])
async def test_the_loop_serves_on_while_another_process_writes(
    store: SQLiteStore, locked: sqlite3.Connection, kind: str
) -> None:
    asked = waits(store)
    waiting: asyncio.Future[object]
    if kind == "update":
        waiting = asyncio.ensure_future(store.update(SPACE, "a", plus_one))
    else:
        waiting = asyncio.ensure_future(store.write(operations.put(SPACE, [("a", b"1")])))
    await asyncio.wait_for(asked.wait(), TIMEOUT)
    another = asyncio.ensure_future(store.update(SPACE, "b", plus_one))
    assert await store.get(SPACE, "a") == b"0"
    assert not waiting.done()
    assert not another.done()
    locked.execute("ROLLBACK")
    await asyncio.wait_for(asyncio.gather(waiting, another), TIMEOUT)
    assert [await store.get(SPACE, key) for key in "ab"] == [b"1", b"1"]


async def test_a_lock_that_is_held_too_long_fails_what_waits_for_it_and_nothing_after(
    store: SQLiteStore, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writers, "BUSY_SECONDS", 0.05)
    calls = (store.update(SPACE, "a", plus_one), store.write(operations.put(SPACE, [("a", b"1")])))
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), TIMEOUT)
    assert [str(outcome) for outcome in outcomes] == ["database is locked"] * 2
    locked.execute("ROLLBACK")
    assert await store.update(SPACE, "a", plus_one) == b"1"


@pytest.mark.parametrize("durability", [Durability.NORMAL], indirect=True)
async def test_other_requests_are_answered_while_another_process_writes(
    store: SQLiteStore, locked: sqlite3.Connection, path: str, update: dict[str, Any]
) -> None:
    transport = httpx.ASGITransport(create_app(store))
    auth = ("sandbox", "sandbox")
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox", auth=auth) as client:
        locked.execute("ROLLBACK")
        assert (await client.get(f"/api/v1{path}")).status_code == 200
        locked.execute("BEGIN IMMEDIATE")
        asked = waits(store)
        updating = asyncio.ensure_future(client.post(f"/api/v1{path}", json=update))
        await asyncio.wait_for(asked.wait(), TIMEOUT)
        for other in (f"/api/v1{path}", "/_sandbox/health"):
            assert (await client.get(other)).status_code == 200
        assert not updating.done()
        locked.execute("ROLLBACK")
        assert (await updating).status_code == 200


@pytest.mark.parametrize("durability", [Durability.FULL], indirect=True)
async def test_what_comes_while_the_thread_writes_is_behind_it_though_the_caller_has_left(store: SQLiteStore) -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def slow() -> Steps[None]:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(TIMEOUT)
        yield from operations.put(SPACE, [("a", b"5")])

    writing = asyncio.ensure_future(store.write(slow()))
    await asyncio.wait_for(begun.wait(), TIMEOUT)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    update = asyncio.ensure_future(store.update(SPACE, "a", plus_one))
    await asyncio.sleep(0)  # in which it begins
    assert not update.done()
    assert await store.get(SPACE, "a") == b"0"
    go_on.set()
    assert await asyncio.wait_for(update, TIMEOUT) == b"6"


async def test_updates_that_cannot_be_committed_are_all_undone_and_told(store: SQLiteStore) -> None:
    connection = store._writer._connection
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE owners (name BLOB PRIMARY KEY)")
    # Which SQLite looks at when it commits, and no sooner.
    connection.execute("CREATE TABLE owned (name BLOB REFERENCES owners DEFERRABLE INITIALLY DEFERRED)")
    connection.execute(
        "CREATE TRIGGER owning AFTER UPDATE ON customers WHEN NEW.document = x'31'"
        " BEGIN INSERT INTO owned VALUES (NEW.id); END"
    )
    told = await asyncio.gather(*(store.update(SPACE, key, plus_one) for key in "ab"), return_exceptions=True)
    assert [str(each) for each in told] == ["FOREIGN KEY constraint failed"] * 2
    assert [await store.get(SPACE, key) for key in "ab"] == [b"0", b"0"]
    assert await store.update(SPACE, "a", lambda _: b"7") == b"7"


async def assert_upgraded(database: Path, durability: Durability = Durability.NORMAL) -> None:
    store = SQLiteStore.open(database, durability)
    assert dict(await store.read(operations.page("", None, 10))) == {k: v.encode() for k, v in OLD.items()}
    assert await store.read(operations.namespaces()) == [""]
    assert await store.update("", "1", lambda _: b"new") == b"new"
    await store.close()


async def test_a_file_of_the_first_version_is_upgraded_and_keeps_what_it_holds(
    old_file: Path, durability: Durability
) -> None:
    await assert_upgraded(old_file, durability)
    connection = sqlite3.connect(old_file)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert tables == {"namespaces", "customers", "snapshots"}


OPEN_ON_COMMAND = """
import asyncio, sys
from pathlib import Path
from trustly_customers.sandbox._stores.protocol import Steps
from trustly_customers.sandbox._stores.sqlite import SQLiteStore
print(flush=True)
sys.stdin.readline()
for database in sys.argv[1:]:
    asyncio.run(SQLiteStore.open(Path(database)).close())
"""


@pytest.mark.parametrize("is_old", [True, False])
def test_processes_that_start_at_once_make_or_upgrade_a_file_once(
    old_file: Path, tmp_path: Path, *, is_old: bool
) -> None:
    # Many files, since a moment is easily missed.
    databases = [tmp_path / f"{number}.db" for number in range(30)]
    if is_old:
        for database in databases:
            shutil.copy(old_file, database)
    command = [sys.executable, "-c", OPEN_ON_COMMAND, *map(str, databases)]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(4)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "\n"
        for process in processes:
            assert process.stdin
            process.stdin.close()
        assert [process.wait(TIMEOUT) for process in processes] == [0] * 4
    if is_old:
        asyncio.run(assert_upgraded(databases[0]))


async def test_an_upgrade_that_fails_leaves_the_file_as_it_was(old_file: Path) -> None:
    connection = sqlite3.connect(old_file)
    connection.execute("CREATE TABLE snapshots (mine)")
    connection.commit()
    connection.close()
    with pytest.raises(SandboxError, match=r"cannot be opened \(.*snapshots already exists"):
        SQLiteStore.open(old_file)
    connection = sqlite3.connect(old_file)
    assert dict(connection.execute("SELECT id, document FROM customers")) == OLD
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
