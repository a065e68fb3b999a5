"""The quick transport itself: its arguments, its pool, and what it must not send."""

from __future__ import annotations

import asyncio
import importlib
import socket
import ssl
import sys
from typing import Any

import httpx
import pytest
import trio
import trustme

import trustly_customers
from trustly_customers import AsyncTrustly, InvalidRequestError
from trustly_customers._wire import Connection
from trustly_customers.fast import FastTransport

from ._calls import CREDENTIALS
from ._examples import GOOD, IDENTIFIER, answer
from ._faults import says
from ._server import Line, Server

OK = says(answer("200 OK", GOOD))


def test_without_the_extra_the_import_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fast", "_wire"):
        monkeypatch.delitem(sys.modules, f"trustly_customers.{name}", raising=False)
        monkeypatch.delattr(trustly_customers, name, raising=False)
    monkeypatch.setitem(sys.modules, "httptools", None)
    with pytest.raises(ImportError, match=r"trustly-customers\[fast\]"):
        importlib.import_module("trustly_customers.fast")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"max_connections": 0}, "max_connections"),
        ({"proxy": "socks5://h"}, "proxy"),
        ({"ssl_context": "no context"}, "ssl_context"),
    ],
)
def test_an_argument_that_is_not_acceptable_is_named(options: Any, name: str) -> None:
    with pytest.raises(InvalidRequestError, match=name):
        FastTransport(**options)


def test_one_transport_serves_one_loop_after_another() -> None:
    transport = FastTransport()

    async def call(url: str) -> None:
        await AsyncTrustly(*CREDENTIALS, base_url=url, transport=transport).customers.get(IDENTIFIER)
        await transport.aclose()

    with Server(OK) as server:
        for _ in range(3):
            asyncio.run(call(server.url()))
    assert server.connections == 3


def test_connections_of_another_loop_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = FastTransport(max_connections=1)
    lost: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}
    connection_lost = Connection.connection_lost

    def told(connection: Connection, error: Exception | None) -> None:
        connection_lost(connection, error)
        lost[asyncio.get_running_loop()].set()

    monkeypatch.setattr(Connection, "connection_lost", told)

    async def server_is_gone() -> None:
        async with asyncio.timeout(5):
            await lost[asyncio.get_running_loop()].wait()

    async def call(url: str) -> None:
        lost[asyncio.get_running_loop()] = asyncio.Event()
        client = AsyncTrustly(*CREDENTIALS, base_url=url, transport=transport, timeout=2, max_retries=0)
        await client.customers.get(IDENTIFIER)

    with asyncio.Runner() as one, asyncio.Runner() as another:
        with Server(OK) as server:
            one.run(call(server.url()))
            another.run(call(server.url()))
        assert server.connections == 2
        for runner in (one, another):
            runner.run(server_is_gone())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_uvloop_s_loop_serves_as_well(scheme: str, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    uvloop = pytest.importorskip("uvloop", reason="there are no wheels of it for Windows")
    presenting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(presenting)

    async def main(url: str) -> None:
        transport = FastTransport(ssl_context=trusting)
        async with AsyncTrustly(*CREDENTIALS, base_url=url, transport=transport, timeout=5) as client:
            await client.customers.get(IDENTIFIER)
            await client.customers.get(IDENTIFIER)

    with (
        Server(OK, presenting if scheme == "https" else None) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(main(server.url(scheme)))
    assert server.connections == 1


def test_many_calls_at_once_share_the_connections() -> None:
    async def main(url: str) -> None:
        transport = FastTransport(max_connections=4)
        async with AsyncTrustly(*CREDENTIALS, base_url=url, transport=transport) as client:
            await asyncio.gather(*[client.customers.get(IDENTIFIER) for _ in range(40)])

    with Server(OK) as server:
        asyncio.run(main(server.url()))
    assert server.connections == 4
    assert len(server.heads) == 40


def test_a_call_that_is_cancelled_gives_its_place_back_and_closes_its_connection() -> None:
    async def main(server: Server) -> None:
        transport = FastTransport(max_connections=1)
        async with AsyncTrustly(*CREDENTIALS, base_url=server.url(), transport=transport) as client:
            first = asyncio.create_task(client.customers.get(IDENTIFIER))
            assert await asyncio.to_thread(server.asked.wait, 5)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            assert await asyncio.to_thread(server.left.wait, 5)
            await client.customers.get(IDENTIFIER)

    def play(line: Line) -> None:
        if server.connections == 1:
            line.read_request()
            line.hang()
        OK(line)

    with Server(play) as server:
        asyncio.run(main(server))
    assert server.connections == 2


def test_a_connection_that_was_silent_for_long_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustly_customers.fast._IDLE", 0.0)

    async def main(url: str) -> None:
        async with AsyncTrustly(*CREDENTIALS, base_url=url, transport=FastTransport()) as client:
            await client.customers.get(IDENTIFIER)
            await client.customers.get(IDENTIFIER)

    with Server(OK) as server:
        asyncio.run(main(server.url()))
    assert server.connections == 2


def send(url: str, **request: Any) -> httpx.Response | Exception:
    """Send with httpx's own client over the transport."""

    async def main() -> httpx.Response | Exception:
        async with httpx.AsyncClient(transport=FastTransport(), trust_env=False, timeout=1) as client:
            try:
                return await client.request("POST", url, **request)
            except Exception as error:  # noqa: BLE001 - for the test to judge
                return error

    return asyncio.run(main())


async def parts() -> Any:
    yield b"a body of no known length"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"headers": {"X": "a\r\nY: b"}}, "a header holds a line break"),
        ({"headers": {"X": "a\nb"}}, "a header holds a line break"),
        ({"headers": {"X": "a\0"}}, "a header holds a line break"),
        ({"content": parts()}, "a body needs a length"),
    ],
    ids=["a line break", "a bare line feed", "a NUL", "no length"],
)
def test_a_request_that_cannot_be_written_is_not_sent(request_: Any, words: str) -> None:
    with Server(OK) as server:
        assert repr(send(server.url(), **request_)) == f"LocalProtocolError('{words}')"
    assert server.connections == 0


def test_another_scheme_is_not_spoken() -> None:
    assert repr(send("ftp://127.0.0.1/")) == "UnsupportedProtocol('only http and https are spoken')"


def test_what_was_surely_not_sent_is_told_by_the_library_s_own_errors() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert repr(send(url)) == "ConnectError('no connection')"
    with Server(Line.hang) as server:
        assert repr(send(server.url("https"), timeout=0.05)) == "ConnectTimeout('no connection in time')"


def test_what_may_have_been_sent_is_told_by_the_library_s_own_errors() -> None:
    with Server(says(then=Line.reset)) as server:
        assert repr(send(server.url())) == "RemoteProtocolError('the server broke off')"
    with Server(says(b"nonsense")) as server:
        assert repr(send(server.url())) == "RemoteProtocolError('the answer is not HTTP')"


def test_a_read_has_a_limit_of_its_own_under_another_client() -> None:
    with Server(Line.hang) as server:
        assert repr(send(server.url(), timeout=0.05)) == "ReadTimeout('nothing arrived in time')"
    with Server(says(answer("200 OK", GOOD)[:-1], then=Line.hang)) as server:
        assert repr(send(server.url(), timeout=0.05)) == "ReadTimeout('nothing arrived in time')"


def test_a_module_that_is_missing_for_another_reason_is_not_blamed_on_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "trustly_customers.fast")
    monkeypatch.delattr(trustly_customers, "fast")
    monkeypatch.setitem(sys.modules, "trustly_customers._wire", None)
    with pytest.raises(ModuleNotFoundError, match=r"trustly_customers\._wire"):
        importlib.import_module("trustly_customers.fast")


def test_a_body_in_parts_of_known_length_is_sent_whole() -> None:
    with Server(OK) as server:
        found = send(server.url(), files={"name": b"content"})
    assert isinstance(found, httpx.Response)
    assert b"multipart/form-data" in server.heads[0]


def test_a_body_that_was_closed_holds_no_more_and_is_closed_once() -> None:
    async def main(url: str) -> None:
        transport = FastTransport(max_connections=1)
        response = await transport.handle_async_request(httpx.Request("GET", url))
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        await stream.aclose()
        await stream.aclose()
        assert [part async for part in stream] == []
        assert transport._free._value == 1
        await transport.aclose()

    with Server(OK) as server:
        asyncio.run(main(server.url()))


def test_a_connection_that_is_gone_as_soon_as_made_was_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Connection.connection_made

    def gone(connection: Connection, transport: asyncio.BaseTransport) -> None:
        made(connection, transport)
        connection.connection_lost(None)

    monkeypatch.setattr(Connection, "connection_made", gone)
    with Server(OK) as server:
        assert repr(send(server.url())) == "ConnectError('gone as soon as made')"
    assert server.heads == []


def test_under_trio_it_says_that_it_wants_asyncio_and_can_be_closed() -> None:
    words = "FastTransport runs under asyncio alone; under trio, give AsyncTrustly no transport; nothing was sent"

    async def main() -> None:
        async with AsyncTrustly(*CREDENTIALS, base_url="http://127.0.0.1:1", transport=FastTransport()) as client:
            for call in (client.customers.get(IDENTIFIER), client.customers.modify(IDENTIFIER, vip="2")):
                with pytest.raises(InvalidRequestError) as caught:
                    await call
                assert str(caught.value) == words

    trio.run(main)
