"""Faults at the operator's word: what goes over HTTP. What they do is tested where they are."""

from __future__ import annotations

import httpx
import pytest

from trustly_customers.sandbox._http import ConnectionBrokenError

from .conftest import Sides

pytestmark = pytest.mark.anyio

RULE = {"faults": ["reset-before"], "times": 3}


async def rules(operator: httpx.AsyncClient) -> list[int]:
    return [rule["id"] for rule in (await operator.get("/faults")).json()["rules"]]


async def add(operator: httpx.AsyncClient) -> int:
    answer = await operator.post("/faults", json=RULE)
    assert answer.status_code == 201
    number: int = answer.json()["rule"]["id"]
    return number


async def test_a_rule_is_added_listed_and_deleted(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/faults", json=RULE)
    assert answer.status_code == 201
    rule = answer.json()["rule"]
    assert rule["times"] == 3
    assert (await operator.get("/faults")).json() == {"rules": [rule]}
    assert (await operator.delete(f"/faults/{rule['id']}")).status_code == 204
    assert (await operator.delete(f"/faults/{rule['id']}")).status_code == 404
    assert await rules(operator) == []


async def test_all_rules_are_dropped_at_once(operator: httpx.AsyncClient) -> None:
    for _ in range(3):
        await add(operator)
    assert (await operator.delete("/faults")).status_code == 204
    assert await rules(operator) == []


async def test_a_fault_that_nobody_knows_is_400_with_those_there_are(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/faults", json={"faults": ["zqsecret"]})
    assert answer.status_code == 400
    assert "reset-before" in answer.json()["error"]
    assert "zqsecret" not in answer.text
    assert await rules(operator) == []


@pytest.mark.parametrize("number", ["0", "-1", "zqsecret", "9" * 400, "%D9%A3", "01", f"1{10**18}", f"{1:019}"])
async def test_a_rule_that_is_not_there_is_404(operator: httpx.AsyncClient, number: str) -> None:
    await add(operator)
    assert (await operator.delete(f"/faults/{number}")).status_code == 404
    assert len(await rules(operator)) == 1


async def test_rules_belong_to_a_namespace_and_go_with_its_reset_and_its_end(sides: Sides) -> None:
    one, other = await sides.operator("one"), await sides.operator("other")
    kept = await add(other)
    for method, path in (("POST", "/reset"), ("DELETE", "/namespace")):
        number = await add(one)
        assert (await other.delete(f"/faults/{number}")).status_code == 404
        await one.request(method, path)
        assert await rules(one) == []
    assert await rules(other) == [kept]


async def test_the_catalogue_is_a_list(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/faults/catalogue")
    assert answer.status_code == 200
    assert {"name": "answer-lost", "parameters": {}} in answer.json()["faults"]


async def test_a_rule_is_met_and_the_journal_and_the_metrics_say_so(sides: Sides, operator: httpx.AsyncClient) -> None:
    api = await sides.api()
    await operator.post("/faults", json={"faults": [{"name": "status", "status": 503}], "times": 2})
    assert [(await api.get("/customers/1002580963")).status_code for _ in range(3)] == [503, 503, 200]
    entries = (await operator.get("/requests")).json()["requests"]
    assert [(entry["status"], entry["faults"]) for entry in entries] == [(503, ["status"])] * 2 + [(200, [])]
    assert 'trustly_sandbox_faults_total{fault="status"} 2.0' in (await operator.get("/metrics")).text


async def test_an_update_whose_answer_is_lost_is_committed_and_has_no_status(
    sides: Sides, operator: httpx.AsyncClient, update: dict[str, object]
) -> None:
    await operator.post("/faults", json={"faults": ["answer-lost"]})
    with pytest.raises(ConnectionBrokenError):
        await (await sides.api()).post("/customers/1002580963", json=update)
    (entry,) = (await operator.get("/requests?status=none")).json()["requests"]
    assert (entry["operation"], entry["faults"]) == ("updateCustomer", ["answer-lost"])
    assert "trustly_sandbox_updates_committed_total 1.0" in (await operator.get("/metrics")).text
