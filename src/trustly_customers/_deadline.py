"""Makes the wall clock bind the library's blocking transport.

The library's limits are for one read each: a server that sends a byte now and then is never late. Here every wait for
the network is cut to what is left of the present try. Looking up a name is the one wait that cannot be cut; the
system's resolver sets its own limit.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import httpx

_WRITE_AT_ONCE: Final = 16 * 1024


class TimeUp(Exception):  # noqa: N818 - not an error, a signal within this package
    """The present try's time is over."""


class _Present(threading.local):
    """The present try of a thread."""

    ends: float | None = None


_present = _Present()


@contextmanager
def try_ends(ends: float) -> Iterator[None]:
    """Within, this thread's waits end at the given `time.monotonic()`."""
    _present.ends = ends
    try:
        yield
    finally:
        _present.ends = None


def bound(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Return the transport, its waits bound."""
    pool: Any = transport._pool  # noqa: SLF001 - the library has no other way to the backend
    pool._network_backend = _Backend()  # noqa: SLF001 - as above; tests with dripping servers hold it
    return transport


def _left(timeout: float | None) -> float:
    if _present.ends is None:
        return timeout if timeout is not None else 0.0
    left = _present.ends - time.monotonic()
    if left <= 0:
        raise TimeUp
    return left if timeout is None else min(left, timeout)


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of the host in turn, all of them within one limit."""
        ends = time.monotonic() + _left(timeout)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error
        failure: Exception = httpcore.ConnectError()
        for _, _, _, _, address in found:
            left = ends - time.monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for begin in range(0, len(buffer), _WRITE_AT_ONCE):
            self._stream.write(buffer[begin : begin + _WRITE_AT_ONCE], _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
