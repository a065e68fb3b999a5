"""A server on 127.0.0.1 that plays a fault on each of its connections, and counts what reaches it."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LONGEST_STOP = 5.0


class Line:
    """The server's end of one connection. What its methods raise because the client left ends the play."""

    def __init__(self, server: Server, sock: socket.socket) -> None:
        self._server = server
        self.sock = sock

    def read_request(self) -> bytes:
        """Read a whole request; without one more, the play ends."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._read()
        head, _, body = data.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        while len(body) < (int(found[1]) if found else 0):
            body += self._read()
        self._server.count_request(head)
        return data

    def _read(self) -> bytes:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError
        return data

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send a byte every 20 milliseconds."""
        for byte in data:
            self.send(bytes([byte]))
            if self._server.stopped.wait(0.02):
                return

    def pause(self, seconds: float) -> None:
        """Let some time go by."""
        self._server.stopped.wait(seconds)

    def pour(self, data: bytes, times: int) -> None:
        """Send the same many times, and count what went out."""
        for _ in range(times):
            self.send(data)
            self._server.poured += len(data)

    def hang(self) -> None:
        """Say nothing until the client leaves."""
        while self.sock.recv(65536):
            pass

    def hang_deaf(self) -> None:
        """Say and read nothing until the test is over."""
        self._server.stopped.wait()

    def close(self) -> None:
        """Close in order, unread data or not."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        self.sock.close()

    def reset(self) -> None:
        """Close with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Play = Callable[[Line], None]


class Server:
    """Listens while it is entered. Each connection has a thread of its own; leaving ends them all."""

    def __init__(self, play: Play, context: ssl.SSLContext | None = None) -> None:
        self._play = play
        self._context = context
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._failures: list[BaseException] = []
        self.stopped = threading.Event()
        self.asked = threading.Event()
        self.left = threading.Event()
        self.connections = 0
        self.heads: list[bytes] = []
        self.poured = 0

    @property
    def tries(self) -> int:
        """How many tries the server has seen: by requests, or by connections where none was read."""
        return max(self.connections, len(self.heads))

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def url(self, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/api"

    def count_request(self, head: bytes) -> None:
        with self._lock:
            self.heads.append(head)
        self.asked.set()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()  # wakes `accept`
        self._threads[0].join(_LONGEST_STOP)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # wakes its thread, which closes it
        for thread in self._threads:
            thread.join(_LONGEST_STOP)
            assert not thread.is_alive(), "a connection's thread does not end"
        if error is None and self._failures:
            raise self._failures[0]

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopped.is_set():
                sock.close()
                return
            self._sockets.append(sock)
            self.connections += 1
            self._start(partial(self._serve, sock))

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            self._play(Line(self, sock))
        except OSError:
            pass  # the client has left, or the test is over
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            self._failures.append(error)
        finally:
            sock.close()
            self.left.set()
