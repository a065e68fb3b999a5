"""Looking up and connecting in blocking code, where the time or the addresses run out."""

from __future__ import annotations

import socket
import ssl
import time
from unittest.mock import Mock

import httpcore
import httpx
import pytest

from trustly_customers._deadline import Present, TimeUp, left
from trustly_customers._network import _Stream, bound


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
