"""A client that is closed: nothing is sent any more, and the error says so at once."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from trustly_customers import AsyncTrustly, InvalidRequestError, ServerError, Trustly

from . import _spec
from ._clients import CUSTOMER_ID, Client, Connect, Flavour

pytestmark = pytest.mark.anyio

WORDS = (
    "the client is closed, or the one whose connections it shares; make another, or stay within its `with` block; "
    "the request was not sent"
)


class Counting(httpx.MockTransport):
    """A transport of the user's, which goes on after it was closed, as httpx's own do."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.requests = 0

    def _answered(self, _: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(200, json=_spec.example("CustomerResponse"))


async def modified(client: Client, **keywords: object) -> object:
    inner: Trustly | AsyncTrustly = client.inner
    if isinstance(inner, Trustly):
        return inner.customers.modify(CUSTOMER_ID, vip="2", **keywords)  # type: ignore[arg-type] # a lock of any kind
    return await inner.customers.modify(CUSTOMER_ID, vip="2", **keywords)  # type: ignore[arg-type] # likewise


async def test_a_closed_client_refuses_each_call_and_sends_nothing(connect: Connect) -> None:
    transport = Counting()
    client = connect(transport=transport, max_retries=2)
    await client.get()
    kept, before = Client(client.inner.with_options(timeout=1)), transport.requests
    await client.close()
    await client.close()
    for call in (client.get, client.update, kept.get, kept.update, partial(modified, client), partial(modified, kept)):
        with pytest.raises(InvalidRequestError) as caught:
            await call()
        assert str(caught.value) == WORDS
    assert transport.requests == before


async def test_a_copy_that_is_closed_leaves_the_client_open(connect: Connect) -> None:
    client = connect(transport=Counting())
    await Client(client.inner.with_options(timeout=1)).close()
    assert (await client.get()).customer_id


async def test_a_client_refuses_calls_after_its_with_block(flavour: Flavour) -> None:
    transport = Counting()
    if flavour == "sync":
        with Trustly("id", "key", transport=transport) as client:
            pass
        closed = Client(client)
    else:
        async with AsyncTrustly("id", "key", transport=transport) as async_client:
            pass
        closed = Client(async_client)
    with pytest.raises(InvalidRequestError, match="is closed"):
        await closed.get()
    assert transport.requests == 0


async def test_no_lock_is_taken_for_a_closed_client(connect: Connect) -> None:
    taken: list[str] = []
    client = connect(transport=Counting())
    await client.close()
    with pytest.raises(InvalidRequestError, match="is closed"):
        await modified(client, lock=taken.append)
    assert taken == []


async def test_another_client_goes_on_with_a_transport_that_both_were_given(connect: Connect) -> None:
    transport = Counting()
    one, another = connect(transport=transport), connect(transport=transport)
    await one.close()
    assert (await another.get()).customer_id


def closed_while_it_is_answered(connect: Connect, flavour: Flavour) -> Client:
    """Return a client that is closed before the first answer, a 503, arrives."""

    def answer(_: httpx.Request) -> httpx.Response:
        assert isinstance(client.inner, Trustly)
        client.inner.close()
        return httpx.Response(503)

    async def awaited(_: httpx.Request) -> httpx.Response:
        await client.close()
        return httpx.Response(503)

    transport = httpx.MockTransport(answer if flavour == "sync" else awaited)
    client = connect(transport=transport, max_retries=2, retry_updates=True)
    return client


async def test_a_call_whose_client_is_closed_in_its_pause_ends_there(
    connect: Connect, flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)
    client = closed_while_it_is_answered(connect, flavour)
    with pytest.raises(InvalidRequestError, match="the request was not sent"):
        await client.get()
    client = closed_while_it_is_answered(connect, flavour)
    with pytest.raises(ServerError) as caught:
        await client.update()  # which the answer leaves in doubt, and that is what the caller must know
    assert isinstance(caught.value.__cause__, InvalidRequestError)
