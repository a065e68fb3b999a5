"""A namespace as a whole: reset, snapshots, its end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import Sides

pytestmark = pytest.mark.anyio

ONE = "/customers/1002580963"


async def everything(operator: httpx.AsyncClient) -> Any:
    return (await operator.get("/customers")).json()


async def test_reset_brings_back_the_examples_and_empties_the_journal_and_leaves_snapshots(
    sides: Sides, update: dict[str, Any]
) -> None:
    operator, api = await sides.operator("one"), await sides.api("one")
    before = await everything(operator)
    await api.post(ONE, json=update)
    await operator.put("/snapshots/changed", json={})
    await operator.delete("/customers/1001165729")
    await operator.put("/customers/new", json=update | {"customerId": "new"})
    assert (await operator.post("/reset")).status_code == 204
    assert await everything(operator) == before
    assert (await operator.get("/requests")).json() == {"requests": [], "count": 0}
    assert (await operator.get("/snapshots")).json() == {"snapshots": ["changed"]}


async def test_reset_and_the_end_of_a_namespace_concern_that_one_alone(sides: Sides, update: dict[str, Any]) -> None:
    other, api = await sides.operator("other"), await sides.api("other")
    await api.post(ONE, json=update)
    await other.put("/snapshots/mine")
    before = await everything(other)
    for namespace in ("", "one"):
        one = await sides.operator(namespace)
        await one.put("/snapshots/mine")
        assert (await one.post("/reset")).status_code == 204
        assert (await one.delete("/namespace")).status_code == 204
    assert await everything(other) == before
    assert (await other.get("/requests")).json()["count"] == 1
    assert (await other.get("/snapshots")).json() == {"snapshots": ["mine"]}


async def test_a_namespace_that_was_deleted_begins_anew(sides: Sides, update: dict[str, Any]) -> None:
    operator, api = await sides.operator("one"), await sides.api("one")
    before = await everything(operator)
    await api.post(ONE, json=update)
    await operator.put("/snapshots/a")
    assert (await operator.delete("/namespace")).status_code == 204
    assert (await operator.get("/snapshots")).json() == {"snapshots": []}
    assert (await operator.get("/requests")).json()["count"] == 0
    assert await everything(operator) == before


async def test_a_snapshot_brings_everything_back_as_often_as_it_is_restored(
    sides: Sides, update: dict[str, Any]
) -> None:
    operator, api = await sides.operator("one"), await sides.api("one")
    before = await everything(operator)
    assert (await operator.put("/snapshots/a")).status_code == 204
    for _ in range(2):
        await api.post(ONE, json=update)
        await operator.delete("/customers/1001165729")
        assert (await operator.post("/snapshots/a/restore")).status_code == 204
        assert await everything(operator) == before


async def test_a_snapshot_of_the_same_name_is_replaced(sides: Sides, update: dict[str, Any]) -> None:
    operator, api = await sides.operator("one"), await sides.api("one")
    await operator.put("/snapshots/a")
    await api.post(ONE, json=update)
    after = await everything(operator)
    await operator.put("/snapshots/a")
    await operator.post("/reset")
    await operator.post("/snapshots/a/restore")
    assert await everything(operator) == after


async def test_a_snapshot_that_is_not_there_is_404_and_changes_nothing(sides: Sides) -> None:
    one, other = await sides.operator("one"), await sides.operator("other")
    await other.put("/snapshots/a")
    before = await everything(one)
    for method, path in (("POST", "/snapshots/a/restore"), ("DELETE", "/snapshots/a")):
        assert (await one.request(method, path)).status_code == 404
    assert await everything(one) == before
    assert (await other.delete("/snapshots/a")).status_code == 204
    assert (await other.get("/snapshots")).json() == {"snapshots": []}


@pytest.mark.parametrize("name", ["a%20b", "a%2Fb", "~", "%C3%A9", "x" * 65])
async def test_the_name_of_a_snapshot_is_bounded(operator: httpx.AsyncClient, name: str) -> None:
    answer = await operator.put(f"/snapshots/{name}")
    assert answer.status_code == 400
    assert "1 to 64" in answer.json()["error"]
    assert (await operator.get("/snapshots")).json() == {"snapshots": []}
