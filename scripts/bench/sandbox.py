"""What the sandbox serves: GET and durable POST at 32 connections, against HTTP alone and against Prism.

The same load generator, in the same minute, in rounds that take turns. Targets: 0.85 of a bare uvicorn application that
answers fixed bytes for GET, 0.60 for POST into an SQLite file, 0.40 where each commit is flushed; 5 times Prism (as
scripts/prism pins it, installed into a folder that is thrown away; the rows are left out where there is no npm); a
first answer in less than 0.5 s; less than 60 MB of memory after all that; and 0.9 of either rate with 1,000,000
customers.

Again: `python scripts/bench/sandbox.py`, or all of them with `run.py`. Some 2 minutes.
"""

from __future__ import annotations

import base64
import json
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from trustly_customers._spec import document

if not __package__:  # run as a file: find the neighbours as the tests do
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._load import rate
from bench._measure import CUSTOMER, UPDATE, Row, medians, seconds_each
from bench._servers import bare, install_prism, prism, sandbox

ROUNDS = 7
STARTS = 5
FEW, MANY = 1_000, 1_000_000
FIRST_ID = 1_000_000_000
MAX_START, MAX_MEMORY_MB = 0.5, 60

_BASE_PATH = urlsplit(document()["servers"][0]["url"]).path
_AUTHORIZATION = base64.b64encode(b"sandbox:sandbox").decode()


def rows() -> list[Row]:
    """Measure, and return what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*_against_bare(folder), *_against_prism(folder), *_starts(), *_against_few(folder)]


def _against_bare(folder: Path) -> list[Row]:
    gets, posts = _requests(FEW)
    with (
        bare() as fixed,
        sandbox("--store", _filled(folder, FEW)) as server,
        sandbox("--store", _filled(folder, FEW, "full"), "--durability", "full") as full,
    ):
        found = medians(
            {
                "bare GET": lambda: rate(fixed.port, gets),
                "GET": lambda: rate(server.port, gets),
                "bare POST": lambda: rate(fixed.port, posts),
                "POST": lambda: rate(server.port, posts),
                "POST full": lambda: rate(full.port, posts),
            },
            ROUNDS,
        )
        memory = _memory_mb(server.pid)
    return [
        Row("bare uvicorn, GET", _a_second(found["bare GET"])),
        Row("bare uvicorn, POST", _a_second(found["bare POST"])),
        _row("GET", found["GET"], "bare uvicorn", found["bare GET"], 0.85),
        _row("POST", found["POST"], "bare uvicorn", found["bare POST"], 0.60),
        _row("POST, --durability full", found["POST full"], "bare uvicorn", found["bare POST"], 0.40),
        *_memory_rows("after it", memory),
    ]


def _against_prism(folder: Path) -> list[Row]:
    reason = install_prism(folder)
    if reason:
        return [Row("Prism", f"left out: {reason}")]
    gets, posts = _requests(1)
    # Prism serves the paths as they are written, without the server's own.
    bare_gets, bare_posts = ([each.replace(_BASE_PATH.encode(), b"", 1) for each in some] for some in (gets, posts))
    with sandbox("--store", _filled(folder, 1)) as server, prism(folder) as mock:
        found = medians(
            {
                "Prism GET": lambda: rate(mock.port, bare_gets),
                "GET": lambda: rate(server.port, gets),
                "Prism POST": lambda: rate(mock.port, bare_posts),
                "POST": lambda: rate(server.port, posts),
            },
            3,
        )
    return [
        Row("Prism, GET", _a_second(found["Prism GET"])),
        Row("Prism, POST", _a_second(found["Prism POST"])),
        _row("GET", found["GET"], "Prism", found["Prism GET"], 5),
        _row("POST", found["POST"], "Prism", found["Prism POST"], 5),
    ]


def _starts() -> list[Row]:
    def start() -> float:
        began = time.perf_counter()
        with sandbox() as server, socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(_requests(1)[0][0])
            connection.recv(1)
            return time.perf_counter() - began

    def load_uvicorn() -> object:
        return subprocess.run([sys.executable, "-c", "import uvicorn, uvloop, httptools"], check=True)

    found = medians({"start": start, "import": seconds_each(load_uvicorn, 1)}, STARTS)
    seconds = found["start"]
    return [
        Row("start to first answer", f"{seconds * 1e3:.0f} ms", f"{MAX_START} s", seconds / MAX_START, at_most=1),
        Row(
            "the same",
            f"{found['import'] * 1e3:.0f} ms",
            "import uvicorn, uvloop, httptools",
            seconds / found["import"],
        ),
    ]


def _against_few(folder: Path) -> list[Row]:
    few, many = _requests(FEW), _requests(MANY)
    with sandbox("--store", _filled(folder, FEW)) as small, sandbox("--store", _filled(folder, MANY)) as large:
        found = medians(
            {
                "few GET": lambda: rate(small.port, few[0]),
                "GET": lambda: rate(large.port, many[0]),
                "few POST": lambda: rate(small.port, few[1]),
                "POST": lambda: rate(large.port, many[1]),
            },
            ROUNDS,
        )
        memory = _memory_mb(large.pid)
    return [
        _row(f"GET, {MANY:,} customers", found["GET"], f"{FEW:,}", found["few GET"], 0.9),
        _row(f"POST, {MANY:,} customers", found["POST"], f"{FEW:,}", found["few POST"], 0.9),
        *_memory_rows(f"with {MANY:,} customers", memory),
    ]


def _row(name: str, found: float, against: str, baseline: float, at_least: float) -> Row:
    return Row(name, _a_second(found), against, found / baseline, at_least=at_least)


def _a_second(found: float) -> str:
    return f"{found:.0f} a second"


def _memory_rows(when: str, memory: float | None) -> list[Row]:
    if memory is None:
        return [Row(f"memory {when}", "left out: this system does not tell it in /proc")]
    return [Row(f"memory {when}", f"{memory:.0f} MB", f"{MAX_MEMORY_MB} MB", memory / MAX_MEMORY_MB, at_most=1)]


def _memory_mb(pid: int) -> float | None:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+) kB", status.read_text())
    return int(kilobytes) / 1024


def _requests(customers: int) -> tuple[list[bytes], list[bytes]]:
    """GETs and POSTs for some of the customers of a database that `_filled` made."""
    numbers = random.Random(1).sample(range(customers), min(customers, 4_000))  # noqa: S311 - no secret
    ids = [str(FIRST_ID + number) for number in numbers]
    body = json.dumps(UPDATE)
    host = f"Host: 127.0.0.1\r\nAuthorization: Basic {_AUTHORIZATION}\r\nAccept: application/json\r\n"
    fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    gets = [f"GET {_BASE_PATH}/customers/{each} HTTP/1.1\r\n{host}\r\n" for each in ids]
    posts = [f"POST {_BASE_PATH}/customers/{each} HTTP/1.1\r\n{host}{fields}\r\n{body}" for each in ids]
    return [each.encode() for each in gets], [each.encode() for each in posts]


def _filled(folder: Path, customers: int, name: str = "normal") -> str:
    """The name of a database of so many customers, made once."""
    database = folder / f"{name}-{customers}.db"
    if not database.exists():
        with sandbox("--store", str(database)):
            pass  # it has made the tables
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("INSERT INTO namespaces (name) VALUES (x'')")
            connection.executemany("INSERT INTO customers VALUES (x'', ?, ?)", _customers(customers))
    return str(database)


def _customers(count: int) -> Iterator[tuple[bytes, bytes]]:
    text = json.dumps({**CUSTOMER, "customerId": "ID"}, separators=(",", ":"))
    before, _, after = text.partition('"ID"')
    for number in range(FIRST_ID, FIRST_ID + count):
        yield b"%d" % number, f'{before}"{number}"{after}'.encode()


if __name__ == "__main__":
    from bench.run import report

    sys.exit(report({"sandbox": rows}))
