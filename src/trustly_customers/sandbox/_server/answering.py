"""How answers leave: in one write where that is possible, and never so that closing the connection loses them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from trustly_customers.sandbox._http import ASGIApp, Event, Receive, Scope, Send

_LINGER = 1.0
"""Seconds that a caller who was refused may go on sending before the exchange is over."""

Write = Callable[[Any, Event, bytes], bool]
"""Writes the whole answer of uvicorn's cycle at once, given its beginning and its body; or says that it did not."""


def answering(app: ASGIApp, write: Write) -> ASGIApp:
    """Send what an application answers through uvicorn's cycle, or past its slower half by `write`."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _Answer(receive, send, write).send)

    return answered


class _Answer:
    """The answer to one request."""

    __slots__ = ("_receive", "_send", "_start", "_write")

    def __init__(self, receive: Receive, send: Send, write: Write) -> None:
        self._receive = receive
        self._send = send
        self._write = write
        self._start: Event | None = None

    async def send(self, event: Event) -> None:
        """Send on. The beginning of an answer waits for its body: one write costs less than two."""
        if event["type"] == "http.response.start":
            self._start = event
            return
        start, self._start = self._start, None
        # uvicorn's cycle, whose method `send` is, knows the connection, and whether all of the request has come.
        cycle: Any = getattr(self._send, "__self__", None)
        if cycle is not None and cycle.transport.is_closing():
            return  # only the newest of several requests hears from uvicorn that its caller is gone
        if start is None or event.get("more_body", False):
            if start is not None:
                await self._send(start)
            await self._send(event)
            return
        if cycle is None or not self._write(cycle, start, event.get("body", b"")):
            await self._send(start)
            if start["status"] >= HTTPStatus.BAD_REQUEST and getattr(cycle, "more_body", False):
                # Closing at once, with a body unread, would reset the connection. The caller has the whole answer
                # by then; only the end of the exchange waits.
                await self._send({**event, "more_body": True})
                await self._drain()
                event = {"type": "http.response.body"}
            await self._send(event)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(_LINGER):
                while (await self._receive()).get("more_body", False):
                    pass
        except TimeoutError:
            return
