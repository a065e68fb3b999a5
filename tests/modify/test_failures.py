"""Requests that fail: what `modify` looks at before it tries again, and what it tells when it gives up."""

from __future__ import annotations

import time
from functools import partial
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from trustly_customers import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BadRequestError,
    CustomerUpdate,
    NotFoundError,
    RateLimitError,
    ResponseShapeError,
    ServerError,
    TrustlyError,
)
from trustly_customers._retry import may_have_been_applied
from trustly_customers.locks import AsyncInProcessLock, InProcessLock

from ._server import Server, answer, both, lost_after, lost_before, meanwhile, no_connection
from .conftest import ID, Client, Lock

pytestmark = pytest.mark.anyio


def carried_out(server: Server, request: httpx.Request) -> None:
    """The update is applied, whatever is answered then."""
    server.carry_out(request)


LOOK_AND_TRY_TWICE = ["GET", "POST", "GET", "POST"]


@pytest.mark.parametrize("lost", [lost_after, both(carried_out, answer(500)), both(carried_out, answer(504))])
async def test_a_change_that_is_there_after_a_failure_is_not_sent_again(
    lost: Any, client: Client, server: Server
) -> None:
    server.on("POST", lost)
    result = await client.modify(ID, vip="2")
    assert server.methods == ["GET", "POST", "GET"]
    assert result.vip == "2"


@pytest.mark.parametrize("lost", [lost_before, no_connection, answer(408), answer(500), answer(502), answer(503)])
async def test_a_change_that_is_not_there_is_merged_and_sent_again(lost: Any, client: Client, server: Server) -> None:
    server.on("POST", both(meanwhile(currency="EUR", phone="+1 999", externalTier="Silver"), lost))
    result = await client.modify(ID, vip="2")
    assert server.methods == LOOK_AND_TRY_TWICE
    assert [body["phone"] for body in server.bodies] == ["+16505551212", "+1 999"]
    assert server.bodies[1].keys() - server.bodies[0].keys() == set()
    assert (result.vip, result.currency, result.phone, result.external_tier) == ("2", "EUR", "+1 999", "Silver")


async def test_only_what_is_not_yet_so_is_sent_again(client: Client, server: Server) -> None:
    server.on("POST", both(meanwhile(vip="2"), lost_before))
    await client.modify(ID, vip="2", currency="EUR")
    assert [sorted(each) for each in server.changes()] == [["currency", "vip"], ["currency"]]


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed(status: int, client: Client, server: Server, pauses: list[Any]) -> None:
    server.on("POST", answer(status, retry_after="0"))
    await client.modify(ID, vip="2")
    assert server.methods == LOOK_AND_TRY_TWICE
    assert pauses == []


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, ServerError)])
async def test_a_retry_after_beyond_what_is_allowed_ends_it(
    status: int, kind: type[APIStatusError], client: Client, server: Server
) -> None:
    server.on("POST", answer(status, retry_after="31"))
    with pytest.raises(kind) as caught:
        await client.modify(ID, vip="2")
    assert caught.value.tries == 1
    assert server.methods == ["GET", "POST"]


async def test_the_tries_are_those_of_the_policy_and_the_pauses_grow(
    client: Client, server: Server, pauses: list[Any]
) -> None:
    server.on("POST", *[lost_before] * 9)
    with pytest.raises(APIConnectionError) as caught:
        await client.with_options(max_retries=3).modify(ID, vip="2")
    assert caught.value.tries == 4
    assert caught.value.may_have_been_applied
    assert server.methods == ["GET", "POST"] * 4
    assert pauses == [(0, 0.5), (0, 1.0), (0, 2.0)]


async def test_without_retries_there_is_one_try(client: Client, server: Server) -> None:
    server.on("POST", lost_after)
    with pytest.raises(APITimeoutError):
        await client.with_options(max_retries=0).modify(ID, vip="2")
    assert server.methods == ["GET", "POST"]


@pytest.mark.parametrize(("status", "kind"), [(400, BadRequestError), (404, NotFoundError), (413, APIStatusError)])
async def test_what_is_refused_is_not_tried_again(
    status: int, kind: type[APIStatusError], client: Client, server: Server
) -> None:
    server.on("POST", answer(status))
    with pytest.raises(kind) as caught:
        await client.modify(ID, vip="2")
    assert (caught.value.tries, server.methods) == (1, ["GET", "POST"])


async def test_a_failed_first_look_is_tried_again_and_told(client: Client, server: Server) -> None:
    server.on("GET", lost_before, answer(500))
    await client.modify(ID, vip="2")
    assert server.methods == ["GET", "GET", "GET", "POST"]
    server.on("GET", answer(404))
    with pytest.raises(NotFoundError):
        await client.modify(ID, vip="3")


async def test_an_answer_of_the_wrong_shape_is_told_and_not_sent_again(client: Client, server: Server) -> None:
    server.on("POST", lambda *_: httpx.Response(200, json={}))
    with pytest.raises(ResponseShapeError, match="probably applied"):
        await client.modify(ID, vip="2")
    assert server.methods == ["GET", "POST"]


@pytest.mark.parametrize("look", [no_connection, answer(401), answer(404)])
async def test_a_look_that_fails_after_a_lost_answer_does_not_hide_the_doubt(
    look: Any, client: Client, server: Server
) -> None:
    server.on("POST", lost_after)
    server.on("GET", lambda *_: None, *[look] * 3)
    with pytest.raises(APITimeoutError) as caught:
        await client.modify(ID, vip="2")
    assert caught.value.may_have_been_applied
    assert caught.value.request.method == "POST"
    assert isinstance(caught.value.__cause__, TrustlyError)


@pytest.mark.parametrize("last", [no_connection, answer(429, retry_after="60"), answer(400)])
async def test_a_later_try_that_surely_failed_does_not_hide_the_doubt_about_an_earlier_one(
    last: Any, client: Client, server: Server
) -> None:
    server.on("POST", lost_before, *[last] * 2)
    with pytest.raises(APIConnectionError) as caught:
        await client.modify(ID, vip="2")
    assert caught.value.may_have_been_applied
    assert caught.value.tries == server.methods.count("POST")
    assert isinstance(caught.value.__cause__, TrustlyError)


async def test_without_doubt_the_last_failure_is_told(client: Client, server: Server) -> None:
    server.on("POST", no_connection, answer(400))
    with pytest.raises(BadRequestError) as caught:
        await client.modify(ID, vip="2")
    assert (caught.value.tries, caught.value.__cause__) == (2, None)


async def test_a_pause_that_outlasts_the_deadline_ends_it(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 5.0)
    server.on("POST", lost_before)
    began = time.monotonic()
    with pytest.raises(APIConnectionError) as caught:
        await client.with_options(deadline=4.0).modify(ID, vip="2")
    assert time.monotonic() - began < 2
    assert caught.value.tries == 1


async def test_the_deadline_is_for_all_requests_together(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    clock = [now]
    monkeypatch.setattr("trustly_customers._flow.time.monotonic", lambda: clock[0])

    def slow(*_: Any) -> None:
        clock[0] += 6.0

    server.on("GET", slow)
    server.on("POST", both(slow, lost_before))
    with pytest.raises(APIConnectionError) as caught:
        await client.with_options(deadline=10.0, timeout=30.0).modify(ID, vip="2")
    assert caught.value.may_have_been_applied
    assert server.methods == ["GET", "POST"]


async def test_an_edit_that_outlasts_the_deadline_is_not_sent(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.monotonic()]
    monkeypatch.setattr("trustly_customers._flow.time.monotonic", lambda: clock[0])

    def edit(update: CustomerUpdate) -> None:
        update.vip = "2"
        clock[0] += 11.0

    with pytest.raises(APITimeoutError, match="was not sent: the deadline of 10 seconds has passed") as caught:
        await client.with_options(deadline=10.0, timeout=30.0).modify(ID, edit)
    assert (caught.value.may_have_been_applied, caught.value.tries) == (False, 0)
    assert server.methods == ["GET"]


async def test_the_lock_is_held_around_all_requests(client: Client, server: Server, lock: Lock) -> None:
    held: list[list[str]] = []

    def look(*_: Any) -> None:
        held.append(list(lock.events))

    server.on("GET", look, look)
    server.on("POST", both(look, lost_before), look)
    await client.modify(ID, lock=lock, vip="2")
    assert held == [[f"held {ID}"]] * 4
    assert lock.events == [f"held {ID}", "released"]


async def test_the_lock_is_given_back_after_a_failure(client: Client, server: Server, lock: Lock) -> None:
    server.on("POST", answer(400))
    with pytest.raises(BadRequestError):
        await client.modify(ID, lock=lock, vip="2")
    assert lock.events == [f"held {ID}", "released"]


async def test_the_locks_of_this_package_fit(flavour: str, client: Client, server: Server) -> None:
    lock: Any = InProcessLock() if flavour == "sync" else AsyncInProcessLock()
    await client.modify(ID, lock=lock, vip="2")
    await client.modify(ID, lock=lock, vip="3")
    assert server.methods == ["GET", "POST"] * 2


@pytest.mark.parametrize("first", [lost_before, answer(500)])
@pytest.mark.parametrize("last", [no_connection, answer(429, retry_after="60"), answer(400)])
async def test_an_update_that_is_repeated_does_not_hide_the_doubt_about_an_earlier_try(
    first: Any, last: Any, client: Client, server: Server
) -> None:
    server.on("POST", first, *[last] * 2)
    with pytest.raises((APIConnectionError, ServerError)) as caught:
        await client.with_options(retry_updates=True).update()
    assert may_have_been_applied(caught.value)
    assert caught.value.tries == server.methods.count("POST")
    assert isinstance(caught.value.__cause__, TrustlyError)
    assert not may_have_been_applied(caught.value.__cause__)


async def test_of_several_doubtful_tries_the_last_is_told(client: Client, server: Server) -> None:
    server.on("POST", lost_before, answer(500), answer(502))
    with pytest.raises(ServerError) as caught:
        await client.with_options(retry_updates=True).update()
    assert (caught.value.status, caught.value.tries, caught.value.__cause__) == (502, 3, None)


async def test_an_answer_of_the_wrong_shape_is_told_before_a_lost_one(client: Client, server: Server) -> None:
    for call in (client.with_options(retry_updates=True).update, partial(client.modify, ID, vip="2")):
        server.on("POST", lost_before, lambda *_: httpx.Response(200, content=b"{"))
        with pytest.raises(ResponseShapeError) as caught:
            await call()
        assert (caught.value.tries, caught.value.__cause__) == (2, None)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_pause_that_ends_with_the_deadline_is_not_begun(
    method: str, client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("_flow", "_modify"):
        monkeypatch.setattr(f"trustly_customers.{module}.time", Mock(monotonic=lambda: 100.0))
    server.on(method, answer(503, retry_after="7"))
    with pytest.raises(ServerError):
        await client.with_options(deadline=7).modify(ID, vip="2")
    assert server.methods.count(method) == 1


async def test_a_try_is_not_begun_when_the_deadline_has_come(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustly_customers._flow.time", Mock(monotonic=Mock(side_effect=[100.0, *[107.0] * 9])))
    with pytest.raises(APITimeoutError) as caught:
        await client.with_options(deadline=7, max_retries=0).update()
    assert str(caught.value) == ("POST /customers/{customerId} was not sent: the deadline of 7 seconds has passed.")
    assert not caught.value.may_have_been_applied
    assert (caught.value.tries, server.methods) == (0, [])
    assert str(caught.value.request) == "POST /customers/{customerId}"


async def test_of_several_doubtful_tries_modify_tells_the_last(client: Client, server: Server) -> None:
    server.on("POST", lost_before, answer(500), answer(502))
    with pytest.raises(ServerError) as caught:
        await client.modify(ID, vip="2")
    assert (caught.value.status, caught.value.tries, caught.value.__cause__) == (502, 3, None)
