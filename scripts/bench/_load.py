"""Loads a server as hard as it can with so many connections, and says how many answers came a second.

A process of its own that does as little as it can: requests are bytes made beforehand, an answer is looked at just far
enough to know that it is a 200 and where it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any

CONNECTIONS = 32
TIMEOUT = 60
_LENGTH = b"content-length:"


def rate(port: int, requests: Sequence[bytes], *, seconds: float = 1.0) -> float:
    """Answers a second to these requests, over and over, each connection with one in flight.

    Raises RuntimeError for an answer that is not a 200.
    """
    order = json.dumps({"port": port, "seconds": seconds, "requests": [each.decode("latin-1") for each in requests]})
    done = subprocess.run(
        [sys.executable, __file__], input=order, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


class _Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], done: Callable[[], bool], ended: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._ended = ended
        self._received = b""
        self.answers = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head >= 0 and len(received) - head - 4 >= _length(received, head):
            self._received = b""
            self._answered(received)
        else:
            self._received = received

    def _answered(self, answer: bytes) -> None:
        if not answer.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(answer.decode(errors="replace")))
            return
        self.answers += 1
        if self._done():
            self._end(None)
        else:
            self._transport.write(next(self._requests))

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._transport.close()
            self._ended.set_exception(error) if error else self._ended.set_result(None)


def _length(received: bytes, head: int) -> int:
    start = received.find(_LENGTH, 0, head)
    if start < 0:  # spelled another way
        start = received.lower().find(_LENGTH, 0, head)
    start += len(_LENGTH)
    return int(received[start : received.find(b"\r", start)])


async def _load(port: int, seconds: float, requests: list[bytes]) -> float:
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    connections: list[_Connection] = []
    ends: list[asyncio.Future[None]] = []
    began = time.perf_counter()
    for number in range(CONNECTIONS):
        # Each begins elsewhere, so that no two ask for the same customer at the same time.
        mine = islice(cycle(requests), number * len(requests) // CONNECTIONS, None)
        ends.append(loop.create_future())
        connections.append(_Connection(mine, lambda: time.perf_counter() > until, ends[-1]))
        await loop.create_connection(lambda: connections[-1], "127.0.0.1", port)
    await asyncio.gather(*ends)
    return sum(each.answers for each in connections) / (time.perf_counter() - began)


def _main() -> None:
    order = json.load(sys.stdin)
    requests = [each.encode("latin-1") for each in order["requests"]]
    factory = None
    with contextlib.suppress(ModuleNotFoundError):  # not on Windows
        import uvloop  # noqa: PLC0415 - as above

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        sys.stdout.write(f"{runner.run(_load(order['port'], order['seconds'], requests))}\n")


if __name__ == "__main__":
    _main()
