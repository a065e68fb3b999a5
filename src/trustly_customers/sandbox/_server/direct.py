"""Requests that came whole are answered on the spot: without ASGI's events, and without a task unless an answer waits.

What is out of the ordinary about a request or an answer is left to uvicorn's cycle, as ASGI has it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import cached_property, partial
from http.client import NO_CONTENT
from typing import TYPE_CHECKING, NamedTuple

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from trustly_customers.sandbox._http import (
    ARRIVING,
    ASGIApp,
    Event,
    Headers,
    Receive,
    Respond,
    Response,
    Scope,
    Send,
    send_response,
)

from .breaking import unless

if TYPE_CHECKING:
    from .fast import FastConnection

# What needs no interpretation: no host before the path, nothing after the query, no byte that a URL may not hold.
PLAIN_URL = re.compile(rb"(/[\w.~!$&'()*+,;=:@%/-]*+)(?:\?([\w.~!$&'()*+,;=:@%/?-]*+))?+", re.ASCII)


class Direct(NamedTuple):
    """How requests are answered on the spot."""

    respond: Respond
    as_served: Callable[[ASGIApp], ASGIApp]
    """Gives an application as uvicorn is to run it."""
    stopping: asyncio.Event
    heads: Heads
    outbox: Outbox


class Outbox:
    """Answers that leave together, at the end of the loop's turn: the callers are then awake for all but the first."""

    def __init__(self) -> None:
        self._waiting: list[FastConnection] = []

    def add(self, connection: FastConnection) -> None:
        """Let a connection write what it holds, soon."""
        if not self._waiting:
            connection.loop.call_soon(self._flush)
        self._waiting.append(connection)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.write_out()


class Heads:
    """The heads of answers, but for their length: as they are written, and made once."""

    def __init__(self) -> None:
        self._defaults: object = None
        self._made: dict[tuple[int, Headers], bytes] = {}

    def head(self, status: int, headers: Headers, defaults: list[tuple[bytes, bytes]]) -> bytes:
        """Return a head; `defaults` are uvicorn's own fields, a new list with a new date every second."""
        if defaults is not self._defaults:
            self._defaults = defaults
            self._made.clear()
        made = self._made.get((status, headers))
        if made is None:
            lines = [b"%b: %b\r\n" % field for field in (*defaults, *headers)]
            made = self._made[status, headers] = b"".join((STATUS_LINE[status], *lines))
        return made


class WholeRequest(RequestResponseCycle):
    """A request that has come to its end, and its answer; a cycle of uvicorn's as soon as the answer has to wait."""

    disconnected = response_started = response_complete = more_body = waiting_for_100_continue = access_log = False
    keep_alive = True
    chunked_encoding: bool | None = None
    expected_content_length = 0

    def __init__(self, connection: FastConnection, direct: Direct, method: str, body: bytes) -> None:
        self.transport = connection.transport
        self._connection = connection
        self._direct = direct
        self._method = method
        self._whole: bytes | None = body
        self._is_known = False
        self._is_cancelled = False
        self._awaited: asyncio.Future[object] | None = None

    # What a cycle is given when it is made; hardly any request needs it.
    body = bytearray()
    flow = property(lambda self: self._connection.flow)
    logger = property(lambda self: self._connection.logger)
    scope = property(lambda self: {"type": "http", "method": self._method})  # as much as a cycle reads
    default_headers = property(lambda self: self._connection.server_state.default_headers)
    message_event = cached_property[asyncio.Event](lambda _: asyncio.Event())

    def on_response(self) -> None:
        """Let the connection go on."""
        self._connection.on_response_complete()

    def answer(self, raw_path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer, now or later."""
        self._answering = self._direct.respond(self._method, raw_path, query, headers, self._receive)
        arriving = ARRIVING.set(True)
        try:
            self._step()
        finally:
            ARRIVING.reset(arriving)

    def cancel(self, msg: str) -> None:
        """End without an answer soon, as a task would. The server does this when it has waited too long to stop."""
        self._is_cancelled = self._awaited is None or not self._awaited.cancel(msg)

    def _go_on(self, _awaited: object = None) -> None:
        """Go on once what was awaited is there."""
        ARRIVING.set(False)  # a callback's context is that in which it was added
        try:
            self._step()
        except BaseException as error:
            # Nobody else would close the connection, or no longer wait for the request.
            self._connection.tasks.discard(self)
            self.transport.close()
            if not isinstance(error, asyncio.CancelledError):
                raise

    def _step(self) -> None:
        """Let the application go on until it waits again, or is done. Costs a fraction of what a task does."""
        try:
            if self._is_cancelled:
                awaited = self._answering.throw(asyncio.CancelledError)
            else:
                awaited = self._answering.send(None)
        except StopIteration as end:
            self._deliver(end.value)
            return
        self._be_known()
        self._awaited = awaited
        if awaited is None:
            self._connection.loop.call_soon(self._go_on)
        else:
            awaited._asyncio_future_blocking = False  # noqa: SLF001 - as a task says that it has understood
            awaited.add_done_callback(self._go_on)

    def _be_known(self) -> None:
        """Let the connection, and a server that would stop, wait for the answer."""
        if not self._is_known:
            self._is_known = True
            self._connection.wait_for(self)

    async def _receive(self) -> Event:
        body, self._whole = self._whole, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        self._be_known()
        return await unless(self._direct.stopping, self.receive, self)  # type: ignore[arg-type] # uvicorn's types

    def _deliver(self, response: Response | None) -> None:
        if (
            response is None
            or response.cut is not None
            or not self.keep_alive
            or self.disconnected
            or self.flow.write_paused
            or self.transport.is_closing()
        ):
            self._be_known()
            app = self._direct.as_served(partial(_answered, response))
            self._connection.run(self.run_asgi(app))  # type: ignore[arg-type] # uvicorn's types
        else:
            self._write(response)
        if self._is_known:
            self._connection.tasks.discard(self)

    def _write(self, response: Response) -> None:
        status, body, headers, _ = response
        head = self._direct.heads.head(status, headers, self.default_headers)
        if status == NO_CONTENT:
            answer = head + b"\r\n"
        else:
            answer = b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), b"" if self._method == "HEAD" else body)
        self._connection.post(answer, self._direct.outbox)
        if self._is_known:
            self.response_started = self.response_complete = True
            if "message_event" in self.__dict__:  # or nobody waits for it
                self.message_event.set()
            self.on_response()


async def _answered(response: Response | None, scope: Scope, _receive: Receive, send: Send) -> None:
    """An application that has its answer already."""
    if response is not None:
        await send_response(send, response, head=scope["method"] == "HEAD")
