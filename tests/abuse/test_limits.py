"""Each limit, passed on purpose: by both parsers, on a socket."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from tests.sandbox._process import AUTHORIZATION

from trustly_customers.sandbox._server import limits as limits_module
from trustly_customers.sandbox._server import uvicorn as server_module
from trustly_customers.sandbox._server.limits import Limits

from .conftest import HANG, Serve

PATH = b"/api/v1/customers/1002580963"
GET = b"GET %b HTTP/1.1\r\nHost: sandbox\r\n%b\r\n" % (PATH, AUTHORIZATION)
SHORT = 0.1
pytestmark = pytest.mark.anyio


def post(*fields: bytes, authorization: bytes = AUTHORIZATION) -> bytes:
    head = [b"POST %b HTTP/1.1" % PATH, b"Host: sandbox", b"Content-Type: application/json", *fields]
    return b"\r\n".join([*head, authorization])


async def test_a_caller_that_says_nothing_is_let_go(serve: Serve) -> None:
    caller = await (await serve(Limits(idle_seconds=SHORT))).caller()
    assert await caller.end() == b""


async def test_a_caller_that_asks_for_nothing_more_is_let_go(serve: Serve) -> None:
    caller = await (await serve(Limits(idle_seconds=SHORT))).caller()
    await caller.send(GET)
    assert (await caller.answer())[0] == 200
    assert await caller.end() == b""


@pytest.mark.parametrize("before", [b"", GET])
async def test_a_head_that_drips_is_cut_off(serve: Serve, before: bytes) -> None:
    caller = await (await serve(Limits(head_seconds=SHORT))).caller()
    await caller.send(before + GET[:20])
    await caller.drips(b"x")


@pytest.mark.parametrize("framing", [b"Content-Length: 60000", b"Transfer-Encoding: chunked"])
async def test_a_body_that_drips_is_cut_off(serve: Serve, framing: bytes) -> None:
    caller = await (await serve(Limits(body_seconds=SHORT))).caller()
    await caller.send(post(framing) + b"\r\n")
    await caller.drips(b"1\r\n \r\n" if b"chunked" in framing else b" ")


async def test_a_body_that_goes_on_after_it_was_refused_is_cut_off(serve: Serve) -> None:
    caller = await (await serve(Limits(idle_seconds=SHORT))).caller()
    await caller.send(post(b"Content-Length: 99999999") + b"\r\n")
    assert (await caller.answer())[0] == 413
    await caller.drips(b" ")


async def test_a_chunk_extension_without_end_is_cut_off(serve: Serve) -> None:
    caller = await (await serve(Limits(body_seconds=SHORT))).caller()
    await caller.send(post(b"Transfer-Encoding: chunked") + b"\r\n1;")
    await caller.drips(b"x" * 100)


async def test_a_trailer_without_end_is_cut_off(serve: Serve) -> None:
    caller = await (await serve(Limits(head_bytes=10_000))).caller()
    await caller.send(post(b"Transfer-Encoding: chunked") + b"\r\n2\r\n{}\r\n0\r\n")
    await caller.drips(b"x: y\r\n" * 20)


async def test_a_field_of_a_trailer_without_end_is_cut_off(serve: Serve) -> None:
    caller = await (await serve(Limits(head_bytes=10_000))).caller()
    # Refused by its head, so that no limit on the time of a body cuts it off first.
    await caller.send(post(b"Transfer-Encoding: chunked", authorization=b"X: y") + b"\r\n\r\n0\r\nX: " + b"x" * 50_000)
    assert (await caller.answer())[0] in {400, 401}
    assert await caller.end() == b""


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 reads nothing that is between requests
async def test_bytes_between_requests_are_bounded_too(serve: Serve) -> None:
    caller = await (await serve(Limits(head_bytes=10_000))).caller()
    await caller.send(GET)
    assert (await caller.answer())[0] == 200
    await caller.send(b"\r\n" * 25_000)
    await caller.end()


async def test_bodies_are_not_counted_as_heads(serve: Serve) -> None:
    caller = await (await serve(Limits(head_bytes=10_000))).caller()
    for framing, sent in (
        (b"Content-Length: 60000", b" " * 60_000),
        (b"Transfer-Encoding: chunked", b"1\r\n \r\n" * 10_000 + b"0\r\n\r\n"),
    ):
        await caller.send(post(framing) + b"\r\n" + sent + GET)
        assert (await caller.answer())[0] == 400  # no JSON
        assert (await caller.answer())[0] == 200


async def test_a_trailer_is_no_part_of_the_head(serve: Serve) -> None:
    caller = await (await serve(Limits())).caller()
    head = post(b"Transfer-Encoding: chunked", authorization=b"X: y")
    await caller.send(head + b"\r\n\r\n2\r\n{}\r\n0\r\n" + AUTHORIZATION + b"\r\n")
    assert (await caller.answer())[0] == 401


@pytest.mark.parametrize("field", [b"X: " + b"y" * 50_000, b"\r\n".join([b"X: y"] * 10_000), b"y" * 50_000])
async def test_a_head_that_is_too_large_is_refused_in_words_and_the_connection_ends(serve: Serve, field: bytes) -> None:
    caller = await (await serve(Limits(head_bytes=10_000))).caller()
    await caller.send(post(field) + b"\r\n")
    status, body = await caller.answer()
    assert status == 400
    assert json.loads(body)["errors"]
    assert await caller.end() == b""


async def test_a_head_within_the_limit_is_read(serve: Serve) -> None:
    caller = await (await serve(Limits(head_bytes=60_000))).caller()
    await caller.send(GET[:-2] + b"X: " + b"y" * 50_000 + b"\r\n\r\n")
    assert (await caller.answer())[0] == 200


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 bounds the bytes of a head, not its fields
async def test_a_head_of_too_many_fields_is_refused(serve: Serve) -> None:
    caller = await (await serve(Limits(head_fields=50))).caller()
    await caller.send(GET[:-2] + b"X: y\r\n" * 60)
    assert (await caller.answer())[0] == 400


async def test_requests_sent_ahead_are_answered_in_order(serve: Serve) -> None:
    caller = await (await serve(Limits(pipelined=64))).caller()
    unknown = GET.replace(b"1002580963", b"unknown")
    await caller.send((GET + unknown) * 25)
    assert [(await caller.answer())[0] for _ in range(50)] == [200, 404] * 25


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 reads one at a time
async def test_too_many_requests_sent_ahead_are_not_all_taken(serve: Serve) -> None:
    caller = await (await serve(Limits(pipelined=8))).caller()
    await caller.send(GET * 500)
    answered = (await caller.end()).count(b"HTTP/1.1 200 OK")
    assert 8 <= answered < 100


async def test_a_caller_that_reads_no_answers_is_cut_off(serve: Serve) -> None:
    served = await serve(Limits(answer_seconds=SHORT, pipelined=1_000_000))
    loop = asyncio.get_running_loop()

    async def ask_on(sock: socket.socket) -> None:
        async with asyncio.timeout(HANG):
            while True:
                await loop.sock_sendall(sock, GET * 100)

    with socket.socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(sock, ("127.0.0.1", served.port))
        with pytest.raises(ConnectionError):
            await ask_on(sock)


async def test_an_answer_that_is_due_comes_before_the_refusal_of_what_follows(serve: Serve) -> None:
    caller = await (await serve(Limits())).caller()
    await caller.send(GET + b"rubbish\r\n\r\n")
    assert (await caller.answer())[0] == 200
    assert b"HTTP/1.1 200" not in await caller.end()


async def test_beyond_the_most_connections_the_longest_idle_make_room(serve: Serve) -> None:
    served = await serve(Limits(connections=4))
    idle = [await served.caller() for _ in range(4)]
    for _ in range(20):
        honest = await served.caller()
        await honest.send(GET)
        assert (await honest.answer())[0] == 200
    for caller in idle:
        assert await caller.end() == b""


async def test_when_all_connections_are_busy_a_further_one_is_refused(serve: Serve) -> None:
    served = await serve(Limits(connections=2))
    busy = [await served.caller() for _ in range(2)]
    for caller in busy:
        await caller.send(post(b"Content-Length: 2", b"Expect: 100-continue") + b"\r\n")
        assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert await (await served.caller()).end() == b""
    for caller in busy:
        await caller.send(b"{}")
        assert (await caller.answer())[0] == 400


async def test_slow_and_idle_connections_do_not_delay_the_stop(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "_GRACE", 10 * HANG)
    served = await serve(Limits(stop_seconds=SHORT))
    for sent in (b"", GET[:20], post(b"Content-Length: 20") + b"\r\n{", GET * 10 + b"G"):
        caller = await served.caller()
        await caller.send(sent)
    honest = await served.caller()
    await honest.send(GET)
    assert (await honest.answer())[0] == 200
    async with asyncio.timeout(HANG):
        await served.serving.stop()
    assert caplog.records == []


def test_half_of_the_files_that_may_be_open_are_left_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "_open_files", lambda: 256)
    assert Limits().affordable() == 128
    assert Limits(connections=10).affordable() == 10
