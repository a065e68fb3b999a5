"""An httpx transport that hands requests to the application, without a socket. What breaks, breaks as on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx
from anyio import CapacityLimiter, to_thread
from anyio.from_thread import BlockingPortal

from ._http import ASGIApp, ConnectionBrokenError, Event, Scope


@dataclass
class _Answer:
    """What the application sent, and whether it broke the connection then."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    is_whole: bool = False


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests to an application that runs on the loop of a portal; for sync and async clients on any loop.

    Safe in threads. The read timeout of a request is obeyed, and the application is then told that its caller left.
    """

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        self._app = app
        self._portal = portal
        self._loop = portal.call(asyncio.get_running_loop)
        self._guard = Lock()
        self._running: dict[Future[_Answer], _Exchange] = {}
        self._stopped = False

    def stop(self) -> None:
        """Refuse requests from now on, tell the application that all callers left, and return when it has finished."""
        with self._guard:
            self._stopped = True
            running = dict(self._running)
        for exchange in running.values():
            exchange.leave()
        wait(running)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the answer.

        Raises:
            httpx.ReadTimeout: no answer in time.
            httpx.ReadError: the connection was broken before the answer began, or the sandbox stopped.
            httpx.ConnectError: the sandbox is not running any more.
        """
        exchange = _Exchange(self._app, self._loop, request, request.read())
        return _response(exchange.result(self._start(exchange)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As `handle_request`."""
        exchange = _Exchange(self._app, self._loop, request, await request.aread())
        future = self._start(exchange)
        try:
            # A thread that waits serves every kind of loop; a limiter of its own keeps it from waiting for others.
            answer = await to_thread.run_sync(
                exchange.result, future, abandon_on_cancel=True, limiter=CapacityLimiter(1)
            )
        except BaseException:
            exchange.leave()
            raise
        return _response(answer)

    def _start(self, exchange: _Exchange) -> Future[_Answer]:
        with self._guard:  # which the loop never takes, and so is free to begin the task meanwhile
            if self._stopped:
                raise httpx.ConnectError("the sandbox is not running any more")
            future = self._portal.start_task_soon(exchange.run)
            self._running[future] = exchange
        future.add_done_callback(self._running.pop)
        return future


class _Exchange:
    """One request, as the application sees it."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop, request: httpx.Request, body: bytes) -> None:
        self._app = app
        self._loop = loop
        self._body: bytes | None = body
        self._timeout: float | None = request.extensions.get("timeout", {}).get("read")
        self._left = asyncio.Event()
        self._scope = _scope(request)

    async def run(self) -> _Answer:
        """Run the application to its end."""
        answer = _Answer()

        async def send(event: Event) -> None:
            if event["type"] == "http.response.start":
                answer.status, answer.headers = event["status"], list(event.get("headers", ()))
                answer.is_whole = self._scope["method"] == "HEAD"
            else:
                answer.body += event.get("body", b"")
                answer.is_whole |= not event.get("more_body", False)

        with suppress(ConnectionBrokenError):
            await self._app(self._scope, self._receive, send)
        return answer

    async def _receive(self) -> Event:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    def result(self, future: Future[_Answer]) -> _Answer:
        """Wait for the answer."""
        try:
            return future.result(self._timeout)
        except FutureTimeoutError:
            self.leave()
            raise httpx.ReadTimeout("no answer in time") from None

    def leave(self) -> None:
        """Tell the application that its caller is gone; what it has begun, it finishes, as behind a socket."""
        with suppress(RuntimeError):  # the loop is closed, and so everything finished
            self._loop.call_soon_threadsafe(self._left.set)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield self._answer.body
        if not self._answer.is_whole:
            raise httpx.ReadError("the connection broke inside the answer")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def _response(answer: _Answer) -> httpx.Response:
    if not answer.status:
        raise httpx.ReadError("the connection broke before the answer")
    return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))


def _scope(request: httpx.Request) -> Scope:
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": None,
    }
    return scope
