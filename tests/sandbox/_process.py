"""Starts the sandbox's command as a process, speaks to its socket byte by byte, and stops it whatever happens."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

COMMAND = (sys.executable, "-m", "trustly_customers", "sandbox")
AUTHORIZATION = b"Authorization: Basic " + base64.b64encode(b"sandbox:sandbox") + b"\r\n"
TIMEOUT = 20


@dataclass(frozen=True)
class Answer:
    """A status, the headers by their names in lower case, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that runs as a process."""

    process: subprocess.Popen[str]
    base_url: str

    def connect(self) -> socket.socket:
        """Open a connection to it."""
        url = urlsplit(self.base_url)
        return socket.create_connection((url.hostname, url.port), timeout=TIMEOUT)

    def exchange(self, request: bytes) -> Answer:
        """Send bytes on a connection of their own and read the one answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection)

    def get(self, path: str) -> Answer:
        """Get a path below the base URL, as it is spelled."""
        target = urlsplit(self.base_url).path + path
        return self.exchange(b"GET %b HTTP/1.1\r\nHost: sandbox\r\n%b\r\n" % (target.encode(), AUTHORIZATION))

    def post(self, path: str, body: bytes) -> Answer:
        """Post JSON to a path below the base URL."""
        return self.exchange(self.request(path, b"Content-Length: %d\r\n" % len(body)) + body)

    def request(self, path: str, headers: bytes = b"") -> bytes:
        """The head of a request that posts JSON."""
        target = urlsplit(self.base_url).path + path
        head = b"POST %b HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n" % target.encode()
        return head + AUTHORIZATION + headers + b"\r\n"


def read_answer(connection: socket.socket) -> Answer:
    """Read one answer whose length its header gives."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        assert chunk, f"the connection ended after {received!r}"
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        chunk = connection.recv(65536)
        assert chunk, "the connection ended inside the body"
        body += chunk
    return Answer(int(status_line.split()[1]), headers, body)


@contextmanager
def running(*options: str) -> Iterator[Sandbox]:
    """Start a sandbox on a free port and wait until it says that it is ready."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            assert "http://" in line, process.stderr.read()
            yield Sandbox(process, line[line.index("http://") :].strip())
        finally:
            process.kill()
