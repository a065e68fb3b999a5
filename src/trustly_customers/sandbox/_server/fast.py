"""Connections read by httptools, the parser in C. It has no limits of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from trustly_customers.sandbox._http import Event

from .direct import PLAIN_URL, Direct, Outbox, WholeRequest
from .guarded import Guarded, abandon
from .limits import Wait


class FastConnection(Guarded, HttpToolsProtocol):
    """A connection whose heads, trailers and pipelines are bounded."""

    direct: Direct | None
    """How requests that came whole are answered."""

    _unspent = 0
    """Bytes that came since a body's last, or since a request's end: of a head, a trailer or the frame of a chunk."""

    _running: RequestResponseCycle | None = None
    """The request that is being answered; those after it wait in the pipeline."""

    _is_in_head = False
    _coming: list[tuple[bytes, bytes]] | None = None
    """The fields of a request that may come whole, in which case uvicorn never hears of it."""
    _body = b""
    """What came of its body."""
    _out = b""
    """Answers that are not written yet."""
    _answered = 0
    """Requests of which uvicorn never heard."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """See asyncio.Protocol."""
        self.headers = []
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol. uvicorn tells the newest request that its caller is gone, not the one that runs."""
        super().connection_lost(exc)
        if self._running is not None:
            abandon(self._running)

    def eof_received(self) -> bool:  # type: ignore[override] # as asyncio has it
        """See asyncio.Protocol. Who sends no more still reads: what came whole is answered, unless it waits for him."""
        self.write_out()
        newest, running = self.cycle, self._running
        if running is None or newest.response_complete or newest.more_body or getattr(running, "is_waiting", False):
            return False
        newest.keep_alive = False
        for cycle in (running, *(waiting for waiting, _ in self.pipeline)):
            cycle.caller_ended = True  # type: ignore[attr-defined] # for `unless`
        return True

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
                if self._coming is not None:
                    self._leave_to_uvicorn()
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

    def on_message_begin(self) -> None:
        """Begin a head. uvicorn makes a scope here; most requests never need one."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Begin a request. What a trailer holds is read like a field of the head, but is none."""
        if len(self.headers) > self.guard.limits.head_fields:
            raise HttpParserError
        self._is_in_head = False
        if self._may_come_whole():
            self._coming, self._body = self.headers, b""
        else:
            self._begin(self.headers)
        self.headers = []

    def _may_come_whole(self) -> bool:
        """Whether nothing is out of the ordinary about a request whose head has come, nor about the connection."""
        parser = self.parser
        return (
            self.direct is not None
            and (self.cycle is None or self.cycle.response_complete)
            and not self._out  # or one caller could have hundreds answered in one turn of the loop
            and not self.expect_100_continue
            and not self.flow.write_paused
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and parser.get_http_version() == "1.1"
            and not self.transport.is_closing()
        )

    def _begin(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Let uvicorn begin with a request. Raises HttpParserError."""
        url, expects = self.url, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers  # the scope's too
        try:
            super().on_headers_complete()
        except AttributeError:
            raise HttpParserError from None  # a target without a path

    def _leave_to_uvicorn(self) -> None:
        """Let uvicorn have a request that did not come whole, or is not plain after all."""
        headers, self._coming = self._coming or [], None
        trailer = self.headers
        self._begin(headers)
        self.headers = trailer
        if self._body:
            super().on_body(self._body)

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unspent = 0
        if self._coming is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """End a request."""
        self._unspent = 0
        if self._coming is not None:
            plain = PLAIN_URL.fullmatch(self.url)
            if plain is not None and self.direct is not None:
                headers, self._coming = self._coming, None
                self._answered += 1
                method = self.parser.get_method().decode("ascii")
                WholeRequest(self, self.direct, method, self._body).answer(plain[1], plain[2] or b"", headers)
                return
            self._leave_to_uvicorn()
        super().on_message_complete()

    def refuse(self) -> None:
        """See Guarded."""
        self.write_out()
        super().refuse()

    def shutdown(self) -> None:
        """Write what is due: a connection that waits for a request closes now."""
        self.write_out()
        super().shutdown()

    def wait_for(self, request: WholeRequest) -> None:
        """Take no other request until this one is answered."""
        self.cycle = self._running = request
        self.tasks.add(request)  # type: ignore[arg-type] # all that is asked of a task there is to be cancelled

    def post(self, answer: bytes, outbox: Outbox) -> None:
        """Write an answer when the turn of the loop ends."""
        if not self._out:
            outbox.add(self)
        self._out += answer

    def write_out(self) -> None:
        """Write the answers that wait to be written."""
        out, self._out = self._out, b""
        if out and not self.transport.is_closing():
            self.transport.write(out)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task that the server waits for before it stops."""
        task = self.loop.create_task(work)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

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
        return self._is_in_head

    def waits_for(self) -> Wait:
        """See Guarded."""
        return Wait.NOTHING if self._out else super().waits_for()

    def turn(self) -> object:
        """See Guarded."""
        return self.cycle, self._answered, len(self.pipeline)

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
