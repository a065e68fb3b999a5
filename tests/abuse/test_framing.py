"""Where one request ends and the next begins, whatever is sent: each is answered once, or the connection ends."""

from __future__ import annotations

import asyncio
import json
import random
from itertools import pairwise

import pytest
from tests.sandbox._process import AUTHORIZATION

from trustly_customers.sandbox._server.guarded import _SLICE
from trustly_customers.sandbox._server.limits import Limits

from .conftest import HANG, Serve
from .test_limits import GET, PATH, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("nothing_is_logged")]
BODY = b'{"name": "n", "address": {"country": "US"}, "phone": "1", "email": "e@example.com"}'
CLEAR_TEXT = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
WEB_SOCKET = (b"Connection: keep-alive, upgrade", b"Upgrade: websocket")
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"


@pytest.mark.parametrize("fields", [CLEAR_TEXT, WEB_SOCKET])
@pytest.mark.parametrize(
    ("framing", "sent"),
    [(LENGTH, BODY), (CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))],
    ids=["length", "chunked"],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_request_to_change_the_protocol_is_read_as_if_it_were_none(
    serve: Serve, fields: tuple[bytes, ...], framing: bytes, sent: bytes, *, at_once: bool
) -> None:
    caller = await (await serve(Limits())).caller()
    if at_once:
        await caller.send(post(*fields, framing) + b"\r\n" + sent + GET)
    else:
        await caller.send(post(*fields, framing, b"Expect: 100-continue") + b"\r\n")
        assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await caller.send(sent + GET)
    status, body = await caller.answer()
    assert (status, json.loads(body)["customer"]["name"]) == (200, "n")
    assert (await caller.answer())[0] == 200


async def test_requests_to_change_the_protocol_are_answered_in_order_and_none_is_swallowed(serve: Serve) -> None:
    caller = await (await serve(Limits())).caller()
    unknown = GET.replace(b"1002580963", b"unknown")
    upgrade = b"\r\n".join([GET[:-4], *CLEAR_TEXT, b"", b""])
    await caller.send((upgrade + unknown) * 20)
    assert [(await caller.answer())[0] for _ in range(40)] == [200, 404] * 20


async def test_a_request_in_the_body_of_one_that_would_change_the_protocol_is_not_answered(serve: Serve) -> None:
    caller = await (await serve(Limits())).caller()
    inner = b"GET /_sandbox/health HTTP/1.1\r\nHost: sandbox\r\n\r\n"
    head = post(*CLEAR_TEXT, b"Content-Length: %d" % len(inner)) + b"X: "
    head += b"y" * (_SLICE - len(head) - 4) + b"\r\n\r\n"  # what comes next is parsed by itself
    await caller.send(head + inner + GET)
    assert (await caller.answer())[0] == 400
    status, body = await caller.answer()
    assert status == 200
    assert json.loads(body)["customer"]


@pytest.mark.parametrize("target", [PATH, b"sandbox:443"])
async def test_a_request_for_a_tunnel_is_answered_and_swallows_nothing(serve: Serve, target: bytes) -> None:
    caller = await (await serve(Limits())).caller()
    await caller.send(b"CONNECT %b HTTP/1.1\r\nHost: sandbox\r\n%b\r\n" % (target, AUTHORIZATION))
    assert (await caller.answer())[0] in {400, 404, 405}
    await caller.send(GET[:-2] + b"Connection: close\r\n\r\n")
    answers = await caller.end()
    assert not answers or (answers.startswith(b"HTTP/1.1 200 ") and answers.count(b"HTTP/1.1 ") == 1)


@pytest.mark.parametrize("authorization", [AUTHORIZATION, b"X: y\r\n"])
async def test_a_chunk_that_is_none_is_refused_once(serve: Serve, authorization: bytes) -> None:
    caller = await (await serve(Limits())).caller()
    await caller.send(post(CHUNKED, authorization=authorization) + b"\r\nZZ\r\n")
    status, body = await caller.answer()
    assert status in {400, 401}
    assert json.loads(body)["errors"]
    assert await caller.end() == b""


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 reads one at a time
async def test_what_follows_an_update_cannot_take_its_answer_away(serve: Serve) -> None:
    caller = await (await serve(Limits())).caller()
    update = post(LENGTH) + b"\r\n" + BODY
    await caller.send(update + update + post(CHUNKED) + b"\r\nZZ\r\n" + GET)
    for _ in range(2):
        assert (await caller.answer())[0] == 200
    assert await caller.end() == b""


@pytest.mark.parametrize("follows", [b"", GET, GET * 3, post(LENGTH) + b"\r\n"])
async def test_a_request_ends_when_its_caller_leaves_whatever_follows_it(serve: Serve, follows: bytes) -> None:
    served = await serve(Limits())
    before = asyncio.all_tasks()
    caller = await served.caller()
    waiting = GET.replace(b"1002580963", b"fault-no-answer")
    await caller.send(waiting + follows)
    async with asyncio.timeout(HANG):
        while not (begun := asyncio.all_tasks() - before):  # noqa: ASYNC110 - no event tells of a task's beginning
            await asyncio.sleep(0)
        caller.writer.transport.abort()
        await asyncio.wait(begun)


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 bounds the bytes of a head, not its fields
async def test_the_number_of_fields_is_held_to_the_one(serve: Serve) -> None:
    served = await serve(Limits(head_fields=10))
    for fields, status in ((10, 200), (11, 400)):
        caller = await served.caller()
        await caller.send(GET[:-2] + b"a:b\r\n" * (fields - 2) + b"\r\n")
        assert (await caller.answer())[0] == status


@pytest.mark.parametrize("seed", range(4))
async def test_however_the_bytes_are_cut_the_answers_are_the_same_and_in_order(
    serve: Serve, parser: str, seed: int
) -> None:
    update = post(LENGTH) + b"\r\n" + BODY
    chunked = post(CHUNKED) + b"\r\n%x\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(BODY), BODY)
    unknown = GET.replace(b"1002580963", b"unknown")
    absolute = GET.replace(b" /", b" http://sandbox/", 1)
    asked = GET.replace(b" HTTP", b"?a=b HTTP", 1)
    closing = GET[:-2] + b"Connection: close\r\n\r\n"
    ready = b"GET /_sandbox/ready HTTP/1.1\r\nHost: sandbox\r\n\r\n"
    taken = 200 if parser == "httptools" else 404  # h11 leaves the host in the path
    expected = {GET: 200, update: 200, chunked: 200, unknown: 404, absolute: taken, asked: 200, ready: 200}
    chance = random.Random(seed)  # noqa: S311 - no secret
    requests = chance.choices(list(expected), k=30)
    sent = b"".join(requests) + closing
    cuts = sorted(chance.sample(range(1, len(sent)), seed * 8))
    served = await serve(Limits())
    caller = await served.caller()
    for begin, end in pairwise([0, *cuts, len(sent)]):
        await caller.send(sent[begin:end])
        await heard(served.port)  # so by now the server has read what came before
    statuses = [(await caller.answer())[0] for _ in range(len(requests) + 1)]
    assert statuses == [expected[request] for request in requests] + [200]
    assert await caller.end() == b""


async def heard(port: int) -> None:
    """Return once the server, which takes sockets in turn, has answered another caller."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("parser", ["httptools"], indirect=True)  # h11 leaves the host in the path, as any other word
@pytest.mark.parametrize("target", [b"http://h:99999/api/jane.doe", b"http://jane.doe", b"http://[jane.doe/api"])
@pytest.mark.parametrize(
    "fields", [b"Content-Length: 9\r\n\r\n{", b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n{"]
)
async def test_a_target_that_is_none_is_refused_in_words(serve: Serve, target: bytes, fields: bytes) -> None:
    caller = await (await serve(Limits())).caller()
    await caller.send(b"POST %b HTTP/1.1\r\nHost: s\r\n%b" % (target, fields))
    status, body = await caller.answer()
    assert status == 400
    assert b"jane" not in body
    assert await caller.end() == b""
