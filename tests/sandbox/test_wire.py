"""What only a socket can show: raw paths, chunks, bodies left unread, callers that go away."""

from __future__ import annotations

import contextlib
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from ._process import AUTHORIZATION, Sandbox, read_answer

CUSTOMER = "/customers/1001165729"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.clause("set-fields")
def test_the_documented_example_is_accepted_over_plain_http_and_read_back(
    server: Sandbox, update: dict[str, Any]
) -> None:
    answer = server.post(CUSTOMER, json.dumps(update).encode())
    assert answer.status == 200
    read = server.get(CUSTOMER)
    assert json.loads(read.body) == json.loads(answer.body)
    assert json.loads(read.body)["customer"].items() >= update.items()
    assert "server" not in read.headers


@pytest.mark.clause("no-ids")
@pytest.mark.parametrize(
    "path", ["/customers/", "/customers/.", "/customers/..", "/customers/%2e%2e", "/customers/%ff"]
)
def test_dots_and_bytes_that_are_no_text_reach_no_other_path(server: Sandbox, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert json.loads(answer.body)["errors"]


@pytest.mark.clause("no-ids")
@pytest.mark.clause("error-envelope")
@pytest.mark.parametrize(
    "request_line",
    [b"GET /api/v1/customers/\xff HTTP/1.1", b"rubbish", b"\x16\x03\x01\x02\x00"],
)
def test_bytes_that_are_no_http_request_get_400_and_the_envelope(server: Sandbox, request_line: bytes) -> None:
    answer = server.exchange(request_line + b"\r\nHost: sandbox\r\n\r\n")
    assert answer.status == 400
    assert json.loads(answer.body)["errors"]
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.clause("error-envelope")
def test_a_method_that_nobody_knows_is_refused_with_the_envelope(server: Sandbox) -> None:
    answer = server.exchange(b"BREW /api/v1/customers/1 HTTP/1.1\r\nHost: sandbox\r\n\r\n")
    # The fast parser has a list of methods and calls the rest no HTTP; the one in Python leaves them to the sandbox.
    assert answer.status in {400, 405}
    assert json.loads(answer.body)["errors"]


@pytest.mark.clause("read-your-writes")
def test_a_body_in_small_chunks_is_one_body(server: Sandbox, update: dict[str, Any]) -> None:
    body = json.dumps(update).encode()
    chunks = b"".join(chunk(body[start : start + 7]) for start in range(0, len(body), 7)) + b"0\r\n\r\n"
    assert server.exchange(server.request(CUSTOMER, b"Transfer-Encoding: chunked\r\n") + chunks).status == 200


@pytest.mark.clause("body-limit")
@pytest.mark.parametrize("connection", [b"keep-alive", b"close"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_413_reaches_a_caller_that_sends_its_whole_body_first(server: Sandbox, connection: bytes, framing: str) -> None:
    megabytes = 4
    piece = b" " * 1_000_000
    length = b"Content-Length: %d" % (megabytes * len(piece)) if framing == "length" else b"Transfer-Encoding: chunked"
    with server.connect() as sock:
        sock.sendall(server.request(CUSTOMER, b"%b\r\nConnection: %b\r\n" % (length, connection)))
        for _ in range(megabytes):
            sock.sendall(piece if framing == "length" else chunk(piece))
        if framing == "chunked":
            sock.sendall(b"0\r\n\r\n")
        assert read_answer(sock).status == 413
        if connection == b"keep-alive":
            sock.sendall(server.request(CUSTOMER, b"Content-Length: 0\r\n"))
            assert read_answer(sock).status == 400


@pytest.mark.clause("body-limit")
@pytest.mark.clause("precedence")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: 65537\r\n", 413),
        (b"Content-Length: 65537\r\nExpect: 100-continue\r\n", 413),
        (b"Content-Length: 99999999999999\r\nConnection: close\r\n", 413),
        (b"Content-Length: 10\r\nAuthorization: Basic eDp5\r\n", 401),
        (b"Content-Length: 10\r\nContent-Type: text/plain\r\n", 415),
    ],
)
def test_a_request_that_is_refused_by_its_head_is_answered_without_waiting_for_its_body(
    server: Sandbox, headers: bytes, status: int
) -> None:
    answer = server.exchange(server.request(CUSTOMER, headers))
    assert answer.status == status
    assert json.loads(answer.body)["errors"]


def test_a_refused_caller_that_keeps_silent_is_let_go(server: Sandbox) -> None:
    with server.connect() as sock:
        sock.sendall(server.request(CUSTOMER, b"Content-Length: 65537\r\nConnection: close\r\n"))
        assert read_answer(sock).status == 413
        assert sock.recv(1) == b""


def test_a_caller_that_asks_whether_to_go_on_is_told_to(server: Sandbox, update: dict[str, Any]) -> None:
    body = json.dumps(update).encode()
    with server.connect() as sock:
        sock.sendall(server.request(CUSTOMER, b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(body)))
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert read_answer(sock).status == 200


@pytest.mark.clause("head")
@pytest.mark.clause("options")
def test_head_and_options_leave_the_connection_in_step(server: Sandbox) -> None:
    path = urlsplit(server.base_url).path.encode() + CUSTOMER.encode()
    with server.connect() as sock:
        for method in (b"HEAD", b"OPTIONS"):
            sock.sendall(b"%b %b HTTP/1.1\r\nHost: s\r\n%b\r\n" % (method, path, AUTHORIZATION))
            head = sock.recv(65536)
            assert head.endswith(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200" if method == b"HEAD" else b"HTTP/1.1 204")
        sock.sendall(b"GET %b HTTP/1.1\r\nHost: s\r\n%b\r\n" % (path, AUTHORIZATION))
        assert read_answer(sock).status == 200


@pytest.mark.clause("atomic-rejection")
@pytest.mark.parametrize("framing", [b"Content-Length: 1000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_callers_that_go_away_inside_their_bodies_harm_nobody(
    server: Sandbox, update: dict[str, Any], framing: bytes
) -> None:
    whole = json.dumps({**update, "name": "never"}).encode()
    for _ in range(20):
        with server.connect() as sock:
            sock.sendall(server.request(CUSTOMER, framing))
            sock.sendall(chunk(whole) if b"chunked" in framing else whole)
            # A reset, not an orderly end.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    answer = server.get(CUSTOMER)
    assert answer.status == 200
    assert json.loads(answer.body)["customer"]["name"] != "never"


@pytest.mark.clause("concurrent-updates")
def test_writers_on_many_connections_lose_nothing(server: Sandbox, update: dict[str, Any]) -> None:
    def write(writer: int) -> list[int]:
        with server.connect() as sock:
            return [post(sock, writer, turn) for turn in range(20)]

    def post(sock: socket.socket, writer: int, turn: int) -> int:
        required = {name: update[name] for name in ("name", "address", "phone", "email")}
        body = json.dumps({**required, f"writer{writer}": turn}).encode()
        sock.sendall(server.request(CUSTOMER, b"Content-Length: %d\r\n" % len(body)) + body)
        answer = read_answer(sock)
        assert answer.status == 200
        customer = json.loads(answer.body)["customer"]
        assert customer[f"writer{writer}"] == turn
        return int(customer["updatedAt"])

    with ThreadPoolExecutor(8) as pool:
        times = [time for times in pool.map(write, range(8)) for time in times]
    customer = json.loads(server.get(CUSTOMER).body)["customer"]
    assert {customer[f"writer{writer}"] for writer in range(8)} == {19}
    assert len(set(times)) == 160


def test_a_slow_caller_does_not_hold_up_another(server: Sandbox) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            sock = stack.enter_context(server.connect())
            sock.sendall(server.request(CUSTOMER, b"Content-Length: 100\r\n"))
        assert server.get(CUSTOMER).status == 200
