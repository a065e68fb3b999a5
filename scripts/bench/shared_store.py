"""Sandboxes over one PostgreSQL database: two against one, and one against an SQLite file, under the same load.

64 connections in two load generators, which take what cores there are as well: on two cores, two sandboxes cannot be
twice one. `python scripts/bench/shared_store.py`, some 25 seconds.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import postgres
from bench._load import rate
from bench._measure import CUSTOMER, UPDATE, Row, medians
from demo import READY, STOP_SECONDS
from trustly_customers._spec import document

ROUNDS = 3
NAMESPACES = 64
"""As many customers, each in a namespace of its own, which is there when it is asked for."""


def rows() -> list[Row]:
    """Measure, and return what was found; nothing where there is no PostgreSQL."""
    try:
        with postgres.running(fsync=True) as database, tempfile.TemporaryDirectory() as folder:
            return _measured(database.conninfo, str(Path(folder, "customers.db")))
    except postgres.Unavailable as error:
        return [Row("PostgreSQL", f"not measured: {error}")]


def _measured(conninfo: str, file: str) -> list[Row]:
    with _sandbox(conninfo) as first, _sandbox(conninfo) as second, _sandbox(file) as alone:
        requests = {"GET": _requests(b"GET"), "POST": _requests(b"POST", json.dumps(UPDATE).encode())}
        servers = {"SQLite": (alone, alone), "one": (first, first), "two": (first, second)}
        measured: dict[str, Callable[[], float]] = {}
        for method, each in requests.items():
            for name, ports in servers.items():
                measured[f"{method} {name}"] = lambda ports=ports, each=each: _rate(ports, each)  # type: ignore[misc]
        found = medians(measured, ROUNDS)
    return [row for method in requests for row in _rows(method, found)]


def _rows(method: str, found: dict[str, float]) -> Iterator[Row]:
    one, two, sqlite = (found[f"{method} {name}"] for name in ("one", "two", "SQLite"))
    yield Row(f"{method}, one sandbox over PostgreSQL", f"{one:,.0f} a second", "one over an SQLite file", one / sqlite)
    yield Row(f"{method}, two sandboxes over it", f"{two:,.0f} a second", "one", two / one)


def _rate(ports: Sequence[int], requests: Sequence[bytes]) -> float:
    with ThreadPoolExecutor(len(ports)) as pool:
        return sum(pool.map(lambda port: rate(port, requests), ports))


def _requests(method: bytes, body: bytes = b"") -> list[bytes]:
    target = f"{urlsplit(document()['servers'][0]['url']).path}/customers/{CUSTOMER['customerId']}".encode()
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body) if body else b""
    return [
        b"%b %b HTTP/1.1\r\nHost: s\r\nAuthorization: Basic %b\r\n%b\r\n%b"
        % (method, target, base64.b64encode(b"sandbox~%d:sandbox" % number), length, body)
        for number in range(NAMESPACES)
    ]


@contextmanager
def _sandbox(store: str) -> Iterator[int]:
    command = [sys.executable, "-m", "trustly_customers", "sandbox", "--port", "0", "--store", store]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
        try:
            port = urlsplit(process.stdout.readline().removeprefix(READY).strip()).port
            assert port  # noqa: S101 - as above
            yield port
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


if __name__ == "__main__":
    from bench.run import report

    sys.exit(report({"shared store": rows}))
