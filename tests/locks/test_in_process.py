"""Locks within one process: one at a time, in order, nothing left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from anyio.to_thread import run_sync

from trustly_customers import InvalidRequestError, TrustlyError
from trustly_customers.locks import AsyncInProcessLock, AsyncPostgresLock, InProcessLock, LockError, PostgresLock

SECONDS = 20


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def waiting(lock: InProcessLock, customer_id: str, number: int) -> bool:
    return len(lock._queues._queues.get(customer_id, ())) == number


def until(condition: Callable[[], bool]) -> None:
    """Give other threads the processor until something is so."""
    pause = threading.Event()
    for _ in range(SECONDS * 1000):
        if condition():
            return
        pause.wait(0.001)
    pytest.fail("it never came to that")


def test_threads_take_turns_in_the_order_in_which_they_asked() -> None:
    lock, order, inside = InProcessLock(), list[int](), list[int]()

    def work(number: int) -> None:
        with lock("a"):
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            inside.remove(number)

    threads = []
    with lock("a"):
        for number in range(5):
            threads.append(in_thread(lambda number=number: work(number)))  # type: ignore[misc] # the default is the number
            until(lambda: waiting(lock, "a", len(threads) + 1))
    for thread in threads:
        thread.join(SECONDS)
    assert order == [0, 1, 2, 3, 4]
    assert len(lock._queues) == 0


def test_many_threads_lose_no_turn() -> None:
    lock, count = InProcessLock(), {"a": 0, "b": 0}

    def work() -> None:
        for number in range(200):
            name = "ab"[number % 2]
            with lock(name):
                before = count[name]
                if number % 20 == 0:
                    threading.Event().wait(0.0001)
                count[name] = before + 1

    threads = [in_thread(work) for _ in range(8)]
    for thread in threads:
        thread.join(SECONDS)
    assert count == {"a": 800, "b": 800}
    assert len(lock._queues) == 0


def test_different_customers_do_not_wait_for_each_other() -> None:
    lock = InProcessLock()
    with lock("a"), lock("b"):
        assert len(lock._queues) == 2
    assert len(lock._queues) == 0


def test_a_lock_that_is_not_given_back_in_time_is_an_error_without_the_id() -> None:
    lock = InProcessLock(timeout=0.01)
    with lock("zqcustomer"):
        with pytest.raises(LockError) as caught, lock("zqcustomer"):
            pytest.fail("held twice")
        assert str(caught.value) == (
            "the customer's lock was not given back by others within 0.01 seconds; nothing was done"
        )
        assert isinstance(caught.value, TrustlyError)
        assert waiting(lock, "zqcustomer", 1)
    with lock("zqcustomer"):
        pass
    assert len(lock._queues) == 0


def test_who_gives_up_does_not_hold_up_who_waits_behind() -> None:
    lock, got, gave_up = InProcessLock(timeout=SECONDS), threading.Event(), threading.Event()
    impatient = InProcessLock(timeout=0.05)
    impatient._queues = lock._queues

    def give_up() -> None:
        with pytest.raises(LockError), impatient("a"):
            pass
        gave_up.set()

    def work() -> None:
        with lock("a"):
            got.set()

    with lock("a"):
        in_thread(give_up)
        until(lambda: waiting(lock, "a", 2))
        in_thread(work)
        assert gave_up.wait(SECONDS)
        assert not got.is_set()
    assert got.wait(SECONDS)


def test_an_error_of_the_body_passes_and_gives_the_lock_back() -> None:
    lock, oops = InProcessLock(), RuntimeError()
    with pytest.raises(RuntimeError) as caught, lock("a"):
        raise oops
    assert caught.value is oops
    assert len(lock._queues) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_threads_that_it_does_not_have() -> None:
    lock, done = InProcessLock(timeout=1), threading.Event()
    holder = InProcessLock()
    holder._queues = lock._queues

    def hold() -> None:
        with holder("a"):
            done.wait(SECONDS)

    thread = in_thread(hold)
    until(lambda: waiting(lock, "a", 1))
    with lock("b"):
        child = os.fork()
        if child == 0:
            try:
                with lock("a"):
                    pass
            except BaseException:  # noqa: BLE001 - the child of a test must not go on with the other tests
                os._exit(1)
            if len(lock._queues):
                os._exit(2)
        if child:
            _, status = os.waitpid(child, 0)
    if not child:
        os._exit(0)  # "b", taken before the fork, was given back without a word
    done.set()
    thread.join(SECONDS)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("kind", [InProcessLock, AsyncInProcessLock])
@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_a_timeout_that_is_none_is_refused(kind: Any, timeout: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^timeout must be a number of seconds above 0"):
        kind(timeout=timeout)
    for other in (PostgresLock, AsyncPostgresLock):
        with pytest.raises(InvalidRequestError, match=r"^timeout must be a number of seconds above 0"):
            other("host=x", timeout=timeout)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.anyio
async def test_tasks_take_turns_in_the_order_in_which_they_asked() -> None:
    lock, order, inside = AsyncInProcessLock(), list[int](), list[int]()

    async def work(number: int) -> None:
        async with lock("a"):
            inside.append(number)
            await checkpoint()
            assert inside == [number]
            order.append(number)
            inside.remove(number)

    async with anyio.create_task_group() as group, lock("a"), lock("b"):
        for number in range(5):
            group.start_soon(work, number)
            while len(lock._queues._queues["a"]) < number + 2:
                await checkpoint()
        assert order == []
    assert order == [0, 1, 2, 3, 4]
    assert len(lock._queues) == 0


@pytest.mark.anyio
async def test_a_task_does_not_wait_for_ever() -> None:
    lock = AsyncInProcessLock(timeout=0.01)
    async with lock("zqcustomer"):
        with pytest.raises(LockError, match=r"not given back .* within 0.01 seconds") as caught:
            async with lock("zqcustomer"):
                pytest.fail("held twice")
    assert "zq" not in str(caught.value)
    assert len(lock._queues) == 0


@pytest.mark.anyio
async def test_a_cancelled_task_leaves_the_queue_and_those_behind_it_go_on() -> None:
    lock, got = AsyncInProcessLock(), anyio.Event()

    async def work() -> None:
        async with lock("a"):
            got.set()

    async with anyio.create_task_group() as group:
        async with lock("a"):
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as inner:
                    inner.start_soon(work)
                    while len(lock._queues._queues["a"]) < 2:
                        await checkpoint()
                    group.start_soon(work)
                    while len(lock._queues._queues["a"]) < 3:
                        await checkpoint()
                    scope.cancel()
            assert len(lock._queues._queues["a"]) == 2
            assert not got.is_set()
        with anyio.fail_after(SECONDS):
            await got.wait()
    assert len(lock._queues) == 0


@pytest.mark.anyio
async def test_an_error_of_the_awaited_body_passes() -> None:
    lock, oops = AsyncInProcessLock(), RuntimeError()
    with pytest.raises(RuntimeError) as caught:
        async with lock("a"):
            raise oops
    assert caught.value is oops
    assert len(lock._queues) == 0


@pytest.mark.anyio
async def test_a_loop_in_another_thread_is_told_to_have_a_lock_of_its_own() -> None:
    lock = AsyncInProcessLock()

    def elsewhere() -> None:
        async def use() -> None:
            async with lock("a"):
                pass

        anyio.run(use)

    async with lock("b"):
        with pytest.raises(LockError, match="for one event loop"):
            await run_sync(elsewhere)
    await run_sync(elsewhere)
    async with lock("a"):
        pass
