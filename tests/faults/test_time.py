"""Wall time binds every wait: what is not in the table because it has no server's side, or more than one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
import trio

from trustly_customers import APITimeoutError, AsyncTrustly, Customer, Trustly, TrustlyError

from ._calls import CREDENTIALS, FLAVOURS, METHODS, Flavour, Method, attempt, connected
from ._examples import GOOD, IDENTIFIER, answer, head
from ._faults import says
from ._server import Line, Server

SHORT = 0.08
SLACK = 5

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)


@pytest.fixture
def full() -> Iterator[int]:
    """Give a port whose queue is full: the system answers no further connection."""
    if sys.platform != "linux":
        pytest.skip("other systems refuse where Linux lets wait")
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_that_is_never_made_was_surely_not_used(flavour: Flavour, method: Method, full: int) -> None:
    (ended,) = attempt(flavour, method, base_url=f"http://127.0.0.1:{full}", timeout=SHORT, max_retries=1)
    assert isinstance(ended.error, APITimeoutError)
    assert not ended.error.may_have_been_applied
    assert ended.error.tries == 2
    assert ended.seconds < 2 * SHORT + SLACK


def _resolving(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let `localhost` have these addresses."""
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **more: Any) -> list[Any]:
        if host not in ("localhost", b"localhost"):
            return real(host, port, *args, **more)
        return [found for each in hosts for found in real(each, port, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_several_addresses_share_one_limit(flavour: Flavour, full: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _resolving(monkeypatch, *["127.0.0.1"] * 5)
    (ended,) = attempt(flavour, "update", base_url=f"http://localhost:{full}", timeout=SHORT, max_retries=0)
    assert isinstance(ended.error, APITimeoutError)
    assert not ended.error.may_have_been_applied
    assert ended.seconds < SHORT + SLACK


def test_a_dead_address_leaves_time_for_the_next(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        pytest.skip("needs 127.0.0.2")
    with Server(says(answer("200 OK", GOOD))) as server, socket.socket() as dead, contextlib.ExitStack() as waiting:
        dead.bind(("127.0.0.2", server.port))
        dead.listen(0)
        for _ in range(4):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(dead.getsockname())
        _resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
        (ended,) = attempt(flavour, "update", base_url=f"http://localhost:{server.port}", timeout=0.5, max_retries=0)
    assert isinstance(ended.result, Customer), repr(ended.result)


def test_a_dripping_tls_handshake_ends_in_time(flavour: Flavour) -> None:
    def play(line: Line) -> None:
        line.sock.recv(65536)
        line.drip(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(200))

    with Server(play) as server:
        (ended,) = attempt(flavour, "update", base_url=server.url("https"), timeout=SHORT, max_retries=1)
    assert isinstance(ended.error, APITimeoutError)
    assert not ended.error.may_have_been_applied
    assert server.connections == ended.error.tries == 2
    assert ended.seconds < 2 * SHORT + SLACK


def test_a_try_that_ends_while_its_connection_is_being_made_was_surely_not_sent(flavour: Flavour) -> None:
    """No single step takes too long here, so that the try as a whole is what ends."""

    def slow_tunnel(line: Line) -> None:
        line.read_request()
        line.pause(0.12)
        line.send(head("200 Connected"))
        line.hang()

    with Server(slow_tunnel) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        (ended,) = attempt(flavour, "update", base_url="https://api.example", proxy=url, timeout=0.2, max_retries=1)
    assert isinstance(ended.error, APITimeoutError)
    assert not ended.error.may_have_been_applied
    assert ended.error.tries == proxy.connections == 2
    assert ended.seconds < 0.4 + SLACK


def test_the_deadline_is_for_all_tries(flavour: Flavour) -> None:
    with Server(Line.hang) as server:
        (ended,) = attempt(flavour, "get", base_url=server.url(), timeout=0.06, deadline=0.15, max_retries=1000)
    assert isinstance(ended.error, APITimeoutError)
    assert ended.error.tries <= 3
    assert ended.seconds < 0.15 + SLACK


def test_the_deadline_cuts_a_try(flavour: Flavour) -> None:
    with Server(Line.hang) as server:
        (ended,) = attempt(flavour, "get", base_url=server.url(), timeout=60, deadline=SHORT)
    assert isinstance(ended.error, APITimeoutError)
    assert ended.error.tries == 1
    assert ended.seconds < SHORT + SLACK


def test_a_pause_that_outlasts_the_deadline_is_not_begun(flavour: Flavour) -> None:
    with Server(says(answer("503 Busy", b"", "Retry-After: 20"))) as server:
        (ended,) = attempt(flavour, "get", base_url=server.url(), deadline=10)
    assert ended.error.tries == server.tries == 1
    assert ended.seconds < SLACK


def test_waiting_for_a_free_connection_ends_in_time_and_sends_nothing(flavour: Flavour) -> None:
    with Server(says(then=Line.hang)) as server:
        results = _two_at_once(flavour, server)
    assert server.connections == 1
    assert sorted(error.may_have_been_applied for error in results if isinstance(error, APITimeoutError)) == [
        False,
        True,
    ]


def _two_at_once(flavour: Flavour, server: Server) -> list[object]:
    """Make two updates with a client that may have one connection; the second waits for the first."""
    results: list[object] = []
    options: Any = {"base_url": server.url(), "max_connections": 1, "max_retries": 0}

    async def main() -> None:
        async with AsyncTrustly(*CREDENTIALS, **connected(flavour, options)) as client:

            async def one(seconds: float) -> None:
                try:
                    await client.with_options(timeout=seconds).customers.get(IDENTIFIER)
                except TrustlyError as error:
                    results.append(error)

            async with anyio.create_task_group() as group:
                group.start_soon(one, 0.25)
                assert await anyio.to_thread.run_sync(server.asked.wait, 5)
                group.start_soon(one, SHORT)

    if flavour == "trio":
        trio.run(main)
        return results
    if flavour != "sync":
        asyncio.run(main())
        return results
    with Trustly(*CREDENTIALS, **options) as client:

        def one(timeout: float) -> None:
            try:
                client.with_options(timeout=timeout).customers.get(IDENTIFIER)
            except TrustlyError as error:
                results.append(error)

        first = threading.Thread(target=one, args=(0.25,))
        first.start()
        assert server.asked.wait(5)
        one(SHORT)
        first.join()
    return results
