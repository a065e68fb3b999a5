"""Connections that break on purpose, and waits that end when the server does. Sits right under uvicorn."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

from trustly_customers.sandbox._http import ASGIApp, ConnectionBrokenError, Event, Receive, Scope, Send

# On, and for no time at all: closing then resets. Windows has the two as short integers.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_DISCONNECT: Event = {"type": "http.disconnect"}


def breakable(app: ASGIApp, stopping: asyncio.Event) -> ASGIApp:
    """Let an application break its connection with ConnectionBrokenError, and return without an answer.

    Once the server is stopping, the application is told that the caller has left, though an answer still arrives: who
    waits for that has nothing else to wait for.
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's state of this request: the one place from which the connection can be reached.
        cycle: Any = receive.__self__  # type: ignore[attr-defined]
        whole = False

        async def receive_until_stopping() -> Event:
            nonlocal whole
            if whole:
                return await unless(stopping, receive, cycle)
            event = await receive()
            whole = not event.get("more_body", False)
            return event

        try:
            await app(scope, receive_until_stopping, send)
        except ConnectionBrokenError as broken:
            await _break(cycle, reset=broken.reset)
        else:
            if not cycle.response_complete and not cycle.disconnected:
                await _break(cycle, reset=False)

    return run


async def _break(cycle: Any, *, reset: bool) -> None:
    """End the connection once all that was written has left."""
    transport: asyncio.Transport = cycle.transport
    if reset and not transport.is_closing():
        transport.set_write_buffer_limits(high=0)
        await cycle.flow.drain()
    # Looked at again: the caller may have left meanwhile, and the socket's number may be another's by then.
    if reset and not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    else:
        transport.close()
    # Or uvicorn would miss the answer, say so in its log, and send one of its own.
    cycle.disconnected = True


async def unless(stopping: asyncio.Event, receive: Receive, cycle: Any) -> Event:
    """The next event of a request that came whole, or its end where its caller sends no more or the server stops."""
    if getattr(cycle, "caller_ended", False):
        return _DISCONNECT
    cycle.is_waiting = True
    received = asyncio.ensure_future(receive())
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((received, stopped), return_when=asyncio.FIRST_COMPLETED)
        return received.result() if received.done() else _DISCONNECT
    finally:
        cycle.is_waiting = False
        received.cancel()
        stopped.cancel()
