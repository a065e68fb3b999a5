"""How uvicorn is configured, started and stopped. What it lacks is in the modules beside this one."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn

from trustly_customers.sandbox._http import ASGIApp, Response

from .answering import Write, answering
from .breaking import breakable
from .guarded import on_the_wire
from .limits import Guard, Limits

_GRACE = 10
"""Seconds that an accepted request has to finish once the server is told to stop."""

_TICK = 1
"""Seconds for which an answer's date may stand still."""


def run(
    app: ASGIApp,
    listener: socket.socket,
    *,
    not_http: Response,
    started: Callable[[], None],
) -> None:
    """Serve an application until a signal says stop; `not_http` answers what the application never sees."""
    _Server(app, not_http, started).run(sockets=[listener])


class Serving:
    """A server on a loop that runs already, as a task of it."""

    def __init__(
        self, app: ASGIApp, listener: socket.socket, *, not_http: Response, limits: Limits | None = None
    ) -> None:
        self._started = asyncio.Event()
        self._server = _Server(app, not_http, self._started.set, limits)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))

    async def started(self) -> None:
        """Return when it answers, or raise why it does not."""
        starting = asyncio.ensure_future(self._started.wait())
        await asyncio.wait((starting, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await self._task

    async def stop(self) -> None:
        """Finish what was accepted, and return when it is over."""
        self._server.end()
        await self._task


def _config(app: ASGIApp, not_http: Response, guard: Guard, stopping: asyncio.Event) -> uvicorn.Config:
    protocol, as_served = _protocol(app, guard, on_the_wire(not_http), stopping)
    return uvicorn.Config(
        as_served(app),
        lifespan="off",
        ws="none",
        http=protocol,
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=math.ceil(guard.limits.idle_seconds),
        h11_max_incomplete_event_size=guard.limits.head_bytes,
        backlog=guard.limits.affordable() // 2,
    )


class _Server(uvicorn.Server):
    def __init__(
        self,
        app: ASGIApp,
        not_http: Response,
        started: Callable[[], None],
        limits: Limits | None = None,
    ) -> None:
        self._guard = Guard(limits or Limits())
        self._stopping = asyncio.Event()
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        super().__init__(_config(app, not_http, self._guard, self._stopping))
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        self._guard.start()
        self._on_started()

    def end(self) -> None:
        """Say that it is to stop, from whatever thread, or from the handler of a signal."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        # uvicorn's own looks ten times a second whether it is to stop, which each stop would wait for.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        self._guard.hurry()
        await super().shutdown(sockets=sockets)
        await asyncio.sleep(0)  # in which what was cancelled ends
        self._guard.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn's own raises the signal again after the stop, which would turn a graceful end into a killed one.
        del sig, frame
        self.force_exit = self.should_exit
        self.end()


def _protocol(
    app: ASGIApp, guard: Guard, refusal: bytes, stopping: asyncio.Event
) -> tuple[type[asyncio.Protocol], Callable[[ASGIApp], ASGIApp]]:
    """The protocol that uvicorn would choose, held to the limits, and what an application needs around it there."""

    def as_served(inner: ASGIApp) -> ASGIApp:
        return breakable(answering(inner, write), stopping)

    members: dict[str, object] = {"guard": guard, "refusal": refusal}
    try:
        from .direct import Direct, Heads, Outbox  # noqa: PLC0415 - httptools may be missing
        from .fast import FastConnection, write_whole  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        from .plain import PlainConnection, write_nothing  # noqa: PLC0415 - as above

        write: Write = write_nothing
        return type("_Connection", (PlainConnection,), members), as_served
    write = write_whole
    respond = getattr(app, "respond", None)  # of an application that can do without ASGI's events
    members["direct"] = respond and Direct(respond, as_served, stopping, Heads(), Outbox())
    return type("_Connection", (FastConnection,), members), as_served
