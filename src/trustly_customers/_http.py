"""Sends requests and reads answers: the one module that names the HTTP library.

Every failure of the library becomes an error of this package; what it says is never repeated, since it may hold
the URL with the customer's identifier.
"""

from __future__ import annotations

import ssl
import time
from typing import Final

import httpx

from ._config import Settings
from ._errors import (
    APIConnectionError,
    APITimeoutError,
    InvalidRequestError,
    RawResponse,
    ResponseShapeError,
    TrustlyError,
)
from ._exchange import Request

SyncTransport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

# What fails before the request leaves: the server cannot have seen it.
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class SyncHTTP:
    """A connection pool that blocks."""

    def __init__(self, settings: Settings, transport: SyncTransport | None) -> None:
        self._settings = settings
        self._client = httpx.Client(transport=transport, timeout=settings.timeout, follow_redirects=False)

    def exchange(self, request: Request) -> RawResponse:
        """Send a request and return the whole answer.

        Raises:
            APIConnectionError: no whole answer arrived.
            ResponseShapeError: the answer is longer than allowed.
        """
        reading = _Reading(request, self._settings)
        try:
            with self._client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.content
            ) as response:
                reading.begin(response)
                for chunk in response.iter_bytes():
                    if not reading.add(chunk):
                        break
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError) as error:
            failure = _failure(error, request, self._settings)
        else:
            return reading.result()
        # Raised here and not above, so that it carries nothing of the library's error, which holds the request.
        raise failure

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncHTTP:
    """A connection pool that is awaited."""

    def __init__(self, settings: Settings, transport: AsyncTransport | None) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(transport=transport, timeout=settings.timeout, follow_redirects=False)

    async def exchange(self, request: Request) -> RawResponse:
        """As `SyncHTTP.exchange`."""
        reading = _Reading(request, self._settings)
        try:
            async with self._client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.content
            ) as response:
                reading.begin(response)
                async for chunk in response.aiter_bytes():
                    if not reading.add(chunk):
                        break
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError) as error:
            failure = _failure(error, request, self._settings)
        else:
            return reading.result()
        # Raised here and not above, so that it carries nothing of the library's error, which holds the request.
        raise failure

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class _Reading:
    """An answer while it arrives: bounded in time and in size."""

    def __init__(self, request: Request, settings: Settings) -> None:
        self._request = request
        self._settings = settings
        self._ends = time.monotonic() + settings.timeout
        self._chunks: list[bytes] = []
        self._size = 0
        self._status = 0
        self._headers: dict[str, str] = {}

    def begin(self, response: httpx.Response) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}

    def add(self, chunk: bytes) -> bool:
        """Take a part of the body; False when the rest is not wanted."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._settings.max_response_bytes:
            if self._status // 100 != 2:  # noqa: PLR2004 - the status of a failure says enough
                return False
            problem = f"the body is longer than the {self._settings.max_response_bytes} bytes allowed"
            raise ResponseShapeError(problem, request=self._request.info, response=self.result())
        # The library's own limit is for one read; a server that drips would never meet it.
        if time.monotonic() > self._ends:
            raise _timed_out(self._request, self._settings, never_sent=False)
        return True

    def result(self) -> RawResponse:
        return RawResponse(status=self._status, headers=self._headers, content=b"".join(self._chunks))


def _timed_out(request: Request, settings: Settings, *, never_sent: bool) -> APITimeoutError:
    state = _state(request, never_sent=never_sent)
    text = f"{request.info} was not answered within {settings.timeout:g} seconds. {state}"
    return APITimeoutError(text, request=request.info, may_have_been_applied=not never_sent)


def _state(request: Request, *, never_sent: bool) -> str:
    if never_sent:
        return "The request was not sent."
    if request.method == "GET":
        return "It is safe to try again."
    return "Whether the update was applied is not known; read the customer to see."


def _failure(error: Exception, request: Request, settings: Settings) -> TrustlyError:
    """Return this package's error for one of the library's, without the library's words."""
    never_sent = isinstance(error, _NEVER_SENT)
    if isinstance(error, httpx.InvalidURL):
        msg = "the URL made of base_url and the id is not valid"
        return InvalidRequestError(msg)
    if isinstance(error, httpx.TimeoutException):
        return _timed_out(request, settings, never_sent=never_sent)
    reason = _reason(error)
    state = _state(request, never_sent=never_sent)
    text = f"{request.info} got no answer: {reason}. {state}"
    return APIConnectionError(text, request=request.info, may_have_been_applied=not never_sent)


# In order: the first that fits is told.
_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "the server's certificate could not be verified"),
    (ssl.SSLError, "no secure connection could be made"),
    (httpx.ConnectError, "no connection could be made; check base_url and the network"),
    (httpx.ProxyError, "the proxy refused"),
    (httpx.DecodingError, "the body could not be decompressed"),
    (httpx.ProtocolError, "the server broke off or did not speak HTTP"),
)


def _reason(error: Exception) -> str:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    return next(
        (reason for kind, reason in _REASONS if any(isinstance(each, kind) for each in causes)),
        "the connection broke",
    )
