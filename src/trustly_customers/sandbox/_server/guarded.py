"""What every connection does about its limits, whichever parser reads it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from trustly_customers.sandbox._http import Response

from .limits import Guard, Wait

if TYPE_CHECKING:
    # The two protocols of uvicorn have in common what is used here.
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
else:
    Base = object

_SLICE = 4096
"""Bytes that are parsed before the limits are looked at again."""


class Guarded(Base):
    """Goes before uvicorn's protocol among the bases of a class."""

    guard: Guard
    refusal: bytes
    """The answer to what never becomes a request."""
    refused = False
    """Whether nothing more is read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Be watched from now on."""
        super().connection_made(transport)
        self.guard.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be watched no more."""
        super().connection_lost(exc)
        self.guard.forget(self)

    def data_received(self, data: bytes) -> None:
        """Parse what came, a little at a time, until it passes a limit."""
        if len(data) <= _SLICE:
            self.parse(data)
            return
        for start in range(0, len(data), _SLICE):
            self.parse(data[start : start + _SLICE])

    def parse(self, data: bytes) -> None:
        """Parse a few bytes, unless nothing more is read."""
        if not self.refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in our words."""
        del msg
        self.refuse()

    def refuse(self) -> None:
        """Read nothing more, and say so, unless there are requests whose answers are expected first."""
        self.refused = True
        cycle = self.cycle
        if cycle is None or cycle.response_complete or self.is_waiting_for_body():
            self.transport.write(self.refusal)
            # Closing while the caller still sends would reset the connection, and lose the answer: it ends in a while.
            self.transport.write_eof()
            if cycle is not None and not cycle.response_complete:
                abandon(cycle)
        else:
            self.end_after_answers()

    def waits_for(self) -> Wait:
        """See Connection."""
        cycle = self.cycle
        if self.transport.is_closing():
            return Wait.END
        if cycle is None or cycle.response_complete or cycle.disconnected:
            return self._waits_between_requests()
        if self.flow.write_paused:
            return Wait.READER
        if self.flow.read_paused:
            return Wait.TURN
        if cycle.more_body:
            return Wait.END if self.refused else Wait.BODY
        return Wait.NOTHING

    def _waits_between_requests(self) -> Wait:
        if self.refused:
            return Wait.END
        return Wait.HEAD if self.has_begun_a_head() else Wait.REQUEST

    def turn(self) -> object:
        """See Connection."""
        return self.cycle

    def is_waiting_for_body(self) -> bool:
        """Whether the one request there is has not come to its end, nor its answer begun."""
        return self.cycle.more_body and not self.cycle.response_started

    def has_begun_a_head(self) -> bool:
        """Whether a part of a head has come."""
        raise NotImplementedError

    def end_after_answers(self) -> None:
        """Close the connection once the requests that came are answered."""
        raise NotImplementedError


def abandon(cycle: RequestResponseCycle) -> None:
    """Let a request end without an answer, as one whose caller is gone."""
    cycle.disconnected = True
    cycle.message_event.set()


def on_the_wire(response: Response) -> bytes:
    """An answer after which the connection ends."""
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body)), (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %b" % (response.status, HTTPStatus(response.status).phrase.encode())]
    lines += [b"%b: %b" % header for header in headers]
    return b"\r\n".join([*lines, b"", response.body])
