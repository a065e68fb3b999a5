"""Looking up and connecting in blocking code, where the time or the addresses run out."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from typing import Any
from unittest.mock import AsyncMock, Mock

import anyio
import anyio.lowlevel
import httpcore
import httpx
import pytest
import trio

from trustly_customers._deadline import Present, TimeUp, left
from trustly_customers._network import _AsyncBackend, _AsyncStream, _Stream, bound


@pytest.fixture
def backend() -> httpcore.NetworkBackend:
    with httpx.HTTPTransport(verify=False) as transport:
        found: httpcore.NetworkBackend = bound(transport)._pool._network_backend
    return found


@pytest.mark.parametrize("failure", [socket.gaierror, UnicodeError])
def test_a_host_that_cannot_be_looked_up_is_one_that_cannot_be_connected_to(
    failure: type[Exception], backend: httpcore.NetworkBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=failure))
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("api.example", 443, timeout=1)


def test_a_name_that_took_all_the_time_leaves_none_for_its_addresses(
    backend: httpcore.NetworkBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    clock = iter([now, now + 1])
    monkeypatch.setattr("trustly_customers._network.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 1))])
    with pytest.raises(httpcore.ConnectTimeout):
        backend.connect_tcp("api.example", 443, timeout=1)


def test_without_addresses_there_is_no_connection(
    backend: httpcore.NetworkBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("api.example", 443)


def test_a_wait_is_cut_to_what_is_left_of_the_present_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustly_customers._deadline.time.monotonic", lambda: 100.0)
    assert (left(None), left(7.0)) == (None, 7.0)
    with Present(103.0):
        assert (left(None), left(1.0), left(7.0)) == (3.0, 1.0, 3.0)
        with Present(100.5):
            assert left(None) == 0.5
        assert left(None) == 3.0
    assert left(None) is None


@pytest.mark.parametrize("ends", [100.0, 99.0])
def test_nothing_is_waited_for_when_the_present_try_is_over(ends: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustly_customers._deadline.time.monotonic", lambda: 100.0)
    with Present(ends), pytest.raises(TimeUp):
        left(7.0)


def test_a_try_that_ends_in_a_handshake_was_still_connecting() -> None:
    inner = Mock(spec=httpcore.NetworkStream)
    stream = _Stream(inner)
    with Present(0.0) as present, pytest.raises(TimeUp):
        stream.start_tls(ssl.create_default_context(), "api.example", 1.0)
    assert present.connecting
    with Present(0.0) as present, pytest.raises(TimeUp):
        stream.write(b"x", 1.0)
    assert present.connecting is False
    inner.start_tls.assert_not_called()
    inner.write.assert_not_called()


def test_a_stream_passes_on_what_it_is_told() -> None:
    inner, context = Mock(spec=httpcore.NetworkStream), ssl.create_default_context()
    stream = _Stream(inner)
    secured = stream.start_tls(context, "api.example", 1.0)
    inner.start_tls.assert_called_once_with(context, "api.example", 1.0)
    assert isinstance(secured, _Stream)
    assert secured._stream is inner.start_tls.return_value
    assert stream.read(7, 2.0) is inner.read.return_value
    inner.read.assert_called_once_with(7, 2.0)
    assert stream.get_extra_info("socket") is inner.get_extra_info.return_value
    inner.get_extra_info.assert_called_once_with("socket")


def test_a_long_body_is_written_in_pieces_each_with_the_time_that_is_left() -> None:
    inner, body = Mock(spec=httpcore.NetworkStream), bytes(range(256)) * 129
    _Stream(inner).write(body, 2.0)
    pieces = [call.args for call in inner.write.call_args_list]
    assert [(len(piece), timeout) for piece, timeout in pieces] == [(16384, 2.0), (16384, 2.0), (256, 2.0)]
    assert b"".join(piece for piece, _ in pieces) == body


def addresses(*hosts: str) -> Any:
    return lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 443)) for host in hosts]


def test_each_address_gets_an_even_share_of_the_time_that_is_left(
    backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Mock(side_effect=[100.0, 100.0, 101.0, 103.0])
    monkeypatch.setattr("trustly_customers._network.time", Mock(monotonic=clock))
    monkeypatch.setattr(socket, "getaddrinfo", addresses("a", "b", "c"))
    made = Mock(spec=httpcore.NetworkStream)
    backend._inner = Mock()
    backend._inner.connect_tcp.side_effect = [httpcore.ConnectTimeout, httpcore.ConnectError, made]
    with Present(time.monotonic() + 60) as present:
        stream = backend.connect_tcp("api.example", 443, 6.0, "local", [1])
    assert present.connecting
    assert present.address == ("api.example", 443)
    assert stream._stream is made
    assert [call.args for call in backend._inner.connect_tcp.call_args_list] == [
        ("a", 443, 2.0, "local", [1]),
        ("b", 443, 2.5, "local", [1]),
        ("c", 443, 3.0, "local", [1]),
    ]


def test_the_failure_of_the_last_address_is_told(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", addresses("a", "b"))
    last = httpcore.ConnectError("last")
    backend._inner = Mock()
    backend._inner.connect_tcp.side_effect = [httpcore.ConnectTimeout("first"), last]
    with pytest.raises(httpcore.ConnectError) as caught:
        backend.connect_tcp("api.example", 443)
    assert caught.value is last
    assert [call.args[2] for call in backend._inner.connect_tcp.call_args_list] == [None, None]


def test_only_addresses_for_streams_are_looked_up(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = Mock(return_value=[])
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("api.example", 443)
    lookup.assert_called_once_with("api.example", 443, type=socket.SOCK_STREAM)


def test_awaited_connections_are_made_as_they_are_asked_for_and_their_steps_seen() -> None:
    inner, stream, context = AsyncMock(), AsyncMock(), ssl.create_default_context()
    inner.connect_tcp.return_value = stream
    secured = stream.start_tls.return_value

    async def main() -> None:
        with Present(0.0) as present:
            made = await _AsyncBackend(inner).connect_tcp("api.example", 443, 1.0, "local", [1])
            assert present.connecting is True
            await made.write(b"CONNECT", 2.0)
            assert present.connecting is False
            within = await made.start_tls(context, "api.example", 3.0)
            assert present.connecting is True
            await within.write(b"GET", 4.0)
            assert present.connecting is False

    asyncio.run(main())
    inner.connect_tcp.assert_awaited_once_with("api.example", 443, 1.0, "local", [1])
    stream.write.assert_awaited_once_with(b"CONNECT", 2.0)
    stream.start_tls.assert_awaited_once_with(context, "api.example", 3.0)
    secured.write.assert_awaited_once_with(b"GET", 4.0)


@pytest.mark.parametrize("run", [asyncio.run, lambda main: trio.run(lambda: main)], ids=["asyncio", "trio"])
def test_a_handshake_that_is_cancelled_closes_its_connection(run: Any) -> None:
    closed: list[bool] = []

    async def main() -> None:
        with anyio.CancelScope() as scope:

            async def never(*_: object) -> None:
                scope.cancel()
                await anyio.sleep_forever()

            async def close() -> None:
                await anyio.lowlevel.checkpoint()
                closed.append(True)

            inner = Mock(start_tls=never, aclose=close)
            await _AsyncStream(inner).start_tls(ssl.create_default_context(), "api.example", 1.0)

    run(main())
    assert closed == [True]
