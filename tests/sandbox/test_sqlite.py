"""The SQLite store by itself: what one commit holds, what a file keeps, and files of the version before."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trustly_customers.sandbox import SandboxError
from trustly_customers.sandbox._stores import operations
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
    store._writer.set_trace_callback(statements.append)
    await asyncio.gather(*(store.update(SPACE, key, plus_one) for key in "aabaaabaa"))
    assert statements.count("COMMIT") == 1


async def test_an_update_is_on_disk_when_it_is_answered(store: SQLiteStore, tmp_path: Path) -> None:
    await store.update(SPACE, "a", plus_one)
    other = SQLiteStore.open(tmp_path / "store.db")
    assert await other.get(SPACE, "a") == b"1"
    await other.close()


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
