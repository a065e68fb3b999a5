"""What happens between two requests: connections that are kept, that die, and that say too much."""

from __future__ import annotations

import pytest

from trustly_customers import APIConnectionError, APIStatusError, BadRequestError, Customer

from . import _examples
from ._calls import FLAVOURS, Flavour, attempt
from ._examples import CUSTOMER, GOOD, answer, head
from ._faults import says
from ._server import Line, Server

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)

OK = answer("200 OK", GOOD)


def test_a_connection_is_kept_for_the_next_request(flavour: Flavour) -> None:
    with Server(says(OK)) as server:
        ended = attempt(flavour, "get", "update", "get", base_url=server.url())
    assert all(isinstance(each.result, Customer) for each in ended)
    assert server.connections == 1
    assert len(server.heads) == 3


def test_a_connection_that_was_closed_between_two_requests_is_not_used(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(says(OK, then=Line.close)) as server:
        _before_each_update(monkeypatch, server.left.wait)
        ended = attempt(flavour, "get", "update", base_url=server.url(), max_retries=0)
    assert [type(each.result) for each in ended] == [Customer, Customer]
    assert server.connections == 2


def test_an_answer_that_nobody_asked_for_is_not_the_next_request_s(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = answer("400 Bad Request", b"")

    def play(line: Line) -> None:
        line.read_request()
        line.send(OK + stray)
        server.left.set()
        line.read_request()

    with Server(play) as server:
        _before_each_update(monkeypatch, server.left.wait)
        ended = attempt(flavour, "get", "update", base_url=server.url(), max_retries=0, timeout=0.2)
    assert isinstance(ended[0].result, Customer)
    assert not isinstance(ended[1].result, APIStatusError)
    assert server.connections == 2


def test_a_connection_that_breaks_under_the_second_request_may_have_carried_it(flavour: Flavour) -> None:
    def play(line: Line) -> None:
        line.read_request()
        line.send(OK)
        line.read_request()

    with Server(play) as server:
        ended = attempt(flavour, "get", "update", base_url=server.url(), max_retries=3)
    assert isinstance(ended[1].error, APIConnectionError)
    assert ended[1].error.may_have_been_applied
    assert ended[1].error.tries == 1
    assert len(server.heads) == 2


def test_a_connection_that_is_reset_as_soon_as_made_ends_as_it_says(flavour: Flavour) -> None:
    """Whether the request left before the reset came is chance; that the tries follow from it is not."""
    with Server(Line.reset) as server:
        (ended,) = attempt(flavour, "update", base_url=server.url(), max_retries=1)
    assert isinstance(ended.error, APIConnectionError)
    if ended.error.may_have_been_applied:
        assert ended.error.tries in (1, 2)
    else:
        assert ended.error.tries == 2
    assert server.connections == ended.error.tries


@pytest.mark.parametrize("code", [300, 301, 302, 303, 307, 308])
def test_a_redirect_carries_nothing_to_another_server(flavour: Flavour, code: int) -> None:
    with Server(says(OK)) as other, Server(says(answer(f"{code} There", b"", f"Location: {other.url()}"))) as server:
        ended = attempt(flavour, "get", "update", base_url=server.url())
    assert [type(each.result) for each in ended] == [APIStatusError, APIStatusError]
    assert other.connections == 0
    assert len(server.heads) == 2


def test_a_connection_that_the_server_will_close_is_not_used_again(flavour: Flavour) -> None:
    with Server(says(answer("200 OK", GOOD, "Connection: close"))) as server:
        ended = attempt(flavour, "get", "update", base_url=server.url())
    assert [type(each.result) for each in ended] == [Customer, Customer]
    assert server.connections == 2


def test_a_trailer_is_no_header(flavour: Flavour) -> None:
    chunked = head("400 Bad", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\nX-Request-Id: a-trailer\r\n\r\n"
    with Server(says(chunked)) as server:
        (ended,) = attempt(flavour, "get", base_url=server.url())
    assert isinstance(ended.error, BadRequestError)
    assert ended.error.response.content == b"{}"
    assert ended.error.request_id is None


def test_a_cookie_is_not_sent_back(flavour: Flavour) -> None:
    with Server(says(answer("200 OK", GOOD, "Set-Cookie: a=b; Path=/"))) as server:
        ended = attempt(flavour, "get", "get", base_url=server.url())
    assert [each.result.to_dict() for each in ended if isinstance(each.result, Customer)] == [CUSTOMER, CUSTOMER]
    assert len(server.heads) == 2
    assert not any(b"cookie" in head.lower() for head in server.heads)


def _before_each_update(monkeypatch: pytest.MonkeyPatch, wait: object) -> None:
    """Let the server have done what it does after its first answer before the second request goes out."""
    real = _examples.update

    def update() -> object:
        assert callable(wait)
        wait()
        return real()

    monkeypatch.setattr(_examples, "update", update)
