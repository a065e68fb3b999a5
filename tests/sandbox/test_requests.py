"""What is wrong with a request as a whole: methods, paths, which of two faults decides, and how it is told."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import Store, create_app, open_store
from trustly_customers.sandbox._http import Event, Scope
from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.protocol import Change, Steps

from ._application import Everything, T, basic, client_of

pytestmark = pytest.mark.anyio


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

        def is_detached(self) -> bool:
            return False

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
