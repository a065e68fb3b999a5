"""Everything about a request but its body: credentials, methods, paths, and which fault decides."""

from __future__ import annotations

import base64
import logging
from typing import Any, TypeVar

import httpx
import jsonschema_rs
import pytest

from trustly_customers.sandbox import SandboxError, Store, create_app, open_store
from trustly_customers.sandbox._http import Event, Scope
from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.protocol import Change, Steps

T = TypeVar("T")

pytestmark = pytest.mark.anyio


def basic(pair: str | bytes, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(pair.encode() if isinstance(pair, str) else pair).decode()}"


@pytest.fixture
def envelope(components: Any) -> Any:
    """A check that a body is the envelope of the specification, with at least one error in it."""
    schema = {"$ref": "#/components/schemas/ErrorEnvelope", "components": components}
    validator = jsonschema_rs.Draft202012Validator(schema)

    def check(answer: httpx.Response) -> None:
        validator.validate(answer.json())
        assert answer.json()["errors"]
        assert answer.headers["content-type"] == "application/json"

    return check


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


@pytest.mark.clause("methods")
@pytest.mark.clause("error-envelope")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
async def test_a_method_that_the_path_does_not_know_is_405_with_a_truthful_allow(
    api: httpx.AsyncClient, path: str, envelope: Any, method: str
) -> None:
    request = api.build_request(method, path)
    request.method = method
    answer = await api.send(request)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    envelope(answer)


@pytest.mark.clause("methods")
@pytest.mark.parametrize("method", ["FOO", "get"])
async def test_a_method_that_nobody_knows_is_405_too(
    in_process: httpx.AsyncClient, path: str, envelope: Any, method: str
) -> None:
    request = in_process.build_request("GET", path)
    request.method = method
    answer = await in_process.send(request)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    envelope(answer)


@pytest.mark.clause("options")
async def test_options_says_what_is_allowed_and_asks_for_no_credentials(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.request("OPTIONS", path, auth=None)
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert answer.content == b""
    assert "content-length" not in answer.headers


@pytest.mark.clause("head")
@pytest.mark.parametrize("customer", [None, "/customers/nobody"])
async def test_head_answers_as_get_does_without_a_body(api: httpx.AsyncClient, path: str, customer: str | None) -> None:
    get, head = await api.get(customer or path), await api.head(customer or path)
    for answer in (get, head):
        answer.headers.pop("date", None)  # a socket's server adds it, and it may be the next second
    assert head.status_code == get.status_code
    assert head.headers == get.headers
    assert head.content == b""


@pytest.mark.clause("head")
async def test_no_body_is_handed_to_the_server_for_head(path: str) -> None:
    sent: list[Event] = []

    async def send(event: Event) -> None:
        sent.append(event)

    async def receive() -> Event:
        raise NotImplementedError

    headers = [(b"authorization", basic("sandbox:sandbox").encode())]
    scope: Scope = {"type": "http", "method": "HEAD", "raw_path": b"/api/v1" + path.encode(), "headers": headers}
    await create_app(Everything())(scope, receive, send)
    assert [event.get("status") or event.get("body") for event in sent] == [200, b""]


@pytest.mark.clause("no-store")
async def test_answers_with_customer_data_must_not_be_stored(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    for answer in (await api.get(path), await api.head(path), await api.post(path, json=update)):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


FAULTS: dict[int, dict[str, Any]] = {
    405: {"method": "PUT"},
    401: {"auth": ("sandbox", "wrong")},
    415: {"headers": {"content-type": "text/plain"}},
    413: {"content": b"{" * 70_000},
    400: {"content": b"{"},
    404: {"url": "/customers/nobody"},
}
ORDER = [405, 401, 415, 413, 400, 404]


@pytest.mark.clause("precedence")
@pytest.mark.parametrize("later", ORDER)
@pytest.mark.parametrize("first", ORDER)
async def test_of_two_faults_the_earlier_in_the_order_decides(
    api: httpx.AsyncClient, path: str, envelope: Any, first: int, later: int
) -> None:
    if ORDER.index(later) < ORDER.index(first):
        first, later = later, first
    request: dict[str, Any] = {
        "method": "POST",
        "url": path,
        "content": b"{}" if {first, later} == {404} else b"{",
        "headers": {"content-type": "application/json"},
        **FAULTS[later],
        **FAULTS[first],
    }
    if {first, later} == {404}:
        request |= {"method": "GET", "content": None}
    answer = await api.request(**request)
    assert answer.status_code == first
    envelope(answer)


@pytest.mark.clause("precedence")
async def test_every_fault_at_once_is_405(api: httpx.AsyncClient) -> None:
    everything: dict[str, Any] = {name: value for status in reversed(ORDER) for name, value in FAULTS[status].items()}
    assert (await api.request(**everything)).status_code == 405


class Everything:
    """A store that holds one text under every key."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, namespace: str, key: str) -> bytes | None:
        del namespace
        self.asked.append(key)
        return b'{"found":true}'

    async def update(self, namespace: str, key: str, change: Change) -> bytes | None:
        del change
        return await self.get(namespace, key)

    async def read(self, steps: Steps[T]) -> T:
        raise AssertionError(steps)

    write = read

    async def close(self) -> None:
        """Nothing to let go of."""


def client_of(store: Store) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(store))
    return httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1", auth=("sandbox", "sandbox"))


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


@pytest.mark.clause("error-envelope")
@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/api/v1",
        "/customers/1",
        "/api/v1/customers",
        "/api/v1/customers/1/2",
        "/api/v1//customers/1",
        "/api/v2/customers/1",
    ],
)
async def test_a_path_that_is_not_the_apis_is_404_with_or_without_credentials(
    api: httpx.AsyncClient, envelope: Any, url: str
) -> None:
    for auth in (("sandbox", "sandbox"), None):
        answer = await api.get(api.base_url.join(url), auth=auth)
        assert answer.status_code == 404
        assert "path" in answer.json()["errors"][0]["message"]
        envelope(answer)


@pytest.mark.clause("no-internals")
@pytest.mark.clause("no-echo")
async def test_a_failure_inside_is_500_without_internals_and_logged_without_personal_data(
    path: str, update: dict[str, Any], envelope: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def get(self, namespace: str, key: str) -> bytes | None:
            raise RuntimeError(f"no such row: {namespace} {key}")

        async def update(self, namespace: str, key: str, change: Change) -> bytes | None:
            raise RuntimeError(f"{update} {namespace} {key} {change}")

        async def read(self, steps: Steps[T]) -> T:
            raise RuntimeError(f"no such row: {steps}")

        write = read

        async def close(self) -> None:
            """Nothing to let go of."""

    async with client_of(Broken()) as api:
        for answer in (await api.get(path), await api.post(path, json=update)):
            assert answer.status_code == 500
            envelope(answer)
            assert "row" not in answer.text
            assert "Error" not in answer.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "RuntimeError at" in caplog.text
    for value in (update["name"], update["email"], path.rpartition("/")[2], "row"):
        assert value not in caplog.text


@pytest.mark.clause("no-internals")
@pytest.mark.clause("no-echo")
async def test_a_stored_customer_that_cannot_be_read_is_500_without_internals(
    api: httpx.AsyncClient, store: Store, namespace: str, update: dict[str, Any], envelope: Any
) -> None:
    await store.write(operations.put(namespace, [("broken", b"S3CRET")]))
    answer = await api.post("/customers/broken", json=update)
    assert answer.status_code == 500
    envelope(answer)
    for word in ("S3CRET", "JSON", "Error", "Traceback", update["name"]):
        assert word not in answer.text


@pytest.mark.clause("atomic-rejection")
async def test_a_caller_that_goes_away_inside_its_body_changes_nothing(path: str) -> None:
    store = open_store()
    app = create_app(store)
    sent: list[Event] = []
    events: list[Event] = [
        {"type": "http.request", "body": b'{"name":', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Event:
        return events.pop(0)

    async def send(event: Event) -> None:
        sent.append(event)

    headers = [(b"content-type", b"application/json"), (b"authorization", basic("sandbox:sandbox").encode())]
    scope: Scope = {"type": "http", "method": "POST", "raw_path": b"/api/v1" + path.encode(), "headers": headers}
    await store.write(operations.put("", [("1002580963", b"{}")]))
    await app(scope, receive, send)
    assert sent == []
    assert await store.get("", "1002580963") == b"{}"
    await store.close()


async def test_errors_use_the_words_of_the_specifications_examples(
    api: httpx.AsyncClient, path: str, components: Any
) -> None:
    example = components["examples"]
    assert (await api.get("/customers/nobody")).json() == example["UnknownCustomer"]["value"]
    assert (await api.get(path, auth=("a", "b"))).json() == example["BadCredentials"]["value"]
    invalid = (await api.post(path, json={})).json()["errors"][0]
    expected = example["InvalidParameter"]["value"]["errors"][0]
    assert (invalid["domain"], invalid["code"]) == (expected["domain"], expected["code"])
    assert invalid["message"].startswith(expected["message"])


@pytest.mark.clause("body-limit")
@pytest.mark.parametrize("length", ["9" * 5000, "0" * 5000 + "65537", "65537"])
async def test_a_length_that_is_too_large_is_413_however_it_is_written(path: str, length: str) -> None:
    store = open_store()
    async with client_of(store) as inside:  # a server's parser would refuse some of these before
        headers = {"Content-Length": length, "Content-Type": "application/json"}
        answer = await inside.post(path, content=b"{}", headers=headers)
    await store.close()
    assert answer.status_code == 413
