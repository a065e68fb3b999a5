"""A sandbox on a socket of this process, with limits so short that no test waits for them."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from trustly_customers.sandbox import Store, create_app, open_store
from trustly_customers.sandbox._serve import listen, not_http
from trustly_customers.sandbox._server.limits import Limits
from trustly_customers.sandbox._server.uvicorn import Serving
from trustly_customers.sandbox._spec import load_spec

HANG = 30
"""Seconds after which what never ends has failed; nothing is expected to take them."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test in which anything was warned of."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING] == []


@dataclass
class Caller:
    """One connection, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """The next answer: its status and its body."""
        async with asyncio.timeout(HANG):
            head = await self.reader.readuntil(b"\r\n\r\n")
            (length,) = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            return int(head.split()[1]), await self.reader.readexactly(length)

    async def end(self) -> bytes:
        """What comes until the server closes the connection; a reset counts too."""
        received = b""
        async with asyncio.timeout(HANG):
            try:
                while chunk := await self.reader.read(65536):
                    received += chunk
            except ConnectionError:
                pass
        return received

    async def drips(self, piece: bytes) -> None:
        """Send a piece again and again, slowly, until the server closes the connection."""
        ended = asyncio.ensure_future(self.end())
        while not ended.done():
            self.writer.write(piece)
            await asyncio.wait([ended], timeout=0.01)
        await ended


@dataclass
class Served:
    """A sandbox that listens."""

    port: int
    serving: Serving
    callers: list[Caller] = field(default_factory=list)

    async def caller(self) -> Caller:
        self.callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.callers[-1]


class Serve(Protocol):
    """Serves a store, or one of its own."""

    async def __call__(self, limits: Limits, store: Store | None = None) -> Served: ...


# The pure parser is for machines without a wheel of the other; `make check` tries the limits with it too.
@pytest.fixture(params=["httptools", pytest.param("h11", marks=pytest.mark.thorough)])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers, one after the other."""
    name: str = request.param
    if name == "h11":
        monkeypatch.setitem(sys.modules, "trustly_customers.sandbox._server.fast", None)
    return name


@pytest.fixture
async def serve(parser: str) -> AsyncIterator[Serve]:
    """Serves with the limits that it is given, until the test is over."""
    del parser
    running: list[Served] = []
    own = open_store()

    async def start(limits: Limits, store: Store | None = None) -> Served:
        listener = listen("127.0.0.1", 0)
        served = Served(
            listener.getsockname()[1],
            Serving(create_app(store or own), listener, not_http=not_http(load_spec()), limits=limits),
        )
        running.append(served)
        await served.serving.started()
        return served

    yield start
    for served in running:
        for caller in served.callers:
            caller.writer.transport.abort()
        await served.serving.stop()
    await own.close()
