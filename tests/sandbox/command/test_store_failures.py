"""A store that fails under a command: what is said, and what has become of it."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from trustly_customers.sandbox._bulk import transfer
from trustly_customers.sandbox._stores import postgres, sqlite, sqlite_writers
from trustly_customers.sandbox._stores.protocol import Steps

from .conftest import Run, exported


def test_a_store_that_fails_is_one_sentence_without_its_own_words(offline: Run, store: str) -> None:
    offline("generate", "3", "--store", store)
    connection = sqlite3.connect(store)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON customers BEGIN SELECT RAISE(ABORT, 'zqsecret'); END")
    connection.commit()
    connection.close()
    before = exported(offline, store)
    done = offline("generate", "3", "--seed", "9", "--store", store)
    told = "error: the store failed (SQLITE_CONSTRAINT_TRIGGER); nothing was changed in it\n"
    assert (done.exit_code, done.stderr) == (1, told)
    assert exported(offline, store) == before


def test_a_store_that_another_process_writes_to_is_said_to_be(
    offline: Run, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline("generate", "3", "--store", store)
    monkeypatch.setattr(sqlite_writers, "BUSY_SECONDS", 0.01)
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = offline("generate", "3", "--store", store)
    told = "error: the store failed (SQLITE_BUSY: another process writes); nothing was changed in it\n"
    assert (done.exit_code, done.stderr) == (1, told)


def with_pragma(pragma: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every connection to SQLite begin with it."""
    connected = sqlite._connected

    def changed(*arguments: Any) -> sqlite3.Connection:
        connection = connected(*arguments)
        connection.execute(f"PRAGMA {pragma}")
        return connection

    monkeypatch.setattr(sqlite, "_connected", changed)


def test_a_store_on_a_full_disk_is_said_to_be(offline: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_pragma("max_page_count = 8", monkeypatch)
    done = offline("generate", "300", "--store", store)
    told = "error: the store failed (SQLITE_FULL: the disk is full); nothing was changed in it\n"
    assert (done.exit_code, done.stderr) == (1, told)
    assert exported(offline, store) == []


def test_a_commit_that_fails_in_sqlite_is_said_to_have_changed_nothing(
    offline: Run, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline("generate", "3", "--store", store)
    before = exported(offline, store)
    with contextlib.closing(sqlite3.connect(store)) as connection:
        # Which SQLite looks at when it commits, and no sooner.
        connection.executescript(
            "CREATE TABLE owned (name BLOB REFERENCES owners DEFERRABLE INITIALLY DEFERRED);"
            "CREATE TABLE owners (name BLOB PRIMARY KEY);"
            "CREATE TRIGGER owning AFTER INSERT ON customers BEGIN INSERT INTO owned VALUES (NEW.id); END"
        )
    with_pragma("foreign_keys = ON", monkeypatch)
    done = offline("generate", "3", "--seed", "9", "--store", store)
    told = "error: the store failed (SQLITE_CONSTRAINT_FOREIGNKEY); nothing was changed in it\n"
    assert (done.exit_code, done.stderr) == (1, told)
    assert exported(offline, store) == before


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (100, "the database {store} is damaged; put a copy in its place, or name another file"),
        (4096, "the store failed (SQLITE_CORRUPT: the file is damaged); nothing was changed in it"),
    ],
)
def test_a_store_that_is_damaged_is_said_to_be(offline: Run, store: str, start: int, told: str) -> None:
    offline("generate", "3", "--store", store)
    with Path(store).open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * (Path(store).stat().st_size - start))
    done = offline("export", "-", "--store", store)
    assert (done.exit_code, done.stderr) == (1, f"error: {told.format(store=store)}\n")


@pytest.mark.parametrize("committed", [True, False])
def test_a_connection_that_is_lost_says_whether_something_may_have_changed(
    offline: Run, conninfo: str, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    arguments = ("--store", conninfo, "--namespace", uuid.uuid4().hex)
    transaction, put_all = postgres._Line.transaction, transfer._put_all

    @contextlib.contextmanager
    def unanswered(line: postgres._Line) -> Iterator[Any]:
        with transaction(line) as connection:
            yield connection
        raise psycopg.OperationalError("zqsecret")

    def lost(*given: Any) -> Steps[int]:
        yield from put_all(*given)
        raise psycopg.OperationalError("zqsecret")

    with monkeypatch.context() as patched:
        if committed:
            patched.setattr(postgres._Line, "transaction", unanswered)
            told = "while it committed; look whether it was changed before you try again"
        else:
            patched.setattr(transfer, "_put_all", lost)
            told = "; nothing was changed in it"
        done = offline("generate", "3", *arguments)
    assert done.exit_code == 1
    assert done.stderr == f"error: the store failed (OperationalError){' ' * committed}{told}\n"
    assert offline("export", "-", *arguments).exit_code == (0 if committed else 1)
