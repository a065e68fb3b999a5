"""The metrics, read by the library's own parser."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from .conftest import Sides

pytestmark = pytest.mark.anyio

ONE = "/customers/1002580963"


async def families(operator: httpx.AsyncClient) -> dict[str, Metric]:
    answer = await operator.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values(family: Metric, suffix: str = "") -> dict[tuple[str, ...], float]:
    found = (sample for sample in family.samples if sample.name == family.name + suffix)
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in found}


async def test_requests_are_counted_by_operation_and_status_and_what_they_took(
    sides: Sides, api: httpx.AsyncClient, operator: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    await api.get(ONE)
    await api.get(ONE)
    await api.post(ONE, json=update)
    await api.post(ONE, json={})
    await (await sides.api("one")).post("/customers/nobody", json=update)
    await api.get("/zqsecret")
    found = await families(operator)
    assert values(found["trustly_sandbox_requests"], "_total") == {
        ("getCustomer", "200"): 2,
        ("updateCustomer", "200"): 1,
        ("updateCustomer", "400"): 1,
        ("updateCustomer", "404"): 1,
        ("none", "404"): 1,
    }
    durations = found["trustly_sandbox_request_duration_seconds"]
    assert values(durations, "_count") == {("getCustomer",): 2, ("updateCustomer",): 3, ("none",): 1}
    assert all(seconds > 0 for seconds in values(durations, "_sum").values())
    buckets = values(durations, "_bucket")
    assert buckets["+Inf", "getCustomer"] == 2
    in_order = [number for (_, operation), number in buckets.items() if operation == "updateCustomer"]
    assert in_order == sorted(in_order)


async def test_updates_that_are_committed_and_what_the_journal_holds_are_told(
    sides: Sides, api: httpx.AsyncClient, operator: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    await api.post(ONE, json=update)
    await (await sides.api("one")).post(ONE, json=update)
    await api.post("/customers/nobody", json=update)
    await api.post(ONE, json={})
    found = await families(operator)
    assert values(found["trustly_sandbox_updates_committed"], "_total") == {(): 2}
    assert values(found["trustly_sandbox_journal_requests"]) == {(): 4}
    assert values(found["trustly_sandbox_journal_bytes"])[()] > 4 * 512
    await operator.delete("/requests")
    assert values((await families(operator))["trustly_sandbox_journal_requests"]) == {(): 1}


async def test_no_label_holds_what_a_caller_chose(
    api: httpx.AsyncClient, operator: httpx.AsyncClient, update: dict[str, Any]
) -> None:
    await api.request("ZQSECRET", ONE)
    await api.get("/customers/zqsecret", headers={"Zqsecret": "zqsecret"})
    await api.get("/zqsecret", auth=("zqsecret", "zqsecret"))
    await api.post(ONE, json={**update, "zqsecret": "zqsecret"})
    answer = await operator.get("/metrics")
    assert answer.status_code == 200
    assert "zqsecret" not in answer.text.lower()


async def test_applications_in_one_process_count_apart(sides: Sides, api: httpx.AsyncClient) -> None:
    from trustly_customers.sandbox import create_app, open_store  # noqa: PLC0415 - a second application

    await api.get(ONE)
    store = open_store()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(store)), base_url="http://s/_sandbox", auth=("sandbox", "sandbox")
    ) as other:
        assert values((await families(other))["trustly_sandbox_requests"], "_total") == {}
    await store.close()
    assert values((await families(await sides.operator()))["trustly_sandbox_requests"], "_total") == {
        ("getCustomer", "200"): 1
    }


async def test_without_the_library_metrics_say_what_to_install(
    operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys  # noqa: PLC0415 - what is taken away

    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "trustly_customers.sandbox._operator.exposition", raising=False)
    answer = await operator.get("/metrics")
    assert answer.status_code == 501
    assert "trustly-customers[sandbox]" in answer.json()["error"]
