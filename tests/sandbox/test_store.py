"""What every store does with updates: together or alone, and how they fail."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from trustly_customers.sandbox import Durability, SandboxError, Store, open_store
from trustly_customers.sandbox._stores import operations

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(each_store: Store, namespace: str) -> Store:
    await each_store.write(operations.put(namespace, [("a", b"0"), ("b", b"0")]))
    return each_store


def plus_one(document: bytes) -> bytes:
    return b"%d" % (int(document) + 1)


async def test_updates_that_wait_at_the_same_moment_see_each_other(store: Store, namespace: str) -> None:
    results = await asyncio.gather(
        *(store.update(namespace, "a", plus_one) for _ in range(10)), store.update(namespace, "b", plus_one)
    )
    assert results == [*(b"%d" % number for number in range(1, 11)), b"1"]
    assert await asyncio.gather(*(store.get(namespace, key) for key in "abca")) == [b"10", b"1", None, b"10"]


async def test_a_change_that_fails_fails_alone(store: Store, namespace: str) -> None:
    results = await asyncio.gather(
        store.update(namespace, "a", plus_one),
        store.update(namespace, "a", lambda _: b"%d" % (1 // 0)),
        store.update(namespace, "nobody", plus_one),
        store.update(namespace, "a", plus_one),
        return_exceptions=True,
    )
    assert results[0] == b"1"
    assert isinstance(results[1], ZeroDivisionError)
    assert results[2] is None
    assert results[3] == b"2"
    assert await store.get(namespace, "a") == b"2"
    assert await store.get(namespace, "nobody") is None


async def test_a_commit_that_fails_is_told_to_everybody_and_changes_nothing(store: Store, namespace: str) -> None:
    def refused_by_the_table(_: bytes) -> bytes:
        return None  # type: ignore[return-value] # a document must not be NULL

    updates = [
        store.update(namespace, "a", plus_one),
        store.update(namespace, "b", refused_by_the_table),
        store.update(namespace, "a", plus_one),
    ]
    results = await asyncio.gather(*updates, return_exceptions=True)
    assert [type(result).__name__ for result in results] in [["IntegrityError"] * 3, ["NotNullViolation"] * 3]
    assert await store.get(namespace, "a") == await store.get(namespace, "b") == b"0"
    assert await store.update(namespace, "a", plus_one) == b"1"


async def test_an_update_whose_caller_left_before_it_was_made_is_dropped(store: Store, namespace: str) -> None:
    task = asyncio.ensure_future(store.update(namespace, "a", plus_one))
    stays = asyncio.ensure_future(store.update(namespace, "b", plus_one))
    task.cancel()
    assert await asyncio.wait_for(stays, 5) == b"1"
    assert task.cancelled()
    assert await store.get(namespace, "a") == b"0"


async def test_a_caller_that_leaves_while_its_update_is_made_harms_nobody(store: Store, namespace: str) -> None:
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Future[bytes | None]] = []

    def change(document: bytes) -> bytes:
        loop.call_soon_threadsafe(tasks[0].cancel)
        return plus_one(document)

    tasks += [asyncio.ensure_future(store.update(namespace, "a", each)) for each in (change, plus_one)]
    assert await asyncio.wait_for(tasks[1], 5) == b"2"
    assert await store.update(namespace, "a", plus_one) == b"3"


async def test_what_updates_and_writes_do_at_the_same_moment_adds_up(store: Store, namespace: str) -> None:
    async def work(number: int) -> None:
        for turn in range(5):
            await store.update(namespace, "ab"[turn % 2], plus_one)
            await store.write(operations.create(namespace, f"{number}-{turn}", b"0"))
            assert await store.get(namespace, f"{number}-{turn}") == b"0"

    await asyncio.gather(*map(work, range(8)))
    assert await store.get(namespace, "a") == b"24"
    assert await store.get(namespace, "b") == b"16"
    assert await store.read(operations.count(namespace)) == 42


@pytest.mark.parametrize("durability", Durability)
@pytest.mark.parametrize("kind", ["memory", "file", "postgres"])
async def test_what_is_asked_of_a_closed_store_fails_and_does_not_wait(
    kind: str, durability: Durability, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = (
        request.getfixturevalue("conninfo") if kind == "postgres" else {"file": str(tmp_path / "a.db")}.get(kind, kind)
    )
    store = open_store(name, durability=durability)
    await store.close()
    for call in (store.get("", "a"), store.update("", "a", plus_one), store.write(operations.create("", "a", b"0"))):
        with pytest.raises((RuntimeError, sqlite3.ProgrammingError)):
            await asyncio.wait_for(call, 5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mysql://user:s3cr3t@127.0.0.1/x", "of an unknown kind"),
        ("postgresql:/user:s3cr3t@127.0.0.1/x", "of an unknown kind"),
        ("user:s3cr3t@127.0.0.1/x", "of an unknown kind"),
        (":memory:", "has no name; use memory"),
        (" ", "has no name; use memory"),
    ],
)
def test_what_is_the_name_of_no_store_is_neither_opened_nor_repeated(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SandboxError, match=words) as raised:
        open_store(name)
    assert "s3cr3t" not in str(raised.value)
    assert [*tmp_path.iterdir()] == []


def test_a_file_may_have_any_other_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("memory.db", "me@home.db", str(tmp_path / "a:b@c.db"), "ä b.db"):
        asyncio.run(open_store(name).close())
        assert Path(name).is_file()
