"""A package index on loopback, the real one that companies run, and a relay that breaks connections to it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

USER, PASSWORD = "publisher", "s3cret~pass"
_READY_SECONDS = 30


@dataclass
class Server:
    """An index that runs."""

    url: str
    packages: Path

    @property
    def simple(self) -> str:
        return f"{self.url}simple/"

    def files(self) -> set[str]:
        return {path.name for path in self.packages.iterdir()}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Server]:
    packages = tmp_path / "packages"
    packages.mkdir()
    with running(packages) as url:
        yield Server(url, packages)


@contextmanager
def running(packages: Path) -> Iterator[str]:
    """Run an index over a folder, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _PROGRAM, str(packages), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + _READY_SECONDS
            while time.monotonic() < until and process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(10)


# waitress hands a request on once it is whole. Python's own server does not, and pypiserver then keeps half a file.
_PROGRAM = f"""
import sys, pypiserver, waitress

app = pypiserver.app(
    roots=[sys.argv[1]], auther=lambda user, password: (user, password) == ({USER!r}, {PASSWORD!r}),
    authenticate=["update"], disable_fallback=True, hash_algo="sha256", overwrite=False,
)
waitress.serve(app, host="127.0.0.1", port=int(sys.argv[2]))
"""


@contextmanager
def relay(url: str, after: int, then: Callable[[], None]) -> Iterator[str]:
    """Pass connections on to an index, but break the first that sends more than so many bytes, and call `then`."""
    port = int(url.rstrip("/").rpartition(":")[2])
    broken = threading.Event()

    def pump(source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        with suppress(OSError):
            while data := source.recv(4096):
                passed += len(data)
                if limit is not None and passed > limit and not broken.is_set():
                    broken.set()
                    then()
                    break
                target.sendall(data)
        for each in (source, target):  # who ends one direction ends both
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                sockets.extend((near, far))
                for arguments in ((near, far, after), (far, near, None)):
                    pumps.append(threading.Thread(target=pump, args=arguments, daemon=True))
                    pumps[-1].start()

    pumps: list[threading.Thread] = []
    sockets: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in (thread, *pumps):
            each.join(_READY_SECONDS)
        for sock in sockets:
            sock.close()


@contextmanager
def answering(status: int, headers: Mapping[str, str], body: bytes = b"") -> Iterator[tuple[str, list[Message]]]:
    """Answer each request alike; give the address, and the headers of each request that comes."""
    asked: list[Message] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - a name of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        finally:
            server.shutdown()
            thread.join()
