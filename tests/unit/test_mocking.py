"""How users mock the client: respx in both of its modes, and a transport of httpx's own, with clients made plainly."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from trustly_customers import AsyncTrustly, NotFoundError, Trustly

from . import _spec
from ._clients import CUSTOMER_ID, Client, Flavour, an_update

pytestmark = pytest.mark.anyio

MODES: list[dict[str, Any]] = [{}, {"using": "httpcore"}, {"using": "httpx"}]


@pytest.fixture
def plain(flavour: Flavour) -> Client:
    """Make a client as users do, over the connections that it makes itself."""
    return Client(Trustly("id", "key") if flavour == "sync" else AsyncTrustly("id", "key"))


@pytest.mark.parametrize("mode", MODES, ids=str)
async def test_respx_sees_every_request_in_each_of_its_modes(mode: dict[str, Any], plain: Client) -> None:
    async with respx.mock(base_url="https://sandbox.trustly.one/api/v1", **mode) as router:
        get = router.get(f"/customers/{CUSTOMER_ID}").respond(json=_spec.example("CustomerResponse"))
        update = router.post(f"/customers/{CUSTOMER_ID}").respond(404, json=_spec.example("UnknownCustomer"))
        assert (await plain.get()).to_dict() == _spec.example("CustomerResponse")["customer"]
        with pytest.raises(NotFoundError):
            await plain.update()
        assert (get.call_count, update.call_count) == (1, 1)
        assert get.calls.last.request.headers["authorization"] == update.calls.last.request.headers["authorization"]
    await plain.close()


async def test_a_client_works_as_a_context_manager_over_a_transport_given(flavour: Flavour) -> None:
    transport = Closing(lambda _: httpx.Response(200, json=_spec.example("CustomerResponse")))
    if flavour == "sync":
        with Trustly("id", "key", transport=transport) as client:
            assert client.customers.get("1") == client.customers.update("1", an_update())
    else:
        async with AsyncTrustly("id", "key", transport=transport) as async_client:
            assert await async_client.customers.get("1") == await async_client.customers.update("1", an_update())
    assert transport.closed


class Closing(httpx.MockTransport):
    """A transport that says whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True
