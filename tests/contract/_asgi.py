"""An ASGI application spoken to in process: the path and the headers arrive in it exactly as a test gives them.

The libraries that do this take a URL apart and put it together again; here the bytes are what is tested.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from http.client import HTTPMessage
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
from anyio.abc import TaskStatus
from anyio.from_thread import BlockingPortal, start_blocking_portal

from ._target import NotRunError
from ._wire import Exchange, Request, UnreachableError

Event = MutableMapping[str, Any]
ASGIApp = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_ASGI_ARGUMENTS = 3


def load(name: str) -> ASGIApp:
    """Return the application that `module:attribute` names, made by a call where the attribute is a factory.

    Raises NotRunError where there is none.
    """
    module, _, attribute = name.partition(":")
    # As uvicorn does: what is named is looked for from where the command is run.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module)
        for step in attribute.split("."):
            found = getattr(found, step)
        return found if len(inspect.signature(found).parameters) == _ASGI_ARGUMENTS else found()  # type: ignore[no-any-return]
    except Exception as error:  # noqa: BLE001 - anything may go wrong in somebody else's module
        raise NotRunError(
            f"APP={name} gives no ASGI application ({type(error).__name__}): it is written module:attribute"
        ) from None


class Application:
    """Sends requests to an application on the event loop of a portal; safe in threads."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal, base_url: str, timeout: float) -> None:
        self._app, self._portal, self._timeout = app, portal, timeout
        self._url = urlsplit(base_url)

    def send(self, request: Request) -> Exchange:
        """Send one request and return the whole answer; raise UnreachableError when none comes."""
        future = self._portal.start_task_soon(self._exchange, request)
        try:
            return future.result(self._timeout)
        except FutureTimeoutError:
            future.cancel()
            raise UnreachableError("the application gave no answer (TimeoutError)") from None

    def close(self) -> None:
        """Nothing is kept open between two requests."""

    async def _exchange(self, request: Request) -> Exchange:
        answer = {"status": 0, "whole": False}
        headers, body = HTTPMessage(), bytearray()
        unread = [{"type": "http.request", "body": request.body or b"", "more_body": False}]

        async def receive() -> Event:
            if not unread:
                await anyio.sleep_forever()
            return unread.pop()

        async def send(event: Event) -> None:
            if event["type"] == "http.response.start":
                answer["status"] = event["status"]
                for name, value in event.get("headers", ()):
                    headers[name.decode("latin-1")] = value.decode("latin-1")
            elif event["type"] == "http.response.body":
                body.extend(event.get("body", b""))
                answer["whole"] = not event.get("more_body", False)

        try:
            await self._app(self._scope(request), receive, send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller has no answer
            raise UnreachableError(f"the application failed ({type(error).__name__})") from None
        if not answer["whole"]:
            raise UnreachableError("the application gave no whole answer")
        return Exchange(request, answer["status"], headers, bytes(body))

    def _scope(self, request: Request) -> Event:
        target = self._url.path + request.path
        path, _, query = target.partition("?")
        sent = {"Host": self._url.netloc, **request.headers}
        if request.body is not None and "Transfer-Encoding" not in sent:
            sent["Content-Length"] = str(len(request.body))
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": "1.1",
            "method": request.method,
            "scheme": self._url.scheme,
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
            "server": (self._url.hostname, 80),
            "client": ("127.0.0.1", 50000),
            "state": {},
        }


@contextmanager
def running(name: str, base_url: str, timeout: float) -> Iterator[Application]:
    """Load an application and run it, its start-up and shutdown included, while the block runs."""
    app = load(name)
    with start_blocking_portal("asyncio") as portal:
        ending = portal.call(anyio.Event)
        lived, started = portal.start_task(_live, app, ending)
        try:
            if not started:
                raise NotRunError(f"the application {name} failed to start")
            yield Application(app, portal, base_url, timeout)
        finally:
            portal.call(ending.set)
            lived.result()


async def _live(app: ASGIApp, ending: anyio.Event, *, task_status: TaskStatus[bool]) -> None:
    """Take the application through its lifespan; one that knows of none is ready at once."""
    told, startup = [False], [True]

    async def receive() -> Event:
        if startup:
            startup.clear()
            return {"type": "lifespan.startup"}
        await ending.wait()
        return {"type": "lifespan.shutdown"}

    async def send(event: Event) -> None:
        if not told[0]:
            told[0] = True
            task_status.started(event["type"] == "lifespan.startup.complete")

    with suppress(Exception):
        await app({"type": "lifespan", "asgi": _ASGI, "state": {}}, receive, send)
    if not told[0]:
        task_status.started(True)
