"""Makes the library's requests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Final, Self

import httpx

from ._flow import Try

_MARGIN: Final = 0.5  # seconds between the ends of making a connection and of the try, at the most
_SHORT: Final = 4_096  # characters of a URL; the library's own limit lies far beyond
_PLAIN_PATH: Final = re.compile(r"(/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*)+")  # neither quoted nor normalised by the library
_MOST_ENCODED: Final = 16  # sets of headers: one an operation, unless an operation has headers of its own


class _Content(httpx.ByteStream):
    """A body that may be left half sent: the library's own is a generator, of which trio then complains."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Parts(self._content)


class _Parts:
    """An iterator over one part."""

    def __init__(self, part: bytes) -> None:
        self._left = [part]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


class Requests:
    """Makes the library's requests, with no header but those given and those that HTTP demands.

    What is the same for all requests of a client is parsed and encoded once.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._base: httpx.URL | None = None
        self._encoded: dict[tuple[tuple[str, str], ...], httpx.Headers] = {}

    def of(self, step: Try) -> httpx.Request:
        """Make a request.

        Raises:
            httpx.InvalidURL: the URL is too long.
        """
        request, timeout = step.request, step.timeout
        url = self._url(request.url)
        headers = self._headers(request.headers, url)
        for name, value in request.extra_headers.items():
            headers.setdefault(name, value)  # what the operation itself sends stays
        if request.content is not None:
            headers["Content-Length"] = str(len(request.content))
        # A connection that is not made is given up a little before the try is, and so is known never to have been used.
        soon = timeout - min(_MARGIN, timeout * 0.2)
        times = {"connect": soon, "pool": soon, "read": timeout, "write": timeout}
        stream = _Content(request.content or b"")
        return httpx.Request(request.method, url, headers=headers, stream=stream, extensions={"timeout": times})

    def _url(self, url: str) -> httpx.URL:
        """As `httpx.URL(url)`, without parsing the base URL again where the rest is plain."""
        path = url[len(self._base_url) :]
        if len(url) > _SHORT or not _PLAIN_PATH.fullmatch(path):
            return httpx.URL(url)
        if self._base is None:
            self._base = httpx.URL(self._base_url)
        parsed = httpx.URL(self._base)
        parts = parsed._uri_reference  # noqa: SLF001 - the library parses whatever its public ways change
        parsed._uri_reference = parts._replace(path=parts.path.removesuffix("/") + path)  # noqa: SLF001 - as above
        return parsed

    def _headers(self, given: Mapping[str, str], url: httpx.URL) -> httpx.Headers:
        key = tuple(given.items())
        if key not in self._encoded:
            if len(self._encoded) >= _MOST_ENCODED:
                self._encoded.clear()
            host = url.netloc.decode("ascii")
            self._encoded[key] = httpx.Headers({"Host": host, "Accept-Encoding": "identity", **given})
        return httpx.Headers(self._encoded[key], encoding="ascii")
