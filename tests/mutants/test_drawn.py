"""What is drawn can be drawn again, and goes wrong indeed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import httpx
import pytest
from _pytest.mark import ParameterSet

from . import _failures as failures
from ._conditions import texts, values
from ._failures import Failure
from ._mutant import ACCESS_ID, ACCESS_KEY, CUSTOMER_IDS, Answer, Around, Call, Document, Mutant, Server, application
from .catalogue import is_mutant, named
from .drawn import names

_FIRST, _OTHER = CUSTOMER_IDS.split(",")
_UPDATE = {
    "name": "Nobody at All",
    "address": {"country": "CA", "city": "Nowhere"},
    "phone": "5550100",
    "email": "nobody@example.com",
    "taxId": "900123456",
}


def test_a_seed_draws_the_same_servers_again_and_another_one_others() -> None:
    assert names(50, seed=1) == names(50, seed=1)
    assert len({*names(50, seed=1), *names(50, seed=2)}) > 50
    assert [named(name).defect for name in names(50, seed=1)] == [named(name).defect for name in names(50, seed=1)]
    assert all(is_mutant(name) for name in names(50, seed=1))
    assert not is_mutant("drawn-x")


def test_hardly_two_are_alike() -> None:
    defects = [named(name).defect for name in names(500, seed=3)]
    assert len({*defects}) > 450
    assert [defect for defect in defects if "{" in defect.split(" where ")[0]] == []


def test_every_property_and_member_can_go_wrong() -> None:
    update = {condition.of for condition in chain(texts(), values(allowed=True))}
    assert {("name",), ("vip",), ("address",), ("address", "city"), ("driverLicense", "number")} <= update
    words = {condition.words for condition in values(allowed=False)}
    assert {"name is missing", "name is null", "phone is an integer", "address.city is null"} <= words
    assert {"vip is null", "address.city is missing", "customData is an object"}.isdisjoint(words)
    allowed = {condition.words for condition in values(allowed=True)}
    assert allowed.isdisjoint(words)
    assert "driverLicense is null" in allowed


def _seen(failure: Failure | None, place: tuple[str, ...], **request: Any) -> list[Any]:
    """Return the answer to a request that goes wrong, and what is read of both customers afterwards."""

    def make() -> Around:
        left = [] if failure is None else [failure]

        async def act(call: Call, server: Server) -> Answer:
            return await (left.pop().act(call, server, place) if left else server(call))

        return act

    async def run() -> list[Any]:
        app, close = application(Mutant("once", "", make))
        transport, base_url = httpx.ASGITransport(app), "http://127.0.0.1/api/v1/customers/"
        try:
            async with httpx.AsyncClient(
                transport=transport, base_url=base_url, auth=(ACCESS_ID, ACCESS_KEY)
            ) as client:
                answers = [await client.request(**request), await client.get(_FIRST), await client.get(_OTHER)]
                return [_told(answer) for answer in answers]
        finally:
            await close()

    return asyncio.run(run())


def _told(answer: httpx.Response) -> Any:
    headers = [answer.headers.get(name) for name in ("content-type", "cache-control", "www-authenticate")]
    try:
        body = answer.json()
    except ValueError:
        body = answer.text
    return answer.status_code, headers, _without_now(body)


def _without_now(value: Any) -> Any:
    """A value in which a time of a moment ago is no number."""
    if isinstance(value, dict):
        return {name: _without_now(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_now(item) for item in value]
    return "now" if isinstance(value, int) and abs(value - time.time() * 1000) < _MOMENT else value


_MOMENT = 600_000
_POST = {"method": "POST", "url": _FIRST, "json": _UPDATE}
_REFUSED: dict[int, Document] = {
    400: {**_POST, "json": {}},
    401: {**_POST, "auth": None},
    404: {**_POST, "url": "nobody"},
    413: {**_POST, "json": {**_UPDATE, "text": "x" * 70_000}},
    415: {"method": "POST", "url": _FIRST, "content": json.dumps(_UPDATE), "headers": {"Content-Type": "text/plain"}},
}


def _cases() -> Iterator[ParameterSet]:
    for failure in (*failures.OF_UPDATES, *failures.OF_PROPERTIES, *failures.OF_VALUES, *failures.OF_TEXTS):
        yield pytest.param(failure, ("phone",), _POST, id=failure.words)
    for failure in failures.OF_READS:
        yield pytest.param(failure, (), {"method": "GET", "url": _FIRST}, id=failure.words)
    for failure in failures.OF_WRONG_VALUES:
        yield pytest.param(failure, ("phone",), {**_POST, "json": {**_UPDATE, "phone": 7}}, id=failure.words)
    for status, some in failures.OF_REFUSALS.items():
        for failure in some:
            yield pytest.param(failure, (), _REFUSED[status], id=failure.words.format(status))


@pytest.mark.parametrize(("failure", "place", "request_"), list(_cases()))
def test_each_failure_can_be_seen(failure: Failure, place: tuple[str, ...], request_: Document) -> None:
    right = _seen(None, place, **request_)
    assert _seen(None, place, **request_) == right
    assert _seen(failure, place, **request_) != right
