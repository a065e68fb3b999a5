"""The journal as the operator reads it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import httpx
import pytest
from tests.unit import _spec

from trustly_customers.sandbox import create_app, open_store
from trustly_customers.sandbox._http import Event
from trustly_customers.sandbox._operator.journal import Journal

from .conftest import Sides

pytestmark = pytest.mark.anyio

ONE = "/customers/1002580963"
OTHER = "/customers/1001165729"
TEMPLATE = "/api/v1/customers/{customerId}"


async def found(operator: httpx.AsyncClient, **parameters: Any) -> list[dict[str, Any]]:
    answer = await operator.get("/requests", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] >= len(answer.json()["requests"])
    requests: list[dict[str, Any]] = answer.json()["requests"]
    return requests


async def test_an_entry_says_what_was_asked_and_answered(
    api: httpx.AsyncClient, operator: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    before = time.time_ns() // 1_000_000
    await api.post(ONE, json=update)
    (entry,) = await found(operator)
    assert before <= entry.pop("time") <= time.time_ns() // 1_000_000
    assert entry.pop("milliseconds") > 0
    assert entry.pop("body").keys() == update.keys()
    assert entry == {
        "id": 1,
        "method": "POST",
        "path": TEMPLATE,
        "operation": "updateCustomer",
        "customerId": "1002580963",
        "status": 200,
        "faults": [],
    }


async def test_every_request_to_the_api_is_there_refused_ones_too_and_none_of_the_operators(
    api: httpx.AsyncClient, operator: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    await api.get(ONE)
    await api.get("/customers/zqsecret", auth=("zqsecret", "zqsecret"))
    await api.get("/zqsecret")
    await api.request("BREW", ONE)
    await api.options(ONE)
    await api.post(ONE, content=b"zqsecret", headers={"Content-Type": "text/plain"})
    await api.post(ONE, content=b"zqsecret", headers={"Content-Type": "application/json"})
    await api.post(ONE, json={**update, "name": ""})
    await api.post("/customers/nobody", json=update)
    await operator.get("/customers")
    entries = await found(operator)
    assert [(each["method"], each["operation"], each["customerId"], each["status"]) for each in entries] == [
        ("GET", "getCustomer", "1002580963", 200),
        ("GET", "getCustomer", None, 401),
        ("GET", None, None, 404),
        ("OTHER", None, None, 405),
        ("OPTIONS", None, None, 204),
        ("POST", "updateCustomer", "1002580963", 415),
        ("POST", "updateCustomer", "1002580963", 400),
        ("POST", "updateCustomer", "1002580963", 400),
        ("POST", "updateCustomer", "nobody", 404),
    ]
    assert [each["body"] for each in entries[:7]] == [None] * 6 + ["***"]
    assert "zqsecret" not in json.dumps(entries)


async def test_a_request_with_wrong_credentials_is_seen_by_the_namespace_without_a_name_alone(sides: Sides) -> None:
    await (await sides.api("one")).get(ONE, auth=("sandbox~one", "wrong"))
    assert await found(await sides.operator("one")) == []
    assert [each["status"] for each in await found(await sides.operator())] == [401]


async def test_a_caller_that_leaves_inside_its_body_is_there_without_a_status(sides: Sides) -> None:
    events: list[Event] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Event:
        return events.pop(0)

    async def send(event: Event) -> None:
        raise AssertionError(event)

    basic = b"Basic " + base64.b64encode(b"sandbox:sandbox")
    path = "/api/v1" + ONE
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "headers": [(b"authorization", basic), (b"content-type", b"application/json")],
    }
    await sides.app(scope, receive, send)
    (entry,) = await found(await sides.operator(), status="none")
    assert (entry["operation"], entry["status"], entry["body"]) == ("updateCustomer", None, None)


async def test_a_request_that_fails_inside_is_there_with_500() -> None:
    store = open_store()
    transport = httpx.ASGITransport(create_app(store))
    async with httpx.AsyncClient(transport=transport, base_url="http://s", auth=("sandbox", "sandbox")) as client:
        await store.close()
        assert (await client.get("/api/v1" + ONE)).status_code == 500
        assert [each["status"] for each in (await client.get("/_sandbox/requests")).json()["requests"]] == [500]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "updateCustomer"}, [3, 4]),
        ({"customerId": "1001165729"}, [2, 4]),
        ({"method": "GET"}, [1, 2]),
        ({"status": 400}, [4]),
        ({"status": "none"}, []),
        ({"after": 2}, [3, 4]),
        ({"since": 10**15}, []),
        ({"since": 1}, [1, 2, 3, 4]),
        ({"limit": 2}, [3, 4]),
        ({"limit": 0}, []),
        ({"operation": "updateCustomer", "status": 200}, [3]),
    ],
)
async def test_requests_are_found_by_what_they_were(
    api: httpx.AsyncClient,
    operator: httpx.AsyncClient,
    update: dict[str, Any],
    parameters: dict[str, Any],
    expected: list[int],
) -> None:
    await api.get(ONE)
    await api.get(OTHER)
    await api.post(ONE, json=update)
    await api.post(OTHER, json={})
    assert [each["id"] for each in await found(operator, **parameters)] == expected


async def test_the_count_is_of_all_that_are_meant_however_few_are_shown(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    for _ in range(5):
        await api.get(ONE)
    assert (await operator.get("/requests?limit=1")).json()["count"] == 5


async def test_the_journal_is_emptied_for_one_namespace_alone(sides: Sides) -> None:
    for namespace in ("one", "other"):
        await (await sides.api(namespace)).get(ONE)
    one = await sides.operator("one")
    assert (await one.delete("/requests")).status_code == 204
    assert await found(one) == []
    assert len(await found(await sides.operator("other"))) == 1


async def test_a_masked_body_shows_what_is_harmless_and_no_planted_value_and_no_unknown_name(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    plan = _spec.Planted("CustomerUpdate")
    body = {**plan.value, "customerId": "1002580963"}
    # Valid or not, whatever the types: what is refused is recorded too.
    wrong_types = {"vip": {"a": "zqsecret"}, "currency": [["zqsecret"]], "enrollDate": "zqsecret", "zqsecret": 1}
    for sent in (body, {**body, **wrong_types}, json.dumps(body), {**body, "createdAt": "zqsecret"}):
        await api.post(ONE, json=sent)
    valid, wrong, twice, ignored = await found(operator, method="POST")
    assert [each["status"] for each in (valid, wrong, twice, ignored)] == [200, 400, 400, 200]
    shown = json.dumps([valid, wrong, twice, ignored])
    assert plan.leaked(shown) == []
    assert "zqsecret" not in shown
    declared = _spec.component("CustomerUpdate")["properties"]
    harmless = {name for name, each in declared.items() if "type" in each and not each.get("x-sensitive")}
    expected = {name: body[name] for name in {*harmless, "customerId"} if not isinstance(body[name], dict | list)}
    assert expected.items() <= valid["body"].items()
    assert wrong["body"]["vip"] == {"***": "***"}
    unmasked = await found(operator, unmask="true", method="POST")
    assert unmasked[0]["body"] == body


@pytest.mark.parametrize(("content", "shown"), [(b"{zqsecret", "{zqsecret"), (b"\xffzq", "\ufffdzq"), (b"3", 3)])
async def test_a_body_that_is_no_object_is_shown_only_when_that_is_asked_for(
    api: httpx.AsyncClient, operator: httpx.AsyncClient, content: bytes, shown: Any
) -> None:
    await api.post(ONE, content=content, headers={"Content-Type": "application/json"})
    assert [each["body"] for each in await found(operator)] == ["***"]
    assert [each["body"] for each in await found(operator, unmask="true")] == [shown]


async def test_credentials_are_nowhere_in_the_journal_even_unmasked(sides: Sides, update: dict[str, Any]) -> None:
    operator, api = await sides.operator(), await sides.api()
    secret = base64.b64encode(b"zqid:zqkey").decode()
    await api.get(ONE, auth=("zqid", "zqkey"))
    await api.post(ONE, json=update)
    answer = await operator.get("/requests?unmask=true")
    assert answer.json()["count"] == 2
    for word in ("zqid", "zqkey", secret, base64.b64encode(b"sandbox:sandbox").decode()):
        assert word not in answer.text


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Is set when somebody has begun to wait for the journal."""
    begun = asyncio.Event()
    expecting = Journal.expecting

    def told(self: Journal, *arguments: Any) -> Any:
        begun.set()
        return expecting(self, *arguments)

    monkeypatch.setattr(Journal, "expecting", told)
    return begun


async def test_who_waits_is_answered_as_soon_as_enough_requests_are_there(sides: Sides, waiting: asyncio.Event) -> None:
    operator, api = await sides.operator("one"), await sides.api("one")
    await api.get(ONE)
    waits = asyncio.ensure_future(operator.get("/requests?wait=60&count=2&operation=getCustomer", timeout=30))
    await waiting.wait()
    await (await sides.api("other")).get(ONE)
    assert not waits.done()
    await api.get(ONE)
    answer = await asyncio.wait_for(waits, 20)
    assert answer.json()["count"] == 2


async def test_who_waits_for_what_is_there_already_does_not_wait(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    await api.get(ONE)
    answer = await operator.get("/requests?wait=60", timeout=20)
    assert answer.json()["count"] == 1


async def test_who_waits_in_vain_is_answered_with_what_there_is_when_the_time_is_over(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    await api.get(ONE)
    answer = await operator.get("/requests?wait=1&count=2")
    assert (answer.status_code, answer.json()["count"]) == (200, 1)


async def test_who_leaves_while_waiting_is_dropped(sides: Sides, waiting: asyncio.Event) -> None:
    left = asyncio.Event()
    sent: list[Event] = []

    async def receive() -> Event:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(event: Event) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/_sandbox/requests",
        "raw_path": b"/_sandbox/requests",
        "query_string": b"wait=60",
        "headers": [(b"authorization", b"Basic " + base64.b64encode(b"sandbox:sandbox"))],
    }
    waits = asyncio.ensure_future(sides.app(scope, receive, send))
    await waiting.wait()
    left.set()
    await asyncio.wait_for(waits, 20)
    assert sent == []
