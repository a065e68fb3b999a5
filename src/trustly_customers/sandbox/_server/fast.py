"""Connections read by httptools, the parser in C. It has no limits of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from trustly_customers.sandbox._http import Event

from .guarded import Guarded, abandon


class FastConnection(Guarded, HttpToolsProtocol):
    """A connection whose heads, trailers and pipelines are bounded."""

    _unspent = 0
    """Bytes that came since a body's last, or since a request's end: of a head, a trailer or the frame of a chunk."""

    _running: RequestResponseCycle | None = None
    """The request that is being answered; those after it wait in the pipeline."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """See asyncio.Protocol."""
        self.headers = []
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol. uvicorn tells the newest request that its caller is gone, not the one that runs."""
        super().connection_lost(exc)
        if self._running is not None:
            abandon(self._running)

    def parse(self, data: bytes) -> None:
        """See Guarded."""
        if self.refused:
            return
        self._unspent += len(data)
        self._feed(data)
        if self.refused:
            return
        limits = self.guard.limits
        if self._unspent > limits.head_bytes or len(self.headers) > limits.head_fields:
            self.refuse()
        elif len(self.pipeline) > limits.pipelined:
            self.refused = True
            self.end_after_answers()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                if not self._should_upgrade():
                    self.refused = True
                    self.end_after_answers()
                    return
                data = self._without_upgrade() + data[upgrade.args[0] :]
            except HttpParserError:
                self.refuse()
                return
            else:
                return

    def _should_upgrade(self) -> bool:
        """Whether uvicorn is to make nothing of a request that asks for another protocol: it comes again without."""
        method: str = self.scope["method"]
        return method != "CONNECT"

    def _without_upgrade(self) -> bytes:
        """The head that has just come, for a new parser: there is no other way to read the body that follows it."""
        method, version = self.scope["method"].encode(), self.scope["http_version"].encode()
        fields = [b"%b: %b" % field for field in self.scope["headers"] if field[0] != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        return b"\r\n".join([b"%b %b HTTP/%b" % (method, self.url, version), *fields, b"", b""])

    def on_headers_complete(self) -> None:
        """Begin a request. What a trailer holds is read like a field of the head, but is none."""
        if len(self.headers) > self.guard.limits.head_fields:
            raise HttpParserError
        super().on_headers_complete()
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unspent = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._unspent = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request. uvicorn sets a timer for each; the guard knows who is idle without."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.flow.resume_reading()  # and no sooner: each time, more would come than was answered

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def has_begun_a_head(self) -> bool:
        """See Guarded."""
        scope: Any = self.scope
        return scope is not None and (self.cycle is None or self.cycle.scope is not scope)

    def is_waiting_for_body(self) -> bool:
        """See Guarded."""
        return not self.pipeline and super().is_waiting_for_body()

    def end_after_answers(self) -> None:
        """See Guarded. A request that waits, and has not come whole, never will: those before it are the last."""
        if self.cycle.more_body and self._running is not None and self._running is not self.cycle:
            self.pipeline.popleft()
            self.cycle = self.pipeline[0][0] if self.pipeline else self._running
        if self.cycle.more_body:
            self.transport.close()
        else:
            self.cycle.keep_alive = False


def write_whole(cycle: Any, start: Event, body: bytes) -> bool:
    """Write a whole answer at once, as `RequestResponseCycle.send` would in two; False where only that knows how."""
    headers = start["headers"]
    if (
        cycle.disconnected
        or cycle.more_body  # an answer before the end of its request
        or not cycle.keep_alive
        or cycle.flow.write_paused
        or not headers
        or headers[-1][0] != b"content-length"
    ):
        return False
    lines = [STATUS_LINE[start["status"]]]
    for name, value in (*cycle.default_headers, *headers):
        lines += (name, b": ", value, b"\r\n")
    lines += (b"\r\n", b"" if cycle.scope["method"] == "HEAD" else body)
    cycle.transport.write(b"".join(lines))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    cycle.on_response()
    return True
