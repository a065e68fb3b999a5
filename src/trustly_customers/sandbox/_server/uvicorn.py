"""The one module that names uvicorn: how it is configured, and where it is made politer than it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

from trustly_customers.sandbox._http import ASGIApp, Event, Receive, Response, Scope, Send

from .breaking import breakable

_GRACE = 10
"""Seconds that an accepted request has to finish once the server is told to stop."""
_LINGER = 1.0
"""Seconds that a caller who was refused may go on sending before the connection is closed."""


def run(
    app: ASGIApp,
    listener: socket.socket,
    *,
    not_http: Response,
    started: Callable[[], None],
    stopped: Callable[[], Awaitable[None]],
) -> None:
    """Serve an application until a signal says stop; `not_http` answers what the application never sees."""
    _Server(app, not_http, started, stopped).run(sockets=[listener])


class Serving:
    """A server on a loop that runs already, as a task of it."""

    def __init__(self, app: ASGIApp, listener: socket.socket, *, not_http: Response) -> None:
        self._started = asyncio.Event()
        self._server = _Server(app, not_http, self._started.set, _nothing)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))

    async def started(self) -> None:
        """Return when it answers."""
        await self._started.wait()

    async def stop(self) -> None:
        """Finish what was accepted, and return when it is over."""
        self._server.should_exit = True
        await self._task


async def _nothing() -> None:
    pass


def _config(app: ASGIApp, not_http: Response, stopping: asyncio.Event) -> uvicorn.Config:
    return uvicorn.Config(
        breakable(_lingering(app), stopping),
        lifespan="off",
        ws="none",
        http=_protocol(not_http),
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )


class _Server(uvicorn.Server):
    def __init__(
        self,
        app: ASGIApp,
        not_http: Response,
        started: Callable[[], None],
        stopped: Callable[[], Awaitable[None]],
    ) -> None:
        self._stopping = asyncio.Event()
        super().__init__(_config(app, not_http, self._stopping))
        self._on_started = started
        self._on_stopped = stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets=sockets)
        await self._on_stopped()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's own raises the signal again after the stop, which would turn a graceful end into a killed one.
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True


def _protocol(not_http: Response) -> type[asyncio.Protocol]:
    """The protocol that uvicorn would choose, with our answer to bytes that are not HTTP in place of its own."""
    headers = [*not_http.headers, (b"content-length", b"%d" % len(not_http.body)), (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %b" % (not_http.status, HTTPStatus(not_http.status).phrase.encode())]
    lines += [b"%b: %b" % header for header in headers]
    answer = b"\r\n".join([*lines, b"", not_http.body])

    def send_400_response(protocol: H11Protocol, _message: str) -> None:
        protocol.transport.write(answer)
        protocol.transport.close()

    return type("_Protocol", (AutoHTTPProtocol,), {send_400_response.__name__: send_400_response})


def _lingering(app: ASGIApp) -> ASGIApp:
    """Read on for a moment after refusing a body unread: closing at once would reset the connection.

    The caller has the whole answer by then; only the end of the exchange waits.
    """

    async def lingering(scope: Scope, receive: Receive, send: Send) -> None:
        refused = False
        unread = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])

        async def receive_tracked() -> Event:
            nonlocal unread
            event = await receive()
            unread = event.get("more_body", False)
            return event

        async def send_politely(event: Event) -> None:
            nonlocal refused
            if event["type"] == "http.response.start":
                refused = event["status"] >= HTTPStatus.BAD_REQUEST
            elif refused and unread:
                await send({**event, "more_body": True})
                await _drain(receive_tracked)
                event = {"type": "http.response.body"}
            await send(event)

        async def _drain(receive_more: Callable[[], Awaitable[Any]]) -> None:
            try:
                async with asyncio.timeout(_LINGER):
                    while unread:
                        await receive_more()
            except TimeoutError:
                return

        await app(scope, receive_tracked, send_politely)

    return lingering
