"""A transport for `AsyncTrustly` under asyncio that stays quick with many requests in flight.

    client = AsyncTrustly(access_id, access_key, transport=FastTransport())

Wants the extra `fast`. It does what this client needs and no more: HTTP/1.1, no redirects, no cookies, no
decompression, and no tries of its own. What it raises is httpx's, and is told from where a request was: nothing that
failed before its first byte left is ever mistaken for something that may have reached the server, nor the other way
round. That is why it is no wrapper of another library's client: those at hand report a connection that broke under a
request as one that was never made.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from typing import Final, NamedTuple, Self
from urllib.parse import unquote

import httpx

from ._config import ClientOptions, check_options
from ._deadline import connecting_to, is_connecting, left
from ._errors import InvalidRequestError
from ._http import authorities, system_proxy

try:
    from ._wire import Broken, Connection, Late
except ModuleNotFoundError as error:
    if error.name != "httptools":
        raise
    raise ImportError("trustly_customers.fast needs an extra: pip install 'trustly-customers[fast]'") from error

__all__ = ["FastTransport"]

_IDLE: Final = 5.0  # seconds after which a silent connection is no longer trusted, as in httpx
_PORTS: Final = {"http": 80, "https": 443}


class _Origin(NamedTuple):
    """Where a connection leads: a server, and perhaps a proxy on the way."""

    scheme: str
    host: str
    port: int
    proxy: httpx.URL | None

    @property
    def is_forwarded(self) -> bool:
        """Whether the proxy is told the whole URL, and not asked for a tunnel."""
        return self.proxy is not None and self.scheme == "http"


class FastTransport(httpx.AsyncBaseTransport):
    """A pool of connections under asyncio.

    Bodies of requests are sent whole. One transport serves one event loop at a time.

    Args:
        ssl_context: How servers are verified; the usual authorities by default.
        proxy: The http or https URL of a proxy; by default the one that the system's settings name, if any.
        max_connections: How many connections are open at the same time at the most.

    Raises:
        InvalidRequestError: an argument is not acceptable; the text names it.
    """

    def __init__(
        self, *, ssl_context: ssl.SSLContext | None = None, proxy: str | None = None, max_connections: int = 100
    ) -> None:
        options = ClientOptions(ssl_context=ssl_context, proxy=proxy, max_connections=max_connections)
        check_options(options, ClientOptions)
        self._ssl_context = ssl_context
        self._proxy = proxy
        self._max_connections = max_connections
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begin()

    def _begin(self) -> None:
        self._free = asyncio.Semaphore(self._max_connections)
        self._idle: dict[_Origin, list[Connection]] = {}
        self._origins: dict[tuple[str, str, int | None], _Origin] = {}

    keeps_time = True
    """Every wait here ends with the present try: `_http` need not cancel it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the answer once its headers have arrived.

        Raises:
            httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError: nothing was sent.
            httpx.TransportError: any other failure; the request may have been sent.
            InvalidRequestError: it is not asyncio that runs; nothing was sent.
        """
        loop = _running_loop()
        if loop is None:
            raise InvalidRequestError(
                "FastTransport runs under asyncio alone; under trio, give AsyncTrustly no transport; nothing was sent"
            )
        if loop is not self._loop:
            # Connections of another loop, or of the process before a fork, are not this one's to use.
            self._loop = loop
            self._begin()
        origin = self._origin_of(request.url)
        content = await _written(request, origin)
        times = request.extensions.get("timeout", {})
        await self._wait_for_place(times.get("pool"))
        connection = None
        try:
            connection = self._taken(origin) or await self._connected(origin, times.get("connect"))
            _send(connection, content)
            await connection.head(times.get("read"))
        except BaseException as error:
            self._give_back(origin, connection, whole=False)
            if isinstance(error, Broken | Late):
                raise _told(error) from error
            raise
        body = _Body(self, origin, connection, times.get("read"))
        return httpx.Response(connection.status, headers=connection.headers, stream=body)

    async def aclose(self) -> None:
        """Close the connections that no request uses; the others close with their answers."""
        loop = _running_loop()
        if loop is not None and loop is self._loop:
            for connection in [each for some in self._idle.values() for each in some]:
                connection.abort()
            await asyncio.sleep(0)  # sockets are closed in the loop's next round
        self._idle.clear()

    def _origin_of(self, url: httpx.URL) -> _Origin:
        key = (url.scheme, url.host, url.port)
        if key not in self._origins:
            if url.scheme not in _PORTS:
                raise httpx.UnsupportedProtocol("only http and https are spoken")
            host = url.raw_host.decode("ascii")
            proxy = self._proxy or system_proxy(str(url.copy_with(path="/", query=None)))
            port = url.port or _PORTS[url.scheme]
            self._origins[key] = _Origin(url.scheme, host, port, None if proxy is None else httpx.URL(proxy))
        return self._origins[key]

    async def _wait_for_place(self, limit: float | None) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(left(limit)):
                await self._free.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are in use") from error

    def _taken(self, origin: _Origin) -> Connection | None:
        """Take the connection that was used last, since it is the likeliest to be alive."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if asyncio.get_running_loop().time() - connection.idle_since < _IDLE and connection.is_fresh:
                return connection
            connection.abort()
        return None

    def _give_back(self, origin: _Origin, connection: Connection | None, *, whole: bool) -> None:
        self._free.release()
        if connection is None:
            return
        if whole and connection.is_done:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.abort()

    async def _connected(self, origin: _Origin, limit: float | None) -> Connection:
        """Make a connection. Whatever fails here, no request has been sent."""
        proxy = origin.proxy
        host, port = (proxy.host, proxy.port or _PORTS[proxy.scheme]) if proxy else (origin.host, origin.port)
        connecting_to(host, port)
        try:
            async with asyncio.timeout(left(limit)):
                if proxy is None:
                    return await _opened(host, port, self._tls(origin.scheme))
                # A proxy is not the server that a context was given for.
                connection = await _opened(host, port, authorities() if proxy.scheme == "https" else None)
                return connection if origin.is_forwarded else await self._tunnel(origin, connection)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, UnicodeError, Broken) as error:
            raise httpx.ConnectError("no connection") from error

    async def _tunnel(self, origin: _Origin, connection: Connection) -> Connection:
        """Ask a proxy for a tunnel, and speak TLS with the server through it."""
        try:
            connection.send(_connect_request(origin))
            await connection.head(None)
            _check_tunnel(connection.status)
            context = self._tls(origin.scheme)
            assert connection.transport is not None and context is not None  # noqa: S101, PT018 - for the type checker
            inner = Connection()
            inner.transport = await asyncio.get_running_loop().start_tls(
                connection.transport, inner, context, server_hostname=origin.host
            )
        except BaseException:
            connection.abort()
            raise
        return inner

    def _tls(self, scheme: str) -> ssl.SSLContext | None:
        return (self._ssl_context or authorities()) if scheme == "https" else None


class _Body(httpx.AsyncByteStream):
    """The body of an answer; its connection returns to the pool when it is closed."""

    def __init__(self, pool: FastTransport, origin: _Origin, connection: Connection, timeout: float | None) -> None:
        self._pool = pool
        self._origin = origin
        self._connection: Connection | None = connection
        self._timeout = timeout

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        try:
            part = await self._connection.part(self._timeout)
        except (Broken, Late) as error:
            raise _told(error) from error
        if not part:
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool._give_back(self._origin, connection, whole=True)  # noqa: SLF001 - of this module


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _opened(host: str, port: int, context: ssl.SSLContext | None) -> Connection:
    loop = asyncio.get_running_loop()
    if isinstance(loop, asyncio.BaseEventLoop):
        _, connection = await loop.create_connection(Connection, host, port, ssl=context, happy_eyeballs_delay=0.25)
    else:  # uvloop, which tries one address after the other
        _, connection = await loop.create_connection(Connection, host, port, ssl=context)
    return connection


def _check_tunnel(status: int) -> None:
    if status // 100 != 2:  # noqa: PLR2004 - the class of success
        raise httpx.ProxyError("the proxy refused")


def _send(connection: Connection, content: bytes) -> None:
    is_connecting(False)
    try:
        connection.send(content)
    except Broken as error:
        raise httpx.ConnectError("gone as soon as made") from error


def _told(signal: Broken | Late) -> httpx.TransportError:
    """The library's error for what a connection signals after a request was sent."""
    if isinstance(signal, Late):
        return httpx.ReadTimeout("nothing arrived in time")
    return httpx.RemoteProtocolError(str(signal))


async def _written(request: httpx.Request, origin: _Origin) -> bytes:
    """A request as bytes."""
    if isinstance(request.stream, httpx.ByteStream):
        content = b"".join(request.stream)
    elif "transfer-encoding" in request.headers:
        raise httpx.LocalProtocolError("a body needs a length")
    else:
        content = await request.aread()
    target = str(request.url).encode("ascii") if origin.is_forwarded else request.url.raw_path
    lines = [request.method.encode("ascii") + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    if origin.is_forwarded:
        lines += _proxy_authorization(origin)
    head = b"\r\n".join(lines)
    if head.count(b"\r") + head.count(b"\n") != 2 * (len(lines) - 1) or b"\0" in head:
        raise httpx.LocalProtocolError("a header holds a line break")
    return head + b"\r\n\r\n" + content


def _connect_request(origin: _Origin) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    authority = f"{host}:{origin.port}".encode("ascii")
    lines = [b"CONNECT " + authority + b" HTTP/1.1", b"Host: " + authority, *_proxy_authorization(origin)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _proxy_authorization(origin: _Origin) -> list[bytes]:
    if origin.proxy is None or not origin.proxy.userinfo:
        return []
    user, _, password = origin.proxy.userinfo.partition(b":")
    pair = f"{unquote(user.decode())}:{unquote(password.decode())}"
    return [b"Proxy-Authorization: Basic " + base64.b64encode(pair.encode())]
