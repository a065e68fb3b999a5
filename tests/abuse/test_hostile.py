"""Hostile requests by the thousand, slow callers and idle connections; and an honest caller who notices nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.sandbox._process import AUTHORIZATION, TIMEOUT, Sandbox, running

from ._hostile import CUSTOMER, Attack, attack

pytestmark = pytest.mark.anyio

AT_ONCE = 64
SLOW = 40
PATIENCE = 0.05
"""Seconds after which an attacker who is owed nothing goes away."""
GROWTH_MB = 48
"""What all of it together may add to the memory of the server."""
_HONEST = base64.b64encode(b"sandbox~honest:sandbox")  # a namespace that no attacker opens
_REQUIRED = {"name": "n", "address": {"country": "US"}, "phone": "1", "email": "e@example.com"}
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@pytest.mark.skipif(sys.platform == "win32", reason="stops the server by a signal, which Windows does not have")
@pytest.mark.parametrize(
    ("attacks", "idle"),
    [(400, 100), pytest.param(20_000, 2_000, marks=pytest.mark.thorough)],
    ids=["quick", "thorough"],
)
async def test_hostile_callers_get_no_5xx_cost_no_memory_and_harm_no_honest_one(attacks: int, idle: int) -> None:
    seed = int(os.environ.get("ABUSE_SEED", random.randrange(1 << 32)))  # noqa: S311 - no secret
    sys.stdout.write(f"ABUSE_SEED={seed}\n")  # shown when the test fails; to set it replays the attacks
    rng = random.Random(seed)  # noqa: S311 - no secret
    with running() as sandbox:
        port = urlsplit(sandbox.base_url).port
        assert port is not None
        await _attack_all(port, rng, 200, Counter())  # what is loaded on first use
        before = _memory(sandbox)
        statuses: Counter[int] = Counter()
        async with _idle(port, idle), _slow(port):
            async with _honest(port) as served:
                await _attack_all(port, rng, attacks, statuses)
            after = _memory(sandbox)
            sandbox.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(sandbox.process.communicate, timeout=TIMEOUT) == ("", "")
        assert sandbox.process.returncode == 0
    sys.stdout.write(f"answers {dict(statuses)}, honest updates {len(served)}, MB {before} and then {after}\n")
    assert served
    assert set(statuses) >= {200, 400, 401, 404, 405}  # the attacks did reach it
    assert not [status for status in statuses if status >= 500]
    assert after - before < GROWTH_MB


def _memory(sandbox: Sandbox) -> int:
    """The resident memory of the server, in MB; 0 where it is not told."""
    status = Path(f"/proc/{sandbox.process.pid}/status")
    if not status.exists():
        return 0
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+) kB", status.read_text())
    return int(kilobytes) // 1024


async def _attack_all(port: int, rng: random.Random, attacks: int, statuses: Counter[int]) -> None:
    todo = [attack(rng) for _ in range(attacks)]

    async def some() -> None:
        while todo:
            one = todo.pop()
            for status in await _attacked(port, one):
                assert status < 500, one
                statuses[status] += 1

    await asyncio.gather(*[some() for _ in range(AT_ONCE)])


async def _attacked(port: int, one: Attack) -> list[int]:
    """The statuses that an attack was answered with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(one.sent)
        # Whether more is to come is not known, so who was answered waits for more like who was not.
        async with asyncio.timeout(TIMEOUT if one.is_whole else PATIENCE):
            while chunk := await reader.read(1 << 16):
                received += chunk
                if one.is_whole and b"\r\n\r\n" in received:
                    break
    assert received or not one.is_whole, one.kind
    writer.transport.abort()
    return [int(status) for status in _STATUS.findall(received)]


@contextlib.asynccontextmanager
async def _idle(port: int, count: int) -> AsyncIterator[None]:
    """Connections that never say a word."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield
    finally:
        for _, writer in connections:
            writer.transport.abort()


@contextlib.asynccontextmanager
async def _slow(port: int) -> AsyncIterator[None]:
    """Callers who take their time over a head, or over a body."""

    async def drip(begun: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # of connecting: the server has been told to stop
            while True:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                ended = asyncio.ensure_future(reader.read())
                writer.write(begun)
                while not (await asyncio.wait([ended], timeout=PATIENCE))[0]:
                    writer.write(b" ")
                await asyncio.gather(ended, return_exceptions=True)
                writer.transport.abort()

    head = b"POST %b HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\n" % CUSTOMER + AUTHORIZATION
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(drip(begun)) for begun in (head, head + b"Content-Length: 9999\r\n\r\n") * (SLOW // 2)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


@contextlib.asynccontextmanager
async def _honest(port: int) -> AsyncIterator[list[int]]:
    """A caller that updates and reads, one after the other, and gets each time what it has a right to."""
    served: list[int] = []
    stop = asyncio.Event()

    async def call() -> None:
        while not stop.is_set():
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(20):
                number = str(len(served))
                writer.write(_honest_request(b"POST", json.dumps({**_REQUIRED, "vip": number}).encode()))
                assert (await _customer(reader))["vip"] == number
                writer.write(_honest_request(b"GET"))
                assert (await _customer(reader))["vip"] == number
                served.append(len(served))
            writer.transport.abort()

    task = asyncio.ensure_future(call())
    try:
        yield served
    finally:
        stop.set()
        await task


def _honest_request(method: bytes, body: bytes = b"") -> bytes:
    head = b"%b %b HTTP/1.1\r\nHost: s\r\nAuthorization: Basic %b\r\n" % (method, CUSTOMER, _HONEST)
    return head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def _customer(reader: asyncio.StreamReader) -> dict[str, Any]:
    async with asyncio.timeout(TIMEOUT):
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    (length,) = re.findall(rb"content-length: (\d+)", head)
    customer: dict[str, Any] = json.loads(await reader.readexactly(int(length)))["customer"]
    return customer
