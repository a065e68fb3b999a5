"""One HTTP/1.1 connection over asyncio: a request goes out, an answer comes in part by part.

What is here knows of bytes and of one exchange at a time. Pools, proxies and limits of time are `fast`'s. The parser
is llhttp, the one of Node.js, in its strict mode.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from ._deadline import left

Headers = list[tuple[bytes, bytes]]

_LONGEST_HEAD: Final = 100 * 1024  # bytes of status line and headers, as httpx allows
_READ_AHEAD: Final = 256 * 1024  # bytes of a body that wait for their reader


class Broken(Exception):  # noqa: N818 - a signal within this package, never raised to a caller
    """The connection ended before the answer did, or what came is no HTTP."""


class Late(Exception):  # noqa: N818 - as above
    """Nothing arrived within the time for one read."""


class Connection(asyncio.Protocol):
    """A connection. Not `reusable` after anything but one whole answer and silence."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._begin()

    def _begin(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self._head_read = self._complete = self._spoilt = self._kept_alive = False
        self._head_size = self._waiting = 0
        self._chunks: list[bytes] = []
        self._failure: str | None = None

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived, and wake who waits for it."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._spoilt = True
            self._failure = self._failure or "the answer is not HTTP"
        if not (self._head_read or self._complete):
            self._head_size += len(data)
            self._check_head()
        if self._waiting > _READ_AHEAD and self.transport is not None:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note that no more will come: the end of a body without a length, or too early an end."""
        self._ended = True
        if self._head_read and not {b"content-length", b"transfer-encoding"} & {
            name.lower() for name, _ in self.headers
        }:
            self._complete = True

    def connection_lost(self, _error: Exception | None) -> None:
        """Note that the connection is gone."""
        self._ended = True
        self._wake()

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what follows a chunked body is left out."""
        if not (self._head_read or self._complete):
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the status; an interim answer (1xx) is followed by another."""
        if self._complete:
            return
        self.status = self._parser.get_status_code()
        self._head_read = self.status >= 200  # noqa: PLR2004 - the first status that is final
        if not self._head_read:
            self.headers = []
        self._head_size += sum(len(name) + len(value) for name, value in self.headers)
        self._check_head()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if not self._complete:
            self._chunks.append(body)
            self._waiting += len(body)

    def on_message_begin(self) -> None:
        """Note a second answer, which nobody asked for: it must not be taken for the next request's."""
        self._spoilt = self._spoilt or self._complete

    def on_message_complete(self) -> None:
        """Note that the answer is whole."""
        if self._head_read and not self._complete:
            self._complete = True
            self._kept_alive = self._parser.should_keep_alive()

    # What an exchange calls.

    def send(self, data: bytes) -> None:
        """Send a request, and make ready for its answer.

        Raises:
            Broken: the connection is gone; nothing was sent.
        """
        if self._ended or self.transport is None:
            raise Broken("the server broke off")
        self._begin()
        self.transport.write(data)

    async def head(self, limit: float | None) -> None:
        """Wait for the status and the headers.

        Raises:
            Broken, Late, TimeUp: there are none.
        """
        await self._until(lambda: self._head_read, limit)

    async def part(self, limit: float | None) -> bytes:
        """Wait for the next part of the body; an empty one is its end.

        Raises:
            Broken, Late, TimeUp: it breaks off.
        """
        if not (self._chunks or self._complete):
            await self._until(lambda: bool(self._chunks) or self._complete, limit)
        part = b"".join(self._chunks)
        if self._waiting > _READ_AHEAD and self.transport is not None:
            self.transport.resume_reading()
        self._chunks, self._waiting = [], 0
        return part

    @property
    def is_done(self) -> bool:
        """Whether the whole answer has been taken, and the connection is fit for another request."""
        return (
            self._complete and self._kept_alive and not (self._chunks or self._spoilt or self._ended or self._failure)
        )

    @property
    def is_fresh(self) -> bool:
        """Whether nothing has happened since: also what the loop has not seen yet counts."""
        if self._ended or self._spoilt or self.transport is None or self.transport.is_closing():
            return False
        return not _readable(self.transport.get_extra_info("socket").fileno())

    def abort(self) -> None:
        """Close at once."""
        if self.transport is not None:
            self.transport.abort()

    def _check_head(self) -> None:
        if self._head_size > _LONGEST_HEAD:
            self._failure = "the headers are too long"

    async def _until(self, done: Callable[[], bool], limit: float | None) -> None:
        loop = asyncio.get_running_loop()
        while not done():
            if self._failure or self._ended:
                raise Broken(self._failure or "the server broke off")
            seconds = left(limit)
            self._waiter = loop.create_future()
            timer = None if seconds is None else loop.call_later(seconds, self._wake)
            ends = None if seconds is None else loop.time() + seconds
            try:
                await self._waiter
            finally:
                self._waiter = None
                if timer is not None:
                    timer.cancel()
            if ends is not None and loop.time() >= ends and not done():
                raise Late

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _readable(fileno: int) -> bool:
    """Say whether a socket that should be silent has something to tell, such as that it was closed."""
    if fileno == -1:  # closed
        return True
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([fileno], [], [], 0)[0])
    poll = select.poll()
    poll.register(fileno, select.POLLIN)
    return bool(poll.poll(0))
