"""Which customer a path is about: an identifier is decoded exactly once, and may hold anything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import Store
from trustly_customers.sandbox._stores import operations

from ._application import Everything, client_of

pytestmark = pytest.mark.anyio


NO_IDENTIFIERS = ["", "%2e", "%2E%2e", ".%2e", "%ff", "%c3%28", "%ed%a0%80", "a%80"]


@pytest.mark.clause("no-ids")
@pytest.mark.parametrize("identifier", NO_IDENTIFIERS)
async def test_what_is_no_identifier_is_404(api: httpx.AsyncClient, envelope: Any, identifier: str) -> None:
    request = api.build_request("GET", "/customers/x")
    request.url = request.url.copy_with(raw_path=b"/api/v1/customers/" + identifier.encode())
    answer = await api.send(request)
    assert answer.status_code == 404
    envelope(answer)


@pytest.mark.clause("no-ids")
@pytest.mark.parametrize("identifier", NO_IDENTIFIERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_no_identifier_is_404_whatever_the_store_holds(
    update: dict[str, Any], envelope: Any, method: str, identifier: str
) -> None:
    store = Everything()
    async with client_of(store) as api:
        request = api.build_request(method, "/customers/x", json=update)
        raw_path = b"/api/v1/customers/" + identifier.encode()
        request.url = httpx.URL("http://sandbox/api/v1/customers/x", raw_path=raw_path)
        answer = await api.send(request)
        assert answer.status_code == 404
        envelope(answer)
        assert store.asked == []
        # It is the customer that is not there, not the path: credentials are asked for.
        assert (await api.send(api.build_request("GET", request.url), auth=None)).status_code == 401


@pytest.mark.clause("id-decoding")
@pytest.mark.parametrize(
    ("spelling", "status"),
    [
        ("1002580963", 200),
        ("%31002580963", 200),
        ("100258096%33", 200),
        ("100258096%2533", 404),
        ("%2531002580963", 404),
        ("1002580963%2F", 404),
        ("1002580963%20", 404),
        ("1002580963+", 404),
        ("x%2F..%2F1002580963", 404),
    ],
)
async def test_the_identifier_is_decoded_exactly_once(api: httpx.AsyncClient, spelling: str, status: int) -> None:
    assert (await api.get(f"/customers/{spelling}")).status_code == status


@pytest.mark.clause("id-decoding")
@pytest.mark.parametrize("key", ["a/b", "a%2Fb", "ä ö", "x?y#z", "../1", "...", "+", " ", "\0", "%", "a" * 2000])
async def test_an_identifier_may_hold_any_character(
    api: httpx.AsyncClient, store: Store, namespace: str, key: str
) -> None:
    await store.write(operations.put(namespace, [(key, b'{"found":true}')]))
    encoded = "".join(f"%{byte:02X}" for byte in key.encode())
    assert (await api.get(f"/customers/{encoded}")).json() == {"customer": {"found": True}}
