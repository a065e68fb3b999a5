"""Exports of a store that may not be written to, as somebody who may read it and no more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from trustly_customers.sandbox import SandboxError
from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.opening import open_to_read
from trustly_customers.sandbox._stores.sqlite import SQLiteStore

from .conftest import Run

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="modes of files mean little there")]

_NOBODY = 65534

Export = Callable[[Path], tuple[int, int, str]]


@pytest.fixture
def store(offline: Run) -> Iterator[Path]:
    """A store of the two examples in a folder of its own, below no private one."""
    folder = Path(tempfile.mkdtemp())
    file = folder / "a store?.db"
    assert offline("generate", "300", "--store", str(file)).exit_code == 0
    file.chmod(0o444)
    folder.chmod(0o555)
    yield file
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def export(offline: Run, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Tells how an export ends that may write nothing, how many customers it tells, and what it says."""
    assert offline("export", "-", "--store", "no such file").exit_code == 1  # so that all is loaded before

    def export(store: Path) -> tuple[int, int, str]:
        with monkeypatch.context() as patch:
            if os.geteuid() == 0:  # who may do all
                patch.setattr(os, "access", partial(os.access, effective_ids=True))
                os.seteuid(_NOBODY)
            try:
                done = offline("export", "-", "--store", str(store))
            finally:
                os.seteuid(os.getuid())
        return done.exit_code, done.stdout.count("\n"), done.stderr

    return export


def let_it_be_written(store: Path) -> None:
    store.parent.chmod(0o755)
    store.chmod(0o644)


def names(store: Path) -> list[str]:
    return sorted(each.name for each in store.parent.iterdir())


def test_a_file_in_a_folder_that_may_not_be_written_to_is_exported_and_nothing_is_left_there(
    store: Path, export: Export
) -> None:
    assert export(store) == (0, 302, "exported 302 customers\n")
    assert names(store) == [store.name]


def test_a_file_that_may_not_be_written_to_is_exported_and_nothing_is_left_beside_it(
    store: Path, export: Export
) -> None:
    store.parent.chmod(0o777)
    assert export(store) == (0, 302, "exported 302 customers\n")
    assert names(store) == [store.name]


def test_what_another_process_has_written_and_not_yet_moved_into_the_file_is_exported_too(
    store: Path, export: Export
) -> None:
    let_it_be_written(store)
    writing = SQLiteStore.open(store)
    asyncio.run(writing.write(operations.put("", [("another", b"{}")])))
    store.parent.chmod(0o555)
    assert export(store) == (0, 303, "exported 303 customers\n")
    asyncio.run(writing.close())


def test_a_log_that_cannot_be_read_where_it_is_is_not_passed_over(store: Path, export: Export) -> None:
    store.parent.chmod(0o755)
    store.with_name(f"{store.name}-wal").touch(mode=0o600)
    store.parent.chmod(0o555)
    status, _, said = export(store)
    assert status == 1
    assert said.endswith(
        "; name a file that you may read; or copy it, with the files beside it that begin with its name\n"
    )


def test_a_file_of_an_earlier_version_is_not_upgraded(store: Path, export: Export) -> None:
    store.chmod(0o644)
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    status, _, said = export(store)
    assert status == 1
    assert "is of an earlier version, and cannot be upgraded where it is" in said


def delete_some(store: Path) -> None:
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM customers WHERE namespace = x'' AND rowid % 2")


@pytest.mark.parametrize("change", [delete_some, Path.unlink])
async def test_a_write_while_it_is_read_is_noticed(
    store: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _, mode: mode != os.W_OK)  # as root may do all
    reading = open_to_read(str(store))
    assert len(await reading.read(operations.page("", None, 10))) == 10
    let_it_be_written(store)
    change(store)
    with pytest.raises(SandboxError, match=r"somebody wrote to .* meanwhile"):
        await reading.read(operations.page("", None, 10))
    await reading.close()
