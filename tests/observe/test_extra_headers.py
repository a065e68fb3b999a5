"""Headers that a hook adds are sent, unless they are not a hook's to set."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from trustly_customers import Call

from .conftest import SECRET, Answers, Connect, in_turn, status, well

pytestmark = pytest.mark.anyio


class Adder:
    """A hook that adds headers."""

    def __init__(self, headers: Any) -> None:
        self.headers = headers

    @contextmanager
    def __call__(self, call: Call) -> Iterator[None]:
        call.headers.update(self.headers)
        yield


class Requests(list[httpx.Request]):
    """Remembers requests."""

    def then(self, answers: Answers) -> Answers:
        def answer(request: httpx.Request) -> httpx.Response:
            self.append(request)
            return answers(request)

        return answer


@pytest.fixture
def requests() -> Requests:
    return Requests()


async def test_they_are_sent_with_each_try(connect: Connect, requests: Requests) -> None:
    hooks = [Adder({"X-Correlation-Id": "one", "X-Both": "one"}), Adder({"X-Both": "two"})]
    await connect(requests.then(in_turn(status(429), well)), hooks=hooks).update()
    assert [(each.headers["x-correlation-id"], each.headers["x-both"]) for each in requests] == [("one", "two")] * 2


async def test_they_are_of_one_call_alone(connect: Connect, requests: Requests) -> None:
    headers = {"X-Correlation-Id": "one"}
    client = connect(requests.then(well), hooks=[Adder(headers)])
    await client.update()
    headers.clear()
    await client.update()
    assert ["x-correlation-id" in each.headers for each in requests] == [True, False]


async def test_they_show_nowhere(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "trustly_customers")
    seen: list[Call] = []

    @contextmanager
    def look(call: Call) -> Iterator[None]:
        yield
        seen.append(call)

    await connect(hooks=[Adder({"X-Token": SECRET}), look]).update()
    assert seen[0].headers == {"X-Token": SECRET}
    assert SECRET not in f"{seen} {caplog.text}"


NOT_A_HOOK_S = (
    *("Authorization", "authorization", "Host", "User-Agent", "Accept", "Accept-Encoding", "Content-Length"),
    *("content-type", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade"),
    *("Expect", "Cookie", "Proxy-Authorization", "proxy-connection"),
)


async def test_what_is_the_client_s_own_to_say_is_left_out_and_logged(
    connect: Connect, requests: Requests, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    await connect(requests.then(well)).update()
    usual = requests.pop().headers.raw
    for name in NOT_A_HOOK_S:
        with subtests.test(name):
            caplog.clear()
            await connect(requests.then(well), hooks=[Adder({name: SECRET})]).update()
            assert requests.pop().headers.raw == usual
            assert caplog.messages == [f"a hook's header {name} was left out: it is the client's to set"]


NO_HEADERS: list[Any] = [
    *(("", "x"), ("a b", "x"), ("a:", "x"), ("a\r\nb", "x"), ("\u00e9", "x"), (b"a", "x"), (None, "x"), (5, "x")),
    *(("a", ""), ("a", " x"), ("a", "x "), ("a", "x\r\nb: c"), ("a", "x\n"), ("a", "\0"), ("a", "\u00e9")),
    *(("a", b"x"), ("a", None), ("a", 5), ("a", "\ud800")),
]


@pytest.mark.parametrize("header", NO_HEADERS, ids=ascii)
async def test_what_is_no_header_is_left_out_and_logged(
    header: Any, connect: Connect, requests: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    hook = Adder([header, ("X-Good", "good")])
    await connect(requests.then(well), hooks=[hook]).update()
    assert requests[0].headers["x-good"] == "good"
    assert "a" not in requests[0].headers
    (message,) = caplog.messages
    assert message.startswith("a hook's header ")
    assert message.endswith(" was left out: it is not valid")
    assert message.isprintable()


async def test_a_hook_that_takes_the_dictionary_away_loses_no_result(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    @contextmanager
    def broken(call: Any) -> Iterator[None]:
        call.headers = 5
        yield

    assert (await connect(hooks=[broken]).update()).customer_id
    assert "a hook's headers raised AttributeError at " in caplog.text
