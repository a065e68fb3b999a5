"""What an update does to a customer, and what it leaves alone."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox._api.customers import updated

pytestmark = pytest.mark.anyio

REQUIRED = ("name", "address", "phone", "email")


def required(update: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**{name: update[name] for name in REQUIRED}, **changes}


async def customer(api: httpx.AsyncClient, path: str) -> Any:
    answer = await api.get(path)
    assert answer.status_code == 200
    return answer.json()["customer"]


def test_the_required_four_are_those_of_the_specification(components: Any) -> None:
    assert set(REQUIRED) == set(components["schemas"]["CustomerUpdate"]["required"])


async def test_the_two_seeded_customers_are_the_examples_of_the_specification(
    api: httpx.AsyncClient, components: Any
) -> None:
    response = components["examples"]["CustomerResponse"]["value"]
    request = components["examples"]["CustomerUpdate"]["value"]
    assert (await api.get(f"/customers/{response['customer']['customerId']}")).json() == response
    second = await customer(api, f"/customers/{request['customerId']}")
    assert second.items() >= request.items()
    assert second.keys() >= set(components["schemas"]["Customer"]["required"])


@pytest.mark.clause("set-fields")
@pytest.mark.clause("read-your-writes")
async def test_an_update_sets_what_it_holds_and_the_next_read_returns_what_it_returned(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    answer = await api.post(path, json=update)
    assert answer.status_code == 200
    held = {name: value for name, value in update.items() if name != "customerId"}
    assert answer.json()["customer"].items() >= held.items()
    assert await customer(api, path) == answer.json()["customer"]


@pytest.mark.clause("one-customer")
async def test_an_update_leaves_the_other_customer_alone(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], components: Any
) -> None:
    other = f"/customers/{components['examples']['CustomerUpdate']['value']['customerId']}"
    before = await customer(api, other)
    assert (await api.post(path, json=update)).status_code == 200
    assert path != other
    assert await customer(api, other) == before


@pytest.mark.clause("keep-omitted")
async def test_an_update_that_leaves_a_field_out_keeps_it(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    before = await customer(api, path)
    after = (await api.post(path, json=required(update))).json()["customer"]
    changed = {*REQUIRED, "updatedAt"}
    assert {k: v for k, v in after.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}
    assert after["taxId"]


@pytest.mark.clause("replace-nested")
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("address", [{"country": "US", "zip": "1", "extra": 1}, {"country": "CA"}]),
        ("driverLicense", [{"number": "1", "state": "CA", "extra": 1}, {"number": "2", "state": "NY"}]),
        ("customData", [{"a": {"b": 1}}, {"a": {"c": 2}}, {}]),
    ],
)
async def test_a_nested_object_is_replaced_whole(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], field: str, values: list[Any]
) -> None:
    for value in values:
        await api.post(path, json={**update, field: value})
        assert (await customer(api, path))[field] == value


@pytest.mark.clause("remove-with-null")
@pytest.mark.clause("no-null-in-answers")
async def test_null_removes_every_optional_property_and_an_unknown_one_too(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], components: Any
) -> None:
    optional = set(components["schemas"]["CustomerUpdate"]["properties"]) - set(REQUIRED)
    await api.post(path, json={**update, "unknown": 1})
    answer = await api.post(path, json=required(update, unknown=None, neverHeardOf=None, **dict.fromkeys(optional)))
    assert answer.status_code == 200
    assert answer.json()["customer"].keys() == {*REQUIRED, "customerId", "createdAt", "updatedAt"}
    assert await customer(api, path) == answer.json()["customer"]


@pytest.mark.clause("remove-with-null")
@pytest.mark.parametrize(
    "change",
    [
        *({name: None} for name in REQUIRED),
        {"address": {"country": "US", "city": None}},
        {"driverLicense": {"number": "1", "state": None}},
    ],
)
async def test_null_is_refused_for_a_required_property_and_for_a_member_of_a_nested_object(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], change: dict[str, Any]
) -> None:
    assert (await api.post(path, json={**update, **change})).status_code == 400


async def test_null_inside_custom_data_is_kept(api: httpx.AsyncClient, path: str, update: dict[str, Any]) -> None:
    answer = await api.post(path, json={**update, "customData": {"a": None, "b": [None]}})
    assert answer.json()["customer"]["customData"] == {"a": None, "b": [None]}


@pytest.mark.clause("provider-set")
@pytest.mark.clause("created-at")
@pytest.mark.parametrize("value", ["1", 1, None, {"a": [1]}])
async def test_provider_set_fields_that_arrive_are_ignored_whatever_they_hold(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], components: Any, value: Any
) -> None:
    properties = components["schemas"]["Customer"]["properties"]
    provider_set = [name for name, schema in properties.items() if schema.get("readOnly")]
    before = await customer(api, path)
    answer = await api.post(path, json={**update, **dict.fromkeys(provider_set, value)})
    after = answer.json()["customer"]
    assert answer.status_code == 200
    assert after["customerId"] == before["customerId"]
    assert after["createdAt"] == before["createdAt"]
    assert after["updatedAt"] > before["updatedAt"]


@pytest.mark.clause("vip-tier")
async def test_a_vip_tier_is_kept_as_the_string_it_is_and_a_removed_customer_has_none(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    for tier in ("1", "9", "10", "100"):
        assert (await api.post(path, json={**update, "vip": tier})).status_code == 200
        assert (await customer(api, path))["vip"] == tier
    await api.post(path, json={**update, "vip": None})
    assert "vip" not in await customer(api, path)


@pytest.mark.clause("milliseconds")
async def test_an_update_shows_when_it_was_made(api: httpx.AsyncClient, path: str, update: dict[str, Any]) -> None:
    before = time.time_ns() // 1_000_000
    shown = (await api.post(path, json=update)).json()["customer"]["updatedAt"]
    assert before <= shown <= time.time_ns() // 1_000_000


@pytest.mark.clause("updated-at")
async def test_updated_at_increases_with_every_update_even_within_one_millisecond(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    times = [(await api.post(path, json=update)).json()["customer"]["updatedAt"] for _ in range(20)]
    assert times == sorted(set(times))


@pytest.mark.clause("updated-at")
@pytest.mark.parametrize(("now", "expected"), [(5, 11), (10, 11), (11, 11), (99, 99)])
def test_updated_at_increases_even_when_the_clock_goes_back(now: int, expected: int) -> None:
    assert updated({"updatedAt": 10}, {}, now=now) == {"updatedAt": expected}


@pytest.mark.clause("unknown-fields")
async def test_properties_that_the_specification_does_not_name_are_kept_at_every_level(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    update["nickname"] = {"x": [1, None, "é"]}
    update["address"]["floor"] = 3
    await api.post(path, json=update)
    after = await customer(api, path)
    assert after["nickname"] == update["nickname"]
    assert after["address"] == update["address"]


@pytest.mark.clause("unknown-id")
async def test_an_unknown_id_is_404_and_creates_nothing(api: httpx.AsyncClient, update: dict[str, Any]) -> None:
    for answer in (await api.post("/customers/nobody", json=update), await api.get("/customers/nobody")):
        assert answer.status_code == 404
        assert answer.json()["errors"]


@pytest.mark.clause("atomic-rejection")
async def test_a_rejected_update_changes_nothing(api: httpx.AsyncClient, path: str, update: dict[str, Any]) -> None:
    before = await customer(api, path)
    bad = {**update, "vip": "9", "address": {"country": "usa"}}
    assert (await api.post(path, json=bad)).status_code == 400
    assert await customer(api, path) == before


@pytest.mark.clause("exact-strings")
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t x \r\n",
        "nul\0inside",
        "e\u0301 \u00e9",
        "\U0001f9d1\u200d\U0001f680",
        "\ufeff\u2028\u2029",
        '"\\/',
        "\uffff",
    ],
)
async def test_strings_come_back_code_point_for_code_point(
    api: httpx.AsyncClient, path: str, update: dict[str, Any], text: str
) -> None:
    await api.post(path, json={**update, "taxId": text, "customData": {text: text}})
    after = await customer(api, path)
    assert after["taxId"] == text
    assert after["customData"] == {text: text}


@pytest.mark.clause("concurrent-updates")
async def test_updates_of_different_fields_at_the_same_moment_all_survive(
    api: httpx.AsyncClient, path: str, update: dict[str, Any]
) -> None:
    base = required(update)
    answers = await asyncio.gather(*(api.post(path, json={**base, f"field{n}": n}) for n in range(50)))
    after = await customer(api, path)
    assert {answer.status_code for answer in answers} == {200}
    assert after.items() >= {f"field{n}": n for n in range(50)}.items()
    assert len({answer.json()["customer"]["updatedAt"] for answer in answers}) == 50
