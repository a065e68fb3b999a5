"""The SQLite store by itself: what updates share, and how they fail."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.sqlite import Durability, SQLiteStore

pytestmark = pytest.mark.anyio

SPACE = "a-space"


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


def plus_one(document: bytes) -> bytes:
    return b"%d" % (int(document) + 1)


async def test_updates_that_wait_at_the_same_moment_share_one_commit_and_see_each_other(store: SQLiteStore) -> None:
    statements: list[str] = []
    store._writer.set_trace_callback(statements.append)
    results = await asyncio.gather(
        *(store.update(SPACE, "a", plus_one) for _ in range(10)), store.update(SPACE, "b", plus_one)
    )
    assert results == [*(b"%d" % number for number in range(1, 11)), b"1"]
    assert statements.count("COMMIT") == 1
    assert await store.get(SPACE, "a") == b"10"


async def test_an_update_is_on_disk_when_it_is_answered(store: SQLiteStore, tmp_path: Path) -> None:
    await store.update(SPACE, "a", plus_one)
    other = SQLiteStore.open(tmp_path / "store.db")
    assert await other.get(SPACE, "a") == b"1"
    await other.close()


async def test_a_change_that_fails_fails_alone(store: SQLiteStore) -> None:
    results = await asyncio.gather(
        store.update(SPACE, "a", plus_one),
        store.update(SPACE, "a", lambda _: b"%d" % (1 // 0)),
        store.update(SPACE, "nobody", plus_one),
        store.update(SPACE, "a", plus_one),
        return_exceptions=True,
    )
    assert results[0] == b"1"
    assert isinstance(results[1], ZeroDivisionError)
    assert results[2] is None
    assert results[3] == b"2"
    assert await store.get(SPACE, "a") == b"2"
    assert await store.get(SPACE, "nobody") is None


async def test_a_commit_that_fails_is_told_to_everybody_and_changes_nothing(store: SQLiteStore) -> None:
    store._writer.execute(
        "CREATE TEMP TRIGGER full BEFORE UPDATE ON customers WHEN new.id = x'62' BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    updates = [
        store.update(SPACE, "a", plus_one),
        store.update(SPACE, "b", plus_one),
        store.update(SPACE, "a", plus_one),
    ]
    results = await asyncio.gather(*updates, return_exceptions=True)
    assert [type(result) for result in results] == [sqlite3.IntegrityError] * 3
    assert await store.get(SPACE, "a") == await store.get(SPACE, "b") == b"0"
    assert await store.update(SPACE, "a", plus_one) == b"1"


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


async def test_an_update_whose_caller_left_before_it_was_made_is_dropped(store: SQLiteStore) -> None:
    task = asyncio.ensure_future(store.update(SPACE, "a", plus_one))
    stays = asyncio.ensure_future(store.update(SPACE, "b", plus_one))
    asyncio.get_running_loop().call_soon(task.cancel)
    assert await asyncio.wait_for(stays, 5) == b"1"
    assert task.cancelled()
    assert await store.get(SPACE, "a") == b"0"
