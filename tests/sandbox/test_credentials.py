"""Who may ask: the exact pair, however it is written, and nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import SandboxError, create_app, open_store
from trustly_customers.sandbox._api.auth import BasicCredentials, NamespaceNameError

from ._application import basic

pytestmark = pytest.mark.anyio


WRONG_CREDENTIALS = {
    "none": [],
    "empty": [""],
    "wrong key": [basic("sandbox:Sandbox")],
    "wrong id": [basic("other:sandbox")],
    "empty key": [basic("sandbox:")],
    "no colon": [basic("sandboxsandbox")],
    "one character more": [basic("sandbox:sandboxx")],
    "one character less": [basic("sandbox:sandbo")],
    "line end": [basic("sandbox:sandbox\n")],
    "not UTF-8": [basic(b"sandbox:\xff")],
    "another scheme": [basic("sandbox:sandbox", "Bearer")],
    "scheme alone": ["Basic"],
    "scheme and padding": ["Basic ="],
    "not base64": ["Basic ***"],
    "base64 with rubbish inside": [basic("sandbox:sandbox").replace("c2Fu", "c2*Fu")],
    "base64 cut short": [basic("sandbox:sandbox")[:-1]],
    "base64 and more": [basic("sandbox:sandbox") + " x"],
    "no space": [basic("sandbox:sandbox").replace(" ", "")],
    "plain text": ["Basic sandbox:sandbox"],
    "twice": [basic("sandbox:sandbox")] * 2,
    "right and wrong": [basic("sandbox:sandbox"), basic("a:b")],
    "bytes beyond ASCII": ["Basic \xff\xfe"],
}


@pytest.mark.clause("basic-auth")
@pytest.mark.clause("exact-credentials")
@pytest.mark.clause("challenge")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("name", WRONG_CREDENTIALS)
async def test_anything_but_the_exact_pair_is_401_with_a_challenge(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], name: str, method: str
) -> None:
    headers = [("authorization", value.encode("latin-1")) for value in WRONG_CREDENTIALS[name]]
    request = api.build_request(method, path, json=update if method == "POST" else None)
    request.headers = httpx.Headers([*request.headers.raw, *((k.encode(), v) for k, v in headers)])
    answer = await api.send(request, auth=None)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


@pytest.mark.clause("basic-auth")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
async def test_the_exact_pair_opens_however_the_scheme_is_spelled(
    api: httpx.AsyncClient, path: str, scheme: str
) -> None:
    answer = await api.get(path, headers={"authorization": basic("sandbox:sandbox", scheme)}, auth=None)
    assert answer.status_code == 200


@pytest.mark.clause("exact-credentials")
async def test_credentials_beyond_ascii_and_with_colons_in_the_key_are_compared_byte_by_byte(path: str) -> None:
    store = open_store()
    transport = httpx.ASGITransport(create_app(store, access_id="häns", access_key="ä:b:"))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1") as client:
        statuses = [
            (await client.get(path, headers={"authorization": basic(pair)})).status_code
            for pair in ("häns:ä:b:", "häns:ä:b", "ha\u0308ns:ä:b:", "häns:ä:b:".encode("latin-1"))
        ]
    await store.close()
    assert statuses == [200, 401, 401, 401]


@pytest.mark.parametrize(("access_id", "access_key"), [("", "k"), ("i", ""), ("i:d", "k")])
async def test_credentials_that_basic_cannot_carry_are_refused_at_the_start(access_id: str, access_key: str) -> None:
    store = open_store()
    with pytest.raises(SandboxError, match="colon"):
        create_app(store, access_id=access_id, access_key=access_key)
    await store.close()


@pytest.mark.parametrize("scheme", ["Basic", "basic"])
@pytest.mark.parametrize(("user", "namespace"), [("_id", ""), ("_id~space", "space")])
def test_a_namespace_is_opened_however_the_scheme_is_spelled_and_whatever_the_key_holds(
    scheme: str, user: str, namespace: str
) -> None:
    credentials = BasicCredentials("_id", "k:~x")
    header = basic(f"{user}:k:~x", scheme).encode()
    assert [credentials.namespace([header]) for _ in range(2)] == [namespace] * 2
    assert credentials.namespace([header.replace(b" ", b" \t")]) is None
    assert credentials.namespace([basic(f"{user}:k", scheme).encode()]) is None


def test_a_namespace_whose_name_is_not_utf_8_cannot_be() -> None:
    with pytest.raises(NamespaceNameError):
        BasicCredentials("_id", "k").namespace([basic(b"_id~\xff:k").encode()])
