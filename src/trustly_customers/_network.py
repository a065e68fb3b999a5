"""The library's connections, watched: the wall clock binds them, and they tell how far a try has come.

The library's limits are for one read each: a server that sends a byte now and then is never late. In blocking code
every wait for the network is cut here to what is left of the present try; looking up a name is the one wait that
cannot be cut, and has the limit of the system's resolver. In async code the try as a whole is cancelled.

Loaded with the first client, since what is below httpx is slow to import.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx

from ._deadline import connecting_to, is_connecting, left

_WRITE_AT_ONCE: Final = 16 * 1024
_TUNNEL: Final = b"CONNECT "
"""What a request to a proxy begins with that makes a way to the server, and no body."""


def bound(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Return the transport, its waits bound and its steps seen."""
    pool: Any = transport._pool  # noqa: SLF001 - the library has no other way to the backend
    pool._network_backend = _Backend()  # noqa: SLF001 - as above; tests with dripping servers hold it
    return transport


def seen(transport: httpx.AsyncHTTPTransport) -> httpx.AsyncHTTPTransport:
    """Return the transport, its steps seen."""
    pool: Any = transport._pool  # noqa: SLF001 - as above
    pool._network_backend = _AsyncBackend(pool._network_backend)  # noqa: SLF001 - as above
    return transport


def _note(written: bytes) -> None:
    if written:  # as the end of a head without a body is not
        is_connecting(written.startswith(_TUNNEL))


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
        """Try each address of the host in turn, all of them within one limit.

        Each gets an even share of the time that is left, so that a dead one leaves some for the others.
        """
        connecting_to(host, port)
        limit = left(timeout)
        ends = float("inf") if limit is None else time.monotonic() + limit
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error
        failure: Exception = httpcore.ConnectError()
        for others, (_, _, _, _, address) in zip(reversed(range(len(found))), found, strict=True):
            rest = ends - time.monotonic()
            if rest <= 0:
                raise httpcore.ConnectTimeout
            share = None if limit is None else rest / (others + 1)
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _note(buffer)
        for begin in range(0, len(buffer), _WRITE_AT_ONCE):
            self._stream.write(buffer[begin : begin + _WRITE_AT_ONCE], left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        is_connecting(True)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        connecting_to(host, port)
        return _AsyncStream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self.read = stream.read  # type: ignore[method-assign] # as it is, without another frame
        self.aclose = stream.aclose  # type: ignore[method-assign] # likewise
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign] # likewise

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the library\'s name
        _note(buffer)
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name
    ) -> httpcore.AsyncNetworkStream:
        from anyio import CancelScope  # noqa: PLC0415 - slow to import, and of no use to a sync client

        is_connecting(True)
        try:
            return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            # Cancelled in a handshake, the library leaves the socket to the collector.
            with CancelScope(shield=True):
                await self._stream.aclose()
            raise
