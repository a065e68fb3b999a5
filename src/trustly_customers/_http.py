"""Sends requests and reads answers: the one module that names the HTTP library.

Requests go straight to the library's transport; what its client class does in between (redirects, cookies, its own
authentication) is not wanted and costs most of a call's time. The client class is there for its choice of transport,
which is where respx and others put themselves.

Every failure of the library becomes an error of this package; what it says is never repeated, since it may hold
the URL with the customer's identifier.
"""

from __future__ import annotations

import os
import socket
import ssl
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from ._config import Settings, is_proxy
from ._deadline import Present, TimeUp
from ._errors import InvalidRequestError
from ._flow import Outcome, Try
from ._outgoing import Requests
from ._reading import Reading

SyncTransport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

# What the library, or a transport of the user's, may raise because of a server or a network.
_FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, TimeUp)
_PORTS: Final = {"http": 80, "https": 443}
# What fails before the request leaves: the server cannot have seen it.
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_TIMED_OUT: Final = (httpx.TimeoutException, TimeUp, TimeoutError)
# In order: the first that fits is told, with where the connection was to lead.
_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "the server's certificate could not be verified for a connection to {}"),
    (ssl.SSLError, "no secure connection to {} could be made"),
    (
        socket.gaierror,
        "a host's name could not be looked up for a connection to {}; check base_url and the network",
    ),
    (httpx.ConnectError, "no connection to {} could be made; check base_url and the network"),
    (httpx.ProxyError, "the proxy refused a connection to {}"),
    (httpx.DecodingError, "the body could not be decompressed"),
    (httpx.ProtocolError, "the server broke off or did not speak HTTP"),
)


class _Closing:
    """What is said of connections that are closed. The library's client says it of its own calls alone."""

    _closed = False

    def check_open(self) -> None:
        """Refuse a call over connections that are closed.

        Raises:
            InvalidRequestError: they are.
        """
        if self._closed:
            raise InvalidRequestError(
                "the client is closed, or the one whose connections it shares; make another, or stay within its `with` "
                "block; the request was not sent"
            )


class SyncHTTP(_Closing):
    """A connection pool that blocks."""

    def __init__(self, settings: Settings, transport: SyncTransport | None) -> None:
        self._settings = settings
        self._given = transport
        self._requests = Requests(settings.base_url)
        self._client = self._connect()

    def _connect(self) -> httpx.Client:
        from ._network import bound  # noqa: PLC0415 - slow to import, and of no use before there is a client

        self._process = os.getpid()
        transport = self._given or bound(httpx.HTTPTransport(**_connections(self._settings)))
        return httpx.Client(transport=transport, trust_env=False)

    def _transport_for(self, url: httpx.URL) -> httpx.BaseTransport:
        if self._process != os.getpid() and self._given is None:
            # A forked process must not speak on its parent's connections.
            self._client = self._connect()
        return self._client._transport_for_url(url)  # noqa: SLF001 - see the module's docstring

    def exchange(self, step: Try) -> Outcome:
        """Send a request, and return the whole answer or the error, within the time of the step."""
        reading = Reading(step)
        with Present(reading.ends) as stage:
            try:
                self.check_open()
                request = self._requests.of(step)
                response = self._transport_for(request.url).handle_request(request)
                try:
                    reading.begin(response.status_code, response.headers.raw)
                    for chunk in response.stream:  # type: ignore[union-attr] # a sync transport gives a sync stream
                        if not reading.add(chunk):
                            break
                    _retire(response)
                finally:
                    response.close()
            except InvalidRequestError as error:
                return error
            except _FAILURES as error:
                return _failed(error, reading, stage, self._settings.base_url)
        return reading.outcome()

    def close(self) -> None:
        """Close all connections, for good."""
        self._closed = True
        self._client.close()


class AsyncHTTP(_Closing):
    """A connection pool that is awaited."""

    def __init__(self, settings: Settings, transport: AsyncTransport | None) -> None:
        self._settings = settings
        self._given = transport
        self._requests = Requests(settings.base_url)
        self._client = self._connect()

    def _connect(self) -> httpx.AsyncClient:
        from ._network import seen  # noqa: PLC0415 - as above

        self._process = os.getpid()
        self._keeps_time = getattr(self._given, "keeps_time", False)
        transport = self._given or seen(httpx.AsyncHTTPTransport(**_connections(self._settings)))
        return httpx.AsyncClient(transport=transport, trust_env=False)

    def _transport_for(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        if self._process != os.getpid() and self._given is None:
            self._client = self._connect()
        return self._client._transport_for_url(url)  # noqa: SLF001 - as above

    async def exchange(self, step: Try) -> Outcome:
        """As `SyncHTTP.exchange`."""
        from anyio import fail_after  # noqa: PLC0415 - slow to import, and of no use to a sync client

        reading = Reading(step)
        with Present(reading.ends) as stage:
            try:
                self.check_open()
                request = self._requests.of(step)
                with nullcontext() if self._keeps_time else fail_after(step.timeout):
                    response = await self._transport_for(request.url).handle_async_request(request)
                    parts = response.stream.__aiter__()  # type: ignore[union-attr] # an async one, likewise
                    try:
                        reading.begin(response.status_code, response.headers.raw)
                        async for chunk in parts:
                            if not reading.add(chunk):
                                break
                        _retire(response)
                    finally:
                        # Left to the collector, a generator that was not read to its end would warn.
                        if isinstance(parts, AsyncGenerator):
                            await parts.aclose()
                        await response.aclose()
            except InvalidRequestError as error:
                return error
            except _FAILURES as error:
                return _failed(error, reading, stage, self._settings.base_url)
        return reading.outcome()

    async def close(self) -> None:
        """Close all connections, for good."""
        self._closed = True
        await self._client.aclose()


def _connections(settings: Settings) -> dict[str, Any]:
    """How the library's own transports are to connect.

    Raises:
        InvalidRequestError: the system's settings name a proxy that is not spoken to.
    """
    secure = settings.base_url.startswith("https:")
    return {
        # Without TLS there is nothing to verify, and loading the authorities takes most of a tenth of a second.
        "verify": (settings.ssl_context or authorities()) if secure else False,
        "proxy": settings.proxy or system_proxy(settings.base_url),
        "limits": httpx.Limits(max_connections=settings.max_connections),
        "trust_env": False,
    }


def _retire(response: httpx.Response) -> None:
    """Keep a connection on which more than the answer arrived from being used again.

    The library would take the rest for the answer of the next request, which may be about another customer.
    """
    parser: Any = response.stream
    for name in ("_httpcore_stream", "_stream", "_connection", "_h11_state"):
        parser = getattr(parser, name, None)
    if parser is not None and parser.trailing_data[0]:
        parser.send_failed()


def _failed(error: Exception, reading: Reading, stage: Present, base_url: str) -> Outcome:
    """This package's error for one of the library's, without the library's words."""
    if isinstance(error, httpx.InvalidURL):
        return InvalidRequestError("the id makes a URL that is too long or not valid; nothing was sent")
    never_sent = stage.connecting or isinstance(error, _NEVER_SENT)
    if isinstance(error, _TIMED_OUT):
        unmade = stage.connecting or isinstance(error, httpx.ConnectTimeout)
        return reading.timed_out(never_sent=never_sent, towards=_way(base_url, stage) if unmade else None)
    causes = _chain(error, reading.outside)
    reasons = (reason for kind, reason in _REASONS if any(isinstance(each, kind) for each in causes))
    reason = next(reasons, "the connection broke")
    if stage.connecting and "{}" not in reason:
        reason += " while a connection to {} was made"
    return reading.broken(reason.format(_way(base_url, stage)), never_sent=never_sent)


def _way(base_url: str, stage: Present) -> str:
    """Where a connection was to lead: what an operator wants to know, and nothing of a path or of credentials."""
    url = httpx.URL(base_url)
    server = (url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
    way = f"{url.scheme}://{_authority(*server)}"
    return way if stage.address in {None, server} else f"{way} by way of the proxy at {_authority(*stage.address)}"


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _chain(error: BaseException, outside: BaseException | None) -> list[BaseException]:
    """An error and what led to it, each once: a transport of the user's may chain them in a circle.

    What the caller was handling when it called is no part of it.
    """
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        if cause is outside or cause in chain:
            break
        chain.append(cause)
    return chain


@cache
def authorities() -> ssl.SSLContext:
    """The context of all clients that are not given one: making it is slow, and it holds nothing of a client's."""
    return httpx.create_ssl_context()


def system_proxy(base_url: str) -> str | None:
    """Return the URL of the proxy that the system's settings name for a server, if they do.

    Raises:
        InvalidRequestError: it is no http or https proxy.
    """
    parts = urlsplit(base_url)
    # Plain http is spoken to loopback alone; a proxy elsewhere would read the credentials.
    if parts.scheme == "http" or urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found:
        return None
    proxy = found if "://" in found else f"http://{found}"
    if not is_proxy(proxy):
        raise InvalidRequestError("the system's settings name a proxy that is no http or https URL; pass proxy instead")
    return proxy
