"""The same over a real socket: the bytes that leave, what the libraries below log of them, and real failures."""

from __future__ import annotations

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest

from trustly_customers import APIConnectionError, CustomerUpdate, ResponseShapeError

from . import _spec
from ._clients import ABANDONED_BODY, ACCESS_ID, ACCESS_KEY, Connect, Flavour, make

pytestmark = pytest.mark.anyio

BODY = json.dumps(_spec.example("CustomerResponse")).encode()
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Server(socketserver.ThreadingTCPServer):
    """Reads one request a connection, keeps it, sends the bytes it was told to, and hangs up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[bytes] = []
        self.answer = GOOD
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}/api/v1"


class _Handler(socketserver.StreamRequestHandler):
    server: Server
    timeout: ClassVar[float] = 5

    def handle(self) -> None:
        lines = []
        while (line := self.rfile.readline()).strip():
            lines.append(line)
        length = next((int(each.split(b":")[1]) for each in lines if each.lower().startswith(b"content-length")), 0)
        self.server.received.append(b"".join(lines) + line + self.rfile.read(length))
        self.wfile.write(self.server.answer)


@pytest.fixture
def loopback() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


async def test_the_bytes_of_an_update(connect: Connect, loopback: Server) -> None:
    planted = _spec.Planted("CustomerUpdate").value
    await connect(base_url=loopback.base_url).update("a/ö", CustomerUpdate.from_dict(planted))
    head, _, body = loopback.received[0].partition(b"\r\n\r\n")
    first, *headers = head.decode("ascii").split("\r\n")
    assert first == "POST /api/v1/customers/a%2F%C3%B6 HTTP/1.1"
    assert f"Host: 127.0.0.1:{loopback.server_address[1]}" in headers
    assert f"Content-Length: {len(body)}" in headers
    assert "Content-Type: application/json" in headers
    assert not any(each.lower().startswith(("transfer-encoding", "cookie", "expect")) for each in headers)
    assert json.loads(body) == planted


async def test_the_bytes_of_a_get(connect: Connect, loopback: Server) -> None:
    await connect(base_url=loopback.base_url).get("%2e%2e")
    head, _, body = loopback.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"GET /api/v1/customers/%252e%252e HTTP/1.1\r\n")
    assert b"content-" not in head.lower()
    assert body == b""


async def test_no_log_record_shows_credentials_or_personal_data(
    connect: Connect, loopback: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    update = _spec.Planted("CustomerUpdate")
    await connect(base_url=loopback.base_url).update(body=CustomerUpdate.from_dict(update.value))
    sent = loopback.received[0].decode()
    assert update.leaked(sent) == [each for each in update.secrets if len(each) > 5]
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    credentials = sent.partition("Basic ")[2].split()[0]
    shown = caplog.text + "".join(repr(record.args) for record in caplog.records)
    assert update.leaked(shown) == []
    assert not any(secret in shown for secret in (ACCESS_ID, ACCESS_KEY, credentials))


@ABANDONED_BODY
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["nothing", "half a status", "no http", "half a body", "no chunk"],
)
async def test_an_answer_that_breaks_off_leaves_open_whether_the_update_was_applied(
    answer: bytes, connect: Connect, loopback: Server
) -> None:
    loopback.answer = answer
    with pytest.raises(APIConnectionError, match="read the customer to see") as caught:
        await connect(base_url=loopback.base_url).update()
    assert caught.value.may_have_been_applied
    assert "127.0.0.1" not in str(caught.value)
    assert len(loopback.received) == 1


async def test_bytes_in_a_header_that_are_no_text_do_no_harm(connect: Connect, loopback: Server) -> None:
    loopback.answer = GOOD.replace(b"OK\r\n", b"OK\r\nX-Request-Id: \xff\xfe\xe9\r\n")
    assert (await connect(base_url=loopback.base_url).get()).customer_id
    loopback.answer = loopback.answer.replace(BODY, b"x" * len(BODY))
    with pytest.raises(ResponseShapeError):
        await connect(base_url=loopback.base_url).get()


async def test_a_refused_connection_was_surely_never_sent(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(APIConnectionError, match="was not sent") as caught:
            await connect(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}").update()
    assert not caught.value.may_have_been_applied


async def test_the_longest_timeout_is_one_that_sockets_take(flavour: Flavour, loopback: Server) -> None:
    client = make(flavour, "id", "key", None, {"base_url": loopback.base_url, "timeout": 86_400})
    try:
        assert (await client.get()).customer_id
    finally:
        await client.close()
