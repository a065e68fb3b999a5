"""Locks in PostgreSQL that cannot be had: no server, no driver, no way to connect."""

from __future__ import annotations

import inspect
import sys
import traceback
from typing import Any

import pytest

import trustly_customers._postgres
from trustly_customers import InvalidRequestError, Trustly
from trustly_customers.locks import LockError, PostgresLock

from ._lock import (
    ID,
    SECRET,
    WITH_FUNCTIONS,
    Lock,
    connected,
)


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
@pytest.mark.parametrize("kind", ["trio"])
async def test_under_trio_a_function_is_refused_and_the_error_says_what_to_do(kind: str, conninfo: str) -> None:
    with pytest.raises(
        LockError, match=r"^a function that connects needs asyncio's selector loop; give a conninfo string instead$"
    ):
        async with Lock(kind, connected(kind, conninfo))():
            pytest.fail("psycopg does not know the loop")


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
