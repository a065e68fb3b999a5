"""Hooks are around each call, and never change what it comes to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType
from typing import Any

import anyio
import httpx
import pytest

from trustly_customers import APIConnectionError, APIStatusError, AsyncTrustly, Call, RateLimitError, RequestInfo

from .conftest import ID, SECRET, Connect, in_turn, status, well

pytestmark = pytest.mark.anyio


class Recorder:
    """A hook that tells what it saw."""

    def __init__(self, name: str = "", events: list[Any] | None = None) -> None:
        self.name = name
        self.events: list[Any] = [] if events is None else events
        self.calls: list[Call] = []

    @contextmanager
    def __call__(self, call: Call) -> Iterator[None]:
        self.calls.append(call)
        self.events.append(f"{self.name}enter")
        try:
            yield
        except BaseException as error:
            self.events.append(f"{self.name}{type(error).__name__}")
            raise
        else:
            self.events.append(f"{self.name}exit")


async def test_a_hook_is_around_a_call_and_sees_its_result(connect: Connect) -> None:
    hook = Recorder()

    def answers(request: Any) -> Any:
        hook.events.append("answer")
        return well(request)

    await connect(answers, hooks=[hook], base_url="https://host.example/v1/").get()
    assert hook.events == ["enter", "answer", "exit"]
    request = RequestInfo("getCustomer", "GET", "/customers/{customerId}")
    assert hook.calls == [Call(request, "https://host.example/v1", tries=1, status=200, request_id="req-1")]


async def test_a_hook_sees_the_failure_and_the_last_status(connect: Connect) -> None:
    hook = Recorder()
    with pytest.raises(APIConnectionError):
        await connect(in_turn(status(503), httpx.ReadError), hooks=[hook], max_retries=1).update()
    assert hook.events == ["enter", "APIConnectionError"]
    assert (hook.calls[0].tries, hook.calls[0].status) == (2, None)


async def test_hooks_are_nested_in_their_order(connect: Connect) -> None:
    events: list[Any] = []
    with pytest.raises(RateLimitError):
        await connect(status(429), hooks=[Recorder("a ", events), Recorder("b ", events)], max_retries=0).get()
    assert events == ["a enter", "b enter", "b RateLimitError", "a RateLimitError"]


async def test_what_is_refused_before_sending_is_seen_too(connect: Connect) -> None:
    hook = Recorder()
    with pytest.raises(Exception, match="nothing was sent"):
        await connect(hooks=[hook]).update(name="")
    assert hook.events == ["enter", "InvalidRequestError"]
    assert hook.calls[0].tries == 0


def broken_when_called(_: Call) -> AbstractContextManager[object]:
    raise RuntimeError(SECRET)


def broken_as_no_manager(_: Call) -> Any:
    return None


@contextmanager
def broken_on_enter(_: Call) -> Iterator[None]:
    if _.tries == 0:
        raise RuntimeError(SECRET)
    yield


@contextmanager
def broken_on_exit(_: Call) -> Iterator[None]:
    try:
        yield
    finally:
        raise RuntimeError(SECRET)


BROKEN = [broken_when_called, broken_as_no_manager, broken_on_enter, broken_on_exit]


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_hook_loses_no_result(
    broken: Callable[[Call], Any], connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Any] = []
    hooks = [Recorder("a ", events), broken, Recorder("b ", events)]
    result = await connect(hooks=hooks).update()
    assert result.customer_id
    assert events == ["a enter", "b enter", "b exit", "a exit"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("trustly_customers", logging.WARNING)
    kind = "AttributeError" if broken is broken_as_no_manager else "RuntimeError"
    assert record.getMessage().startswith(f"a hook raised {kind} at ")
    assert record.getMessage().endswith("; the call goes on")
    assert record.exc_info is None
    assert SECRET not in caplog.text


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_hook_replaces_no_error(broken: Callable[[Call], Any], connect: Connect) -> None:
    with pytest.raises(APIStatusError) as caught:
        await connect(status(400), hooks=[broken]).update()
    assert caught.value.status == 400


async def test_the_log_says_where_a_hook_is_broken(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    await connect(hooks=[broken_when_called]).get()
    line = broken_when_called.__code__.co_firstlineno + 1
    assert f"{__file__}:{line};" in caplog.text


async def test_a_hook_cannot_swallow_an_error(connect: Connect) -> None:
    events: list[Any] = []
    with pytest.raises(APIStatusError):
        await connect(status(400), hooks=[Recorder("", events), lambda _: suppress(Exception)]).update()
    assert events == ["enter", "BadRequestError"]


async def test_a_hook_is_left_with_the_error_and_where_it_was_raised(connect: Connect) -> None:
    left: list[Any] = []

    class Hook:
        def __enter__(self) -> None:
            pass

        def __exit__(self, *raised: object) -> None:
            left.extend(raised)

    with pytest.raises(APIStatusError) as caught:
        await connect(status(400), hooks=[lambda _: Hook()]).update()
    kind, error, traceback = left
    assert (kind, error) == (type(caught.value), caught.value)
    assert isinstance(traceback, TracebackType)
    left.clear()
    await connect(hooks=[lambda _: Hook()]).update()
    assert left == [None, None, None]


async def test_an_interrupt_in_a_hook_is_raised_and_the_hooks_around_it_are_told(connect: Connect) -> None:
    def interrupt(_: Call) -> AbstractContextManager[object]:
        raise KeyboardInterrupt

    hook = Recorder()
    with pytest.raises(KeyboardInterrupt):
        await connect(hooks=[hook, interrupt]).get()
    assert hook.events == ["enter", "KeyboardInterrupt"]


async def test_a_broken_on_response_loses_no_result(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> None:
        raise RuntimeError(SECRET)

    assert (await connect(on_response=broken).update()).customer_id
    assert "on_response raised RuntimeError at " in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("flavour", ["asyncio", "trio"])
async def test_a_cancelled_call_is_told_at_once(flavour: str) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    hook = Recorder()
    async with AsyncTrustly("zqid", "zqkey", transport=httpx.MockTransport(never), hooks=[hook]) as client:
        with anyio.move_on_after(0.01):
            await client.customers.get(ID)
        assert hook.events[1:] == ["CancelledError" if flavour == "asyncio" else "Cancelled"]
