"""Customers at the operator's word."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import jsonschema_rs
import pytest

from .conftest import Sides

pytestmark = pytest.mark.anyio

ONE = "/customers/1002580963"
SEEDS = ["1001165729", "1002580963"]


async def ids(operator: httpx.AsyncClient, **parameters: Any) -> tuple[list[str], str | None]:
    answer = await operator.get("/customers", params=parameters)
    assert answer.status_code == 200, answer.text
    return [customer["customerId"] for customer in answer.json()["customers"]], answer.json()["next"]


async def test_a_new_namespace_lists_the_two_examples(operator: httpx.AsyncClient) -> None:
    assert await ids(operator) == (SEEDS, None)


async def test_a_created_customer_is_what_the_api_answers_and_its_id_is_made_up(
    sides: Sides, operator: httpx.AsyncClient, customer: dict[str, Any], components: Any
) -> None:
    answer = await operator.post("/customers", json={**customer, "unknown": {"a": [1]}, "vip": None})
    created = answer.json()["customer"]
    assert answer.status_code == 201
    assert re.fullmatch(r"\d{10}", created["customerId"])
    assert created.items() >= {**customer, "unknown": {"a": [1]}}.items()
    assert "vip" not in created
    schema = {"$ref": "#/components/schemas/Customer", "components": components}
    jsonschema_rs.Draft202012Validator(schema).validate(created)
    read = await (await sides.api()).get(f"/customers/{created['customerId']}")
    assert read.json() == {"customer": created}
    assert (await operator.get(f"/customers/{created['customerId']}")).json() == {"customer": created}


async def test_what_only_the_provider_sets_is_kept_where_it_is_given(
    operator: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    given = {**customer, "customerId": "a/b é\0", "createdAt": 1, "updatedAt": 2}
    assert (await operator.post("/customers", json=given)).json()["customer"] == given
    assert (await operator.get("/customers/a%2Fb%20%C3%A9%00")).json()["customer"] == given


async def test_times_that_no_clause_forbids_are_kept(operator: httpx.AsyncClient, customer: dict[str, Any]) -> None:
    soon = int(time.time() * 1000) + 300_000  # as another machine's clock may say
    for times in ({"createdAt": 0, "updatedAt": 0}, {"createdAt": soon, "updatedAt": 1}, {"updatedAt": soon}):
        answer = await operator.put(ONE, json={**customer, **times})
        assert answer.status_code == 200, answer.text
        assert answer.json()["customer"].items() >= times.items()


async def test_an_id_that_exists_is_409_and_nothing_changes(
    operator: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    before = (await operator.get(ONE)).json()
    answer = await operator.post("/customers", json={**customer, "customerId": "1002580963"})
    assert answer.status_code == 409
    assert (await operator.get(ONE)).json() == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": None}, "/name: required"),
        ({"name": ""}, "/name: minLength"),
        ({"address": {"country": "zqsecret"}}, "/address/country: pattern"),
        ({"createdAt": "zqsecret"}, "/createdAt: type"),
        ({"customerId": 7}, "/customerId: type"),
        ({"vip": ["zqsecret"]}, "/vip: type"),
        ({"createdAt": -1}, "/createdAt: before 1970, and it counts the milliseconds since then"),
        ({"updatedAt": -0.5e9}, "/updatedAt: before 1970"),
        ({"updatedAt": int(time.time() * 1000) + 3_600_000}, "/updatedAt: later than now, so that no update could"),
        ({"updatedAt": 1e300}, "/updatedAt: later than now"),
    ],
)
async def test_a_customer_that_the_specification_does_not_allow_is_400_without_its_values(
    operator: httpx.AsyncClient, customer: dict[str, Any], method: str, change: dict[str, Any], told: str
) -> None:
    path = "/customers" if method == "POST" else ONE
    answer = await operator.request(method, path, json={**customer, **change})
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert "zqsecret" not in answer.text
    assert await ids(operator) == (SEEDS, None)


@pytest.mark.parametrize("customer_id", ["", ".", ".."])
async def test_an_id_that_no_path_can_carry_is_refused(
    operator: httpx.AsyncClient, customer: dict[str, Any], customer_id: str
) -> None:
    answer = await operator.post("/customers", json={**customer, "customerId": customer_id})
    assert answer.status_code == 400


async def test_put_replaces_a_customer_whole_and_makes_one_where_there_was_none(
    operator: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    required = {name: customer[name] for name in ("name", "address", "phone", "email")}
    for path in (ONE, "/customers/new"):
        answer = await operator.put(path, json=required)
        assert answer.status_code == 200
        replaced = answer.json()["customer"]
        assert replaced.keys() == {*required, "customerId", "createdAt", "updatedAt"}
        assert (await operator.get(path)).json()["customer"] == replaced
    assert await ids(operator) == ([*SEEDS, "new"], None)


async def test_put_of_a_customer_with_another_id_is_400(operator: httpx.AsyncClient, customer: dict[str, Any]) -> None:
    answer = await operator.put(ONE, json={**customer, "customerId": "another"})
    assert answer.status_code == 400
    assert await ids(operator) == (SEEDS, None)


async def test_a_deleted_customer_is_gone_from_both_sides(sides: Sides, operator: httpx.AsyncClient) -> None:
    assert (await operator.delete(ONE)).status_code == 204
    assert (await operator.delete(ONE)).status_code == 404
    assert (await operator.get(ONE)).status_code == 404
    assert (await (await sides.api()).get(ONE)).status_code == 404
    assert await ids(operator) == (SEEDS[:1], None)


async def test_pages_follow_one_another_without_gap_or_repetition(
    operator: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    names = [f"é {n}&+" for n in range(5)]
    for name in names:
        await operator.put(f"/customers/{name}", json=customer)
    seen: list[str] = []
    after: str | None = None
    while True:
        page, following = await ids(operator, limit=2, **({} if after is None else {"after": after}))
        seen += page
        if following is None:
            break
        assert following == page[-1]
        after = following
    assert seen == sorted([*SEEDS, *names], key=str.encode)


async def test_namespaces_do_not_see_one_anothers_customers(sides: Sides, customer: dict[str, Any]) -> None:
    one, other = await sides.operator("one"), await sides.operator("other")
    await one.put("/customers/new", json=customer)
    await one.delete(ONE)
    assert await ids(one) == ([SEEDS[0], "new"], None)
    assert await ids(other) == (SEEDS, None)
    assert (await other.get("/customers/new")).status_code == 404
    assert (await (await sides.api("other")).get("/customers/new")).status_code == 404
    assert (await (await sides.api("one")).get("/customers/new")).status_code == 200


async def test_updates_cannot_make_a_customer_larger_than_a_mebibyte(
    api: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    statuses = [(await api.post(ONE, json={**update, f"unknown{n}": "x" * 60_000})).status_code for n in range(18)]
    assert statuses == [200] * 17 + [413]
    before = (await api.get(ONE)).json()
    answer = await api.post(ONE, json={**update, "unknown17": "x" * 60_000})
    assert "1048576" in answer.json()["errors"][0]["message"]
    assert (await api.get(ONE)).json() == before
    assert (await api.post(ONE, json={**update, "unknown0": None})).status_code == 200


async def test_a_customer_that_grows_beyond_the_limit_when_it_is_stored_is_413(
    operator: httpx.AsyncClient, customer: dict[str, Any]
) -> None:
    # 1e99 is kept as 1e+99, so a body within the limit of bodies makes a customer beyond that of customers.
    body = httpx.Request("POST", "http://s", json=customer).content[:-1] + b',"customData":{"a":[%b1]}}' % (
        b"1e99," * 200_000
    )
    answer = await operator.post("/customers", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "1048576" in answer.json()["error"]
