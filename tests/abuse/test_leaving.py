"""Callers who send no more or leave, and a server that is told to stop: no answer is lost, and nothing is kept."""

from __future__ import annotations

import asyncio

import pytest

from trustly_customers.sandbox import open_store
from trustly_customers.sandbox._server import uvicorn as server_module
from trustly_customers.sandbox._server.limits import Limits
from trustly_customers.sandbox._stores.sqlite import SQLiteStore

from .conftest import HANG, Serve
from .test_framing import BODY, LENGTH, heard
from .test_limits import GET, SHORT, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("nothing_is_logged")]
UPDATE = post(LENGTH) + b"\r\n" + BODY
HELD = GET.replace(b"1002580963", b"fault-no-answer")
# h11's connections end with the sending, and uvicorn tells of each request of theirs that it cancels.
only_httptools = pytest.mark.parametrize("parser", ["httptools"], indirect=True)


@only_httptools
@pytest.mark.parametrize(
    "sent", [[GET], [UPDATE], [UPDATE * 3], [UPDATE[:40], UPDATE[40:]], [UPDATE[:-9], UPDATE[-9:], GET]]
)
async def test_who_sends_no_more_is_still_answered(serve: Serve, sent: list[bytes]) -> None:
    served = await serve(Limits())
    caller = await served.caller()
    for part in sent:
        await caller.send(part)
        if part is not sent[-1]:
            await heard(served.port)  # so by now the server has read it
    caller.writer.write_eof()
    for _ in range(b"".join(sent).count(b"HTTP/1.1")):
        assert (await caller.answer())[0] == 200
    assert await caller.end() == b""


@only_httptools
@pytest.mark.parametrize("at_once", [True, False])
async def test_who_sends_no_more_and_is_never_answered_is_let_go(serve: Serve, at_once: bool) -> None:  # noqa: FBT001
    served = await serve(Limits())
    caller = await served.caller()
    await caller.send(HELD)
    if not at_once:
        await heard(served.port)
    caller.writer.write_eof()
    assert await caller.end() == b""


async def test_a_held_caller_who_leaves_is_let_go_whatever_he_had_sent_ahead(serve: Serve) -> None:
    served = await serve(Limits(turn_seconds=SHORT, connections=3))
    for _ in range(3):
        caller = await served.caller()
        await caller.send(HELD)
        await heard_or_refused(served.port)
        await caller.send(GET)
        await heard_or_refused(served.port)
        caller.writer.transport.abort()
    async with asyncio.timeout(HANG):
        while not await heard_or_refused(served.port):  # noqa: ASYNC110 - nobody is told that there is room again
            await asyncio.sleep(SHORT / 10)


async def heard_or_refused(port: int) -> bool:
    """Whether there was room for another caller, who was answered then."""
    try:
        await heard(port)
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    return True


@only_httptools
async def test_a_stop_that_outlasts_its_grace_ends_all_the_same(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "_GRACE", SHORT)
    store = Stuck()
    served = await serve(Limits(), store)
    for _ in range(3):
        await (await served.caller()).send(GET)
    async with asyncio.timeout(HANG):
        await store.asked.wait()
        await served.serving.stop()
    for caller in served.callers:
        assert await caller.end() == b""
    assert all(each.cancelled() for each in store.waiting)
    (said,) = caplog.records
    assert said.getMessage() == "Cancel 3 running task(s), timeout graceful shutdown exceeded"
    caplog.clear()
    await store.close()


class Stuck(SQLiteStore):
    """A store that never answers a read."""

    def __init__(self) -> None:
        inner = open_store()
        assert isinstance(inner, SQLiteStore)
        super().__init__(inner._reader)
        self.asked = asyncio.Event()
        self.waiting: list[asyncio.Future[bytes]] = []

    async def get(self, namespace: str, key: str) -> bytes | None:
        """Wait for ever."""
        del namespace, key
        self.waiting.append(asyncio.get_running_loop().create_future())
        if len(self.waiting) == 3:
            self.asked.set()
        return await self.waiting[-1]
