"""The application on a socket, with each of uvicorn's protocols and event loops, and its connections byte by byte."""

from __future__ import annotations

import asyncio
import base64
import json
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvloop

from trustly_customers.sandbox import create_app, open_store
from trustly_customers.sandbox._faults.rules import Rules
from trustly_customers.sandbox._http import Receive, Scope, Send
from trustly_customers.sandbox._serve import listen, not_http
from trustly_customers.sandbox._server import uvicorn as _uvicorn
from trustly_customers.sandbox._spec import load_spec

from ._calls import UPDATE, application

TIMEOUT = 20
VARIANTS: dict[str, tuple[str, Callable[[], asyncio.AbstractEventLoop]]] = {
    "httptools, uvloop": ("httptools", uvloop.new_event_loop),
    "httptools, asyncio": ("httptools", asyncio.new_event_loop),
    "h11, uvloop": ("h11", uvloop.new_event_loop),
    "h11, asyncio": ("h11", asyncio.new_event_loop),
}
_FAST = "trustly_customers.sandbox._server.fast"
_PATH = load_spec().base_path.encode() + b"/customers/%b"


class Served:
    """A sandbox that serves on a thread."""

    def __init__(self, variant: str) -> None:
        self._store = open_store()
        app = application(create_app(self._store))
        self.rules: Rules = app.rules
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        """The path of each request that the application is done with."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                self.ended.put(scope["path"])

        self._listener = listen("127.0.0.1", 0)
        # Its connections have small buffers, so that a large answer waits for them.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self._address = self._listener.getsockname()
        started = threading.Event()
        parser, self._loop = VARIANTS[variant]
        with pytest.MonkeyPatch.context() as patch:
            if parser == "h11":
                patch.setitem(sys.modules, _FAST, None)  # as where httptools is missing
            self._server = _uvicorn._Server(watched, not_http(load_spec()), started.set)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert started.wait(TIMEOUT)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._loop) as runner:
            runner.run(self._server.serve(sockets=[self._listener]))
            runner.run(self._store.close())

    def stop(self) -> None:
        """Tell it to stop; say nothing of when it has."""
        with suppress(RuntimeError):  # of a loop that is closed: it has stopped already
            self._server.end()

    def join(self) -> None:
        """Wait until it has stopped."""
        self._thread.join(TIMEOUT)
        assert not self._thread.is_alive()

    def connect(self) -> socket.socket:
        return socket.create_connection(self._address, timeout=TIMEOUT)

    def asked(self, request: bytes) -> tuple[bytes, str]:
        """Send a request on a connection of its own; what came, and how it ended."""
        with self.connect() as connection:
            connection.sendall(request)
            return heard(connection)


@contextmanager
def serving(variant: str) -> Iterator[Served]:
    served = Served(variant)
    try:
        yield served
    finally:
        served.stop()
        served.join()


def path_of(identifier: str) -> str:
    """The path of a customer, decoded."""
    path: bytes = _PATH % identifier.encode()
    return path.decode()


def _head(method: bytes, identifier: str, namespace: str, headers: bytes) -> bytes:
    name = f"sandbox~{namespace}" if namespace else "sandbox"
    credentials = base64.b64encode(f"{name}:sandbox".encode())
    return (
        b"%b %b HTTP/1.1\r\nHost: sandbox\r\n" % (method, _PATH % identifier.encode())
        + b"Authorization: Basic %b\r\n" % credentials
        + headers
        + b"\r\n"
    )


def get(identifier: str, namespace: str = "", headers: bytes = b"") -> bytes:
    """A request that reads a customer."""
    return _head(b"GET", identifier, namespace, headers)


def head(identifier: str, namespace: str = "") -> bytes:
    """A request for the head of an answer, after which the connection is closed."""
    return _head(b"HEAD", identifier, namespace, b"Connection: close\r\n")


def post(identifier: str, namespace: str = "", update: dict[str, Any] = UPDATE) -> bytes:
    """A request that updates a customer."""
    body = json.dumps(update).encode()
    headers = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    return _head(b"POST", identifier, namespace, headers) + body


def heard(connection: socket.socket) -> tuple[bytes, str]:
    """What comes until the answer is whole or the connection at its end, and which of these it was."""
    received = b""
    try:
        while not _is_whole(received):
            part = connection.recv(65536)
            if not part:
                return received, "closed"
            received += part
    except ConnectionResetError:
        return received, "reset"
    return received, "whole"


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return bool(found) and len(body) >= int(length.partition(b":")[2])
