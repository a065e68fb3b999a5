"""Updates a second with 32 in flight, over loopback: the quick transport against the stock generated client.

Target: at least 8 times as many; aim 12. The server is a process of its own that answers fixed bytes, so that the
client is what is measured. Also told: the processor time of the client for one call, which a busy machine does not
change, and the client without the extra.

Again: `python scripts/bench/concurrency.py`, or all of them with `run.py`. Some 15 seconds.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trustly_api.api.customers import update_customer
from trustly_api.client import AuthenticatedClient
from trustly_customers import AsyncTrustly, CustomerUpdate
from trustly_customers.fast import FastTransport

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import ANSWER, CREDENTIALS, UPDATE, Row, medians

IN_FLIGHT = 32
ROUNDS = 5
# Calls a round: enough for a fair part of a second of each.
STOCK, DEFAULT, QUICK = 192, 192, 1920
STOP_SECONDS = 10

BODY = json.dumps(ANSWER).encode()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer every request with the specification's example."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def serve() -> None:
    """Serve the application on a free port, and say which."""
    import uvicorn  # noqa: PLC0415 - in the server's process alone

    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off")
    with config.bind_socket() as sock:
        sys.stdout.write(f"{sock.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(config).run([sock])


@contextmanager
def server() -> Iterator[str]:
    """Run the server in a process of its own, and give its base URL."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


Call = Callable[[], Awaitable[object]]


async def _seconds(call: Call, times: int, clock: Callable[[], float]) -> float:
    """Make so many calls, 32 at once, and return the seconds of one."""

    async def some() -> None:
        for _ in range(times // IN_FLIGHT):
            await call()

    began = clock()
    await asyncio.gather(*[some() for _ in range(IN_FLIGHT)])
    return (clock() - began) / times


def rows() -> list[Row]:
    """Measure, and return what was found."""
    with server() as url, asyncio.Runner() as runner:
        model = CustomerUpdate.from_dict(UPDATE)
        stock = AuthenticatedClient(base_url=url, token="none")  # noqa: S106 - synthetic
        default = AsyncTrustly(*CREDENTIALS, base_url=url)
        quick = AsyncTrustly(*CREDENTIALS, base_url=url, transport=FastTransport())
        calls: dict[str, tuple[Call, int]] = {
            "stock generated client": (lambda: update_customer.asyncio("1", client=stock, body=model), STOCK),
            "AsyncTrustly": (lambda: default.customers.update("1", model), DEFAULT),
            "AsyncTrustly with FastTransport": (lambda: quick.customers.update("1", model), QUICK),
        }
        work: dict[str, float] = dict.fromkeys(calls, 0.0)

        def measure(name: str) -> Callable[[], float]:
            def once() -> float:
                cpu = time.process_time()
                seconds = runner.run(_seconds(*calls[name], time.perf_counter))
                work[name] += (time.process_time() - cpu) / calls[name][1] / (ROUNDS + 1)
                return seconds

            return once

        measures = {name: measure(name) for name in calls}
        for each in measures.values():
            each()
        found = medians(measures, ROUNDS)
        for client in (default, quick):
            runner.run(client.close())
        runner.run(stock.get_async_httpx_client().aclose())
    base = found["stock generated client"]
    return [
        Row(
            name,
            f"{1 / seconds:.0f} a second, {work[name] * 1e6:.0f} µs of processor",
            "stock generated client",
            base / seconds,
            at_least=8.0 if "Fast" in name else None,
        )
        for name, seconds in found.items()
    ]


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        from bench.run import report

        sys.exit(report({"32 in flight": rows}))
