"""The quick transport's pool: what it is made with, whom it asks for a proxy, and when a place is free."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from trustly_customers._deadline import Present
from trustly_customers._wire import Connection
from trustly_customers.fast import FastTransport, _opened, _Origin, _send

from ._examples import GOOD, answer
from ._faults import says
from ._server import Line, Server

OK = says(answer("200 OK", GOOD))


def test_there_are_places_for_a_hundred_connections_unless_told() -> None:
    assert FastTransport()._free._value == 100
    assert FastTransport(max_connections=1)._free._value == 1


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://api.example/customers/17?a=b", "https://api.example/"),
        ("http://127.0.0.1:80/customers/17", "http://127.0.0.1/"),
        ("http://127.0.0.1:81/customers/17", "http://127.0.0.1:81/"),
    ],
)
def test_the_system_is_asked_for_a_proxy_once_a_server_and_told_no_identifier(
    url: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def proxy(base_url: str) -> str:
        asked.append(base_url)
        return "http://p:7"

    monkeypatch.setattr("trustly_customers.fast.system_proxy", proxy)
    transport = FastTransport()
    one, another = (transport._origin_of(httpx.URL(each)) for each in (url, url.replace("17", "18")))
    assert asked == [wanted]
    assert one is another
    assert one.proxy == httpx.URL("http://p:7")
    assert FastTransport(proxy="http://q")._origin_of(httpx.URL(url)).proxy == httpx.URL("http://q")
    assert asked == [wanted]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://ü.example/a", ("https", "xn--tda.example", 443)),
        ("http://127.0.0.1/a", ("http", "127.0.0.1", 80)),
        ("http://[::1]:7/a", ("http", "::1", 7)),
    ],
)
def test_a_server_is_known_by_scheme_host_and_port(url: str, server: tuple[str, str, int]) -> None:
    transport = FastTransport(proxy="http://q")
    transport._origin_of(httpx.URL("https://another.example"))
    assert transport._origin_of(httpx.URL(url))[:3] == server


def test_the_next_address_is_tried_after_a_quarter_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    async def create_connection(_self: object, _protocol: object, *server: object, **how: object) -> tuple[None, None]:
        told.append((server, how))
        return None, None

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", create_connection)
    asyncio.run(_opened("h", 1, None))
    assert told == [(("h", 1), {"ssl": None, "happy_eyeballs_delay": 0.25})]


def test_who_waits_for_a_place_in_vain_is_told_and_takes_none() -> None:
    async def main(url: str) -> str:
        transport = FastTransport(max_connections=1)
        request = httpx.Request("GET", url, extensions={"timeout": {"pool": 0.01}})
        response = await transport.handle_async_request(request)
        with pytest.raises(httpx.PoolTimeout) as caught:
            await transport.handle_async_request(request)
        await response.aread()
        await response.aclose()
        again = await transport.handle_async_request(request)
        await again.aread()
        await again.aclose()
        await transport.aclose()
        assert transport._free._value == 1
        assert transport._idle == {}
        return str(caught.value)

    with Server(OK) as server:
        assert asyncio.run(main(server.url())) == "all connections are in use"
    assert server.connections == 1
    assert len(server.heads) == 2


def test_a_body_that_was_not_read_to_its_end_costs_the_connection() -> None:
    async def main(url: str) -> None:
        transport = FastTransport()
        for _ in range(2):
            response = await transport.handle_async_request(httpx.Request("GET", url))
            await response.aclose()
        await transport.aclose()

    def play(line: Line) -> None:
        line.read_request()
        line.send(answer("200 OK", GOOD)[:-1])
        line.hang()

    with Server(play) as server:
        asyncio.run(main(server.url()))
    assert server.connections == 2


def test_the_connection_that_was_used_last_is_used_next() -> None:
    async def main(url: str) -> list[int]:
        transport = FastTransport()
        request = httpx.Request("GET", url)
        both = [await transport.handle_async_request(request) for _ in range(2)]
        for response in both:
            await response.aread()
            await response.aclose()
        (idle,) = transport._idle.values()
        last = idle[-1]
        response = await transport.handle_async_request(request)
        left = [id(each) for each in idle]
        assert id(last) not in left
        await response.aread()
        await response.aclose()
        await transport.aclose()
        return left

    with Server(OK) as server:
        assert len(asyncio.run(main(server.url()))) == 1
    assert server.connections == 2


def test_closing_under_another_loop_leaves_the_connections_of_the_first_to_it() -> None:
    transport = FastTransport()

    async def call(url: str) -> None:
        response = await transport.handle_async_request(httpx.Request("GET", url))
        await response.aread()
        await response.aclose()

    with Server(OK) as server, asyncio.Runner() as first, asyncio.Runner() as second:
        first.run(call(server.url()))
        ((connection,),) = transport._idle.values()
        assert connection.transport is not None
        second.run(transport.aclose())
        assert transport._idle == {}
        assert not connection.transport.is_closing()
        connection.abort()


def test_closing_closes_what_is_idle() -> None:
    async def main(url: str) -> None:
        transport = FastTransport()
        response = await transport.handle_async_request(httpx.Request("GET", url))
        await response.aread()
        await response.aclose()
        ((connection,),) = transport._idle.values()
        assert connection.transport is not None
        await transport.aclose()
        assert connection.transport.is_closing()
        assert transport._idle == {}

    with Server(OK) as server:
        asyncio.run(main(server.url()))
        assert server.left.wait(5)


def test_a_try_tells_how_far_it_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> Connection:
        raise OSError

    async def main() -> None:
        origin = _Origin("http", "h", 1, None)
        with Present(time.monotonic() + 60) as present:
            with pytest.raises(httpx.ConnectError):
                await FastTransport()._connected(origin, None)
            assert present.connecting is True
            assert present.address == ("h", 1)
            _send(Mock(spec=Connection), b"x")
            assert present.connecting is False

    monkeypatch.setattr("trustly_customers.fast._opened", refused)
    asyncio.run(main())


@pytest.mark.parametrize(("silent", "fresh", "taken"), [(4.9, True, True), (5.0, True, False), (1.0, False, False)])
def test_a_connection_is_trusted_for_five_silent_seconds(
    silent: float,
    fresh: bool,  # noqa: FBT001 - columns of the table
    taken: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("asyncio.get_running_loop", lambda: Mock(time=lambda: 100.0 + silent))
    transport, origin = FastTransport(), _Origin("http", "h", 1, None)
    connection = Mock(spec=Connection, idle_since=100.0, is_fresh=fresh)
    transport._idle[origin] = [connection]
    assert (transport._taken(origin) is connection) is taken
    assert transport._idle[origin] == []
    assert connection.abort.call_count == (not taken)
