"""What can be done with a store besides reading and updating one text, over every store."""

from __future__ import annotations

import pytest

from trustly_customers.sandbox import Store
from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.protocol import Steps

pytestmark = pytest.mark.anyio

# In the order of their UTF-8.
KEYS = ["\0", "a", "a\0b", "a'b\"?%s", "é", "\uffff", "\U0001f9d1\u200d\U0001f680"]


async def everything(store: Store, namespace: str) -> list[tuple[str, bytes]]:
    return await store.read(operations.page(namespace, None, 1000))


async def test_a_namespace_begins_once(each_store: Store, namespace: str) -> None:
    assert not await each_store.read(operations.exists(namespace))
    assert await each_store.write(operations.begin(namespace, {"a": b"1"}))
    assert not await each_store.write(operations.begin(namespace, {"a": b"2", "b": b"2"}))
    assert await each_store.read(operations.exists(namespace))
    assert await everything(each_store, namespace) == [("a", b"1")]


@pytest.mark.parametrize("key", KEYS)
async def test_a_text_comes_back_byte_for_byte_under_any_key(each_store: Store, namespace: str, key: str) -> None:
    text = bytes(range(256))
    assert await each_store.write(operations.create(namespace, key, text))
    assert await each_store.get(namespace, key) == text
    assert await each_store.update(namespace, key, lambda before: before + b"\0") == text + b"\0"
    assert await everything(each_store, namespace) == [(key, text + b"\0")]


async def test_a_key_is_created_once(each_store: Store, namespace: str) -> None:
    assert await each_store.write(operations.create(namespace, "a", b"1"))
    assert not await each_store.write(operations.create(namespace, "a", b"2"))
    assert await each_store.get(namespace, "a") == b"1"


async def test_putting_creates_and_replaces_and_the_last_of_a_key_wins(each_store: Store, namespace: str) -> None:
    many = [(f"{number:04}", b"%d" % number) for number in range(1000)]
    assert await each_store.write(operations.put(namespace, [*many, ("0000", b"new"), ("0000", b"newer")])) == 1002
    assert await each_store.write(operations.put(namespace, [("0001", b"replaced")])) == 1
    assert await each_store.write(operations.put(namespace, [])) == 0
    assert await each_store.read(operations.count(namespace)) == 1000
    assert await each_store.get(namespace, "0000") == b"newer"
    assert await each_store.get(namespace, "0001") == b"replaced"
    assert await each_store.get(namespace, "0999") == b"999"


async def test_a_key_is_deleted_once(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.put(namespace, [("a", b"1"), ("b", b"1")]))
    assert await each_store.write(operations.delete(namespace, "a"))
    assert not await each_store.write(operations.delete(namespace, "a"))
    assert await everything(each_store, namespace) == [("b", b"1")]


async def test_pages_follow_each_other_in_the_order_of_utf_8(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.put(namespace, [(key, b"") for key in reversed(KEYS)]))
    found: list[str] = []
    while page := await each_store.read(operations.page(namespace, found[-1] if found else None, 2)):
        assert len(page) <= 2
        found += [key for key, _ in page]
    assert found == KEYS


async def test_namespaces_never_see_each_other(each_store: Store, namespace: str) -> None:
    other = namespace + "-other"
    for each in (namespace, other):
        await each_store.write(operations.begin(each, {"a": each.encode()}))
        await each_store.write(operations.snapshot(each, "s"))
    await each_store.update(namespace, "a", lambda _: b"changed")
    await each_store.write(operations.reset(namespace, {}))
    assert {namespace, other} <= set(await each_store.read(operations.namespaces()))
    assert await each_store.write(operations.remove(namespace))
    assert await everything(each_store, other) == [("a", other.encode())]
    assert await each_store.read(operations.snapshots(other)) == ["s"]
    assert namespace not in await each_store.read(operations.namespaces())


async def test_a_reset_leaves_just_what_it_is_given_and_the_snapshots(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.begin(namespace, {"a": b"1", "b": b"1"}))
    await each_store.write(operations.snapshot(namespace, "s"))
    await each_store.write(operations.reset(namespace, {"b": b"2", "c": b"2"}))
    assert await everything(each_store, namespace) == [("b", b"2"), ("c", b"2")]
    assert await each_store.read(operations.snapshots(namespace)) == ["s"]


async def test_a_reset_begins_a_namespace(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.reset(namespace, {"a": b"1"}))
    assert await each_store.read(operations.exists(namespace))
    assert await everything(each_store, namespace) == [("a", b"1")]


async def test_a_removed_namespace_is_gone_with_its_snapshots(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.begin(namespace, {"a": b"1"}))
    await each_store.write(operations.snapshot(namespace, "s"))
    assert await each_store.write(operations.remove(namespace))
    assert not await each_store.write(operations.remove(namespace))
    assert not await each_store.read(operations.exists(namespace))
    assert await everything(each_store, namespace) == []
    assert await each_store.read(operations.snapshots(namespace)) == []


async def test_a_snapshot_brings_back_exactly_what_was_there(each_store: Store, namespace: str) -> None:
    before = [(key, key.encode()) for key in KEYS]
    await each_store.write(operations.put(namespace, before))
    await each_store.write(operations.snapshot(namespace, "é\0"))
    await each_store.write(operations.put(namespace, [(KEYS[0], b"changed"), ("new", b"")]))
    await each_store.write(operations.delete(namespace, KEYS[1]))
    assert await each_store.write(operations.restore(namespace, "é\0"))
    assert await everything(each_store, namespace) == before


async def test_a_snapshot_of_nothing_is_a_snapshot(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.snapshot(namespace, "empty"))
    await each_store.write(operations.put(namespace, [("a", b"1")]))
    assert await each_store.write(operations.restore(namespace, "empty"))
    assert await everything(each_store, namespace) == []


async def test_a_snapshot_replaces_one_of_its_name_and_is_forgotten_once(each_store: Store, namespace: str) -> None:
    for text in (b"1", b"2"):
        await each_store.write(operations.put(namespace, [("a", text)]))
        await each_store.write(operations.snapshot(namespace, "s"))
    await each_store.write(operations.reset(namespace, {}))
    await each_store.write(operations.restore(namespace, "s"))
    assert await each_store.get(namespace, "a") == b"2"
    await each_store.write(operations.snapshot(namespace, "r"))
    assert await each_store.read(operations.snapshots(namespace)) == ["r", "s"]
    assert await each_store.write(operations.forget(namespace, "s"))
    assert not await each_store.write(operations.forget(namespace, "s"))
    assert await each_store.read(operations.snapshots(namespace)) == ["r"]


async def test_restoring_what_is_not_there_changes_nothing(each_store: Store, namespace: str) -> None:
    await each_store.write(operations.put(namespace, [("a", b"1")]))
    assert not await each_store.write(operations.restore(namespace, "nothing"))
    assert await everything(each_store, namespace) == [("a", b"1")]


async def test_a_write_that_fails_half_way_changes_nothing(each_store: Store, namespace: str) -> None:
    def failing() -> Steps[None]:
        yield from operations.put(namespace, [("b", b"2")])
        yield from operations.delete(namespace, "a")
        raise LookupError

    await each_store.write(operations.put(namespace, [("a", b"1")]))
    with pytest.raises(LookupError):
        await each_store.write(failing())
    assert await everything(each_store, namespace) == [("a", b"1")]
    assert await each_store.write(operations.create(namespace, "c", b"3"))
