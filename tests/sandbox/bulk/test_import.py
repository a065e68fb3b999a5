"""Customers as JSON Lines, into a store and out of it."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from trustly_customers.sandbox import SandboxError, Store, open_store
from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._api.records import MAX_CUSTOMER
from trustly_customers.sandbox._bulk import files
from trustly_customers.sandbox._bulk.files import MAX_HELD, existing_file, new_file
from trustly_customers.sandbox._bulk.lines import MAX_LINE, LineError, refuse
from trustly_customers.sandbox._bulk.transfer import export_lines, import_generated, import_lines
from trustly_customers.sandbox._spec import load_spec
from trustly_customers.sandbox._stores import operations

pytestmark = pytest.mark.anyio

SPACE = "a-space"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store()
    yield opened
    await opened.close()


@pytest.fixture
def customer(components: Any) -> dict[str, Any]:
    value: dict[str, Any] = components["examples"]["CustomerResponse"]["value"]["customer"]
    return value


def told(_more: int) -> None:
    """Take no notice."""


def lines(customers: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in customers)


async def content(store: Store, namespace: str = SPACE) -> bytes:
    target = io.BytesIO()
    if namespace == SPACE and not await store.read(operations.exists(SPACE)):
        return b""
    await export_lines(store, namespace, target, told)
    return target.getvalue()


async def imported(store: Store, text: bytes, refused: Any = refuse, namespace: str = SPACE) -> int:
    return await import_lines(store, namespace, io.BytesIO(text), refused, told)


async def test_what_is_exported_is_imported_as_it_was(store: Store) -> None:
    await import_generated(store, "another", 1000, 7, told)
    text = await content(store, "another")
    assert text.count(b"\n") == 1002
    assert await imported(store, text) == 1002
    assert await content(store) == text


async def test_an_import_into_a_new_namespace_brings_no_examples_with_it_neither_then_nor_later(
    store: Store, customer: dict[str, Any]
) -> None:
    await imported(store, lines([{**customer, "name": "Somebody Else"}]))
    assert await Customers(load_spec(), store).get(SPACE, "nobody") is None
    assert [json.loads(line)["name"] for line in (await content(store)).splitlines()] == ["Somebody Else"]


async def test_an_import_replaces_customers_of_the_same_id_and_leaves_the_others(
    store: Store, customer: dict[str, Any]
) -> None:
    await imported(store, lines([{**customer, "customerId": name} for name in "ab"]))
    await imported(
        store, lines([{**customer, "customerId": "b", "vip": "1"}, {**customer, "customerId": "b", "vip": "2"}])
    )
    found = [json.loads(line) for line in (await content(store)).splitlines()]
    assert [(each["customerId"], each.get("vip")) for each in found] == [("a", customer.get("vip")), ("b", "2")]


async def test_a_malformed_line_among_ten_thousand_is_told_and_nothing_is_imported(
    store: Store, customer: dict[str, Any]
) -> None:
    good = [{**customer, "customerId": str(number)} for number in range(10_000)]
    text = lines(good[:5000]) + b'{"zqsecret": \n' + lines(good[5000:])
    with pytest.raises(
        LineError, match=r"line 5001: not one strict JSON text in UTF-8; nothing was imported"
    ) as raised:
        await imported(store, text)
    assert "zqsecret" not in str(raised.value)
    assert await content(store) == b""
    assert not await store.read(operations.exists(SPACE))
    left_out: list[tuple[int, str]] = []
    assert await imported(store, text, lambda number, reason: left_out.append((number, reason))) == 10_000
    assert left_out == [(5001, "not one strict JSON text in UTF-8")]
    assert (await content(store)).count(b"\n") == 10_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"customerId": None}, "/customerId: required"),
        ({"customerId": ".."}, "/customerId: no path can carry it"),
        ({"customerId": "ä" * 513}, "/customerId: longer than this sandbox keeps"),
        ({"address": {"country": "zqsecret"}}, "/address/country: pattern"),
        ({"updatedAt": "zqsecret"}, "/updatedAt: type"),
        ({"updatedAt": 9e12}, "/updatedAt: later than now"),
        ({"zqsecret": "x" * MAX_CUSTOMER}, "larger than this sandbox keeps"),
        ({"zqsecret": "x" * MAX_LINE}, f"longer than {MAX_LINE} bytes"),
    ],
)
async def test_a_line_that_is_no_customer_is_told_by_its_number_and_without_its_values(
    store: Store, customer: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    text = b"\n" + lines([customer, {**customer, **change}, customer])
    with pytest.raises(LineError) as raised:
        await imported(store, text)
    assert str(raised.value).startswith("line 3: ")
    assert reason in str(raised.value)
    assert "zqsecret" not in str(raised.value)
    assert await content(store) == b""


async def test_a_line_that_is_too_long_does_not_hide_the_next(store: Store, customer: dict[str, Any]) -> None:
    numbers: list[int] = []
    text = b"x" * (3 * MAX_LINE) + b"\n" + lines([customer]) + b"x"
    assert await imported(store, text, lambda number, _: numbers.append(number)) == 1
    assert numbers == [1, 3]


class Look:
    """Sees that others may write, each time that it is told of a line or a customer."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.count = 0

    def __call__(self, _more: int) -> None:
        with contextlib.closing(sqlite3.connect(self._database, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
        self.count += 1


@pytest.fixture
async def in_file(tmp_path: Path) -> AsyncIterator[tuple[Store, Look]]:
    """A store in a file."""
    opened = open_store(tmp_path / "store.db")
    yield opened, Look(tmp_path / "store.db")
    await opened.close()


async def test_an_import_locks_nobody_out_while_its_lines_come_and_leaves_no_file(
    in_file: tuple[Store, Look], customer: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, look = in_file
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    # Too much to be held in memory, and ids that need escaping.
    text = lines([{**customer, "customerId": f"ä\n{number}"} for number in range(3000)])
    assert len(text) > MAX_HELD
    assert await import_lines(store, SPACE, io.BytesIO(text), refuse, look) == 3000
    assert look.count == 3000
    found = {json.loads(line)["customerId"] for line in (await content(store)).splitlines()}
    assert found == {f"ä\n{number}" for number in range(3000)}
    assert list(folder.iterdir()) == []


async def test_nobody_is_locked_out_while_customers_are_drawn(in_file: tuple[Store, Look]) -> None:
    store, look = in_file
    await import_generated(store, SPACE, 300, 0, look)
    assert look.count == 300
    assert (await content(store)).count(b"\n") == 302


@pytest.mark.skipif(os.name != "posix", reason="only there can the size of files be limited")
@pytest.mark.parametrize("number", [1, 3000], ids=["at the end", "in the middle"])
async def test_a_temporary_file_that_cannot_be_written_is_said_to_be(
    store: Store, customer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import resource  # noqa: PLC0415 - Windows has none

    monkeypatch.setattr(files, "MAX_HELD", 1)
    text = lines([{**customer, "customerId": str(each)} for each in range(number)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(SandboxError, match=r"a temporary file cannot be written \(File too large\).*set TMPDIR"):
            await imported(store, text)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert await content(store) == b""


async def test_lines_that_cannot_be_read_are_not_blamed_on_a_temporary_file(store: Store) -> None:
    class Broken(io.BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        await import_lines(store, SPACE, Broken(), refuse, told)


async def test_the_name_of_a_namespace_is_checked(store: Store, customer: dict[str, Any]) -> None:
    with pytest.raises(SandboxError, match="1 to 64"):
        await imported(store, lines([customer]), namespace="a b")
    with pytest.raises(SandboxError, match="1 to 64"):
        await content(store, "~")


async def test_how_much_is_read_and_written_is_told(store: Store, customer: dict[str, Any]) -> None:
    amounts: list[int] = []
    text = lines([{**customer, "customerId": str(number)} for number in range(600)])
    await import_lines(store, SPACE, io.BytesIO(text), refuse, amounts.append)
    assert sum(amounts) == len(text)
    amounts.clear()
    await export_lines(store, SPACE, io.BytesIO(), amounts.append)
    assert (sum(amounts), len(amounts)) == (600, 3)


def test_a_file_takes_its_place_when_it_is_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "customers.jsonl"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(b"half" * (1 // 0))
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
    with new_file(path) as file:
        file.write(b"whole")
        assert path.read_text(encoding="utf-8") == "before"
    assert path.read_text(encoding="utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [path]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file that others may read."""
    made = tmp_path / "victim"
    made.write_text("mine", encoding="utf-8")
    made.chmod(0o644)
    return made


@pytest.mark.skipif(os.name != "posix", reason="links and modes are POSIX's")
@pytest.mark.parametrize("how", ["rename", "symlink_to"])
def test_a_file_that_is_written_takes_the_place_and_the_mode_of_none_beside_it(
    tmp_path: Path, victim: Path, how: str
) -> None:
    path, beside = tmp_path / "customers.jsonl", tmp_path / "customers.jsonl.part"
    if how == "rename":
        victim = victim.rename(beside)
    else:
        beside.symlink_to(victim)
    with new_file(path) as file:
        file.write(b"customers")
    assert (victim.read_bytes(), path.read_bytes()) == (b"mine", b"customers")
    assert not path.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_who_write_one_file_at_once_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "customers.jsonl"
    with new_file(path) as first:
        with new_file(path) as second:
            first.write(b"first")
            second.write(b"2")
        assert path.read_bytes() == b"2"
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_or_read_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be written"), new_file(tmp_path / "no" / "file"):
        pytest.fail("it was opened")
    with pytest.raises(SandboxError, match="is not a file"), new_file(tmp_path):
        pytest.fail("it was opened")
    with pytest.raises(SandboxError, match="cannot be read"), existing_file(tmp_path / "file"):
        pytest.fail("it was opened")


async def test_a_time_that_only_looks_like_a_fraction_is_kept_as_the_integer_that_it_is(
    store: Store, customer: dict[str, Any]
) -> None:
    await imported(store, lines([{**customer, "createdAt": 1e300, "updatedAt": 1.5e12}]))
    kept = json.loads(await content(store))
    assert [type(kept[name]) for name in ("createdAt", "updatedAt")] == [int, int]
    assert (kept["createdAt"], kept["updatedAt"]) == (int(1e300), 1_500_000_000_000)
