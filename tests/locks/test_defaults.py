"""What the locks do where nothing else is said, and what they tell a database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from trustly_customers import InvalidRequestError, LockError
from trustly_customers import _postgres as postgres
from trustly_customers._hidden import Problem
from trustly_customers._turns import not_in_time
from trustly_customers.locks import AsyncInProcessLock, AsyncPostgresLock, InProcessLock, PostgresLock


def test_a_lock_waits_for_half_a_minute() -> None:
    locks: list[Any] = [InProcessLock(), AsyncInProcessLock(), PostgresLock("host=x"), AsyncPostgresLock("host=x")]
    assert {lock._timeout for lock in locks} == {30.0}


def test_a_timeout_is_a_number_of_seconds_up_to_a_day() -> None:
    assert InProcessLock(timeout=86_400)._timeout == 86_400
    for wrong in (86_401, "1", True):
        with pytest.raises(InvalidRequestError) as caught:
            InProcessLock(timeout=wrong)  # type: ignore[arg-type] # as a caller without a type checker might
        assert str(caught.value) == "timeout must be a number of seconds above 0 and at most 86400"


def test_who_waited_in_vain_is_told_so() -> None:
    text = "the customer's lock was not given back by others within 0.05 seconds; nothing was done"
    assert not_in_time(0.05) == text
    lock = InProcessLock(timeout=0.05)
    with lock("a"), pytest.raises(LockError) as caught, lock("a"):
        pass
    assert str(caught.value) == text


def test_a_server_that_is_gone_is_noticed_unless_the_conninfo_says_how() -> None:
    assert postgres._parameters("host=x", 2.5) == {
        "connect_timeout": 3,
        "tcp_user_timeout": 2500,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "trustly-customers",
    }
    given = postgres._parameters("host=x application_name=mine keepalives_idle=1", 0.0001)
    assert given == {"connect_timeout": 1, "tcp_user_timeout": 1, "keepalives_interval": 5, "keepalives_count": 3}


@pytest.mark.parametrize(("seconds", "milliseconds"), [(0.0001, "1"), (0.0015, "2"), (30, "30000")])
def test_the_shortest_wait_is_a_millisecond_for_nothing_would_be_for_ever(seconds: float, milliseconds: str) -> None:
    assert postgres._milliseconds(seconds) == milliseconds


def test_a_customer_has_the_same_number_in_every_process_and_release() -> None:
    assert postgres._key("1002580963") == KEY
    assert postgres._key("\ud800") != postgres._key("?")


KEY = 5959855913425240867
"""What the processes of an earlier release lock."""


def test_failures_are_told_without_the_driver_s_words() -> None:
    broken = OSError("zq")
    assert str(postgres._no_lock(broken, 1)) == "PostgreSQL gave no lock (OSError); nothing was done"
    assert str(postgres._lost(broken)) == (
        "the connection to PostgreSQL broke while the lock was held (OSError); what was to be done has been done, but "
        "perhaps while another did the same"
    )


@pytest.mark.parametrize("kind", [PostgresLock, AsyncPostgresLock])
def test_what_is_no_way_to_connect_is_told_so(kind: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        kind(7)
    assert str(caught.value) == "connect must be a conninfo string, or a function that gives a connection"


def test_a_thread_whose_task_has_left_gives_back_what_it_gets_if_it_gets_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late: list[Callable[[], None]] = []
    given_back: list[str] = []

    class Left(Exception):  # noqa: N818 - how a cancellation arrives
        pass

    async def leave(work: Callable[[], None]) -> None:
        late.append(work)
        raise Left

    monkeypatch.setattr(postgres, "_in_thread", leave)
    stack = contextlib.ExitStack()
    stack.callback(given_back.append, "the lock")
    for held in (Problem("there is none"), stack):
        with pytest.raises(Left):
            asyncio.run(postgres._acquired_in_thread(Mock(_acquired=lambda _key, held=held: held), 7))
    for work in late:
        work()
    assert given_back == ["the lock"]
