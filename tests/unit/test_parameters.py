"""Parameters of the query and of headers, as operations of a later specification may have them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from trustly_api.operation import Operation
from trustly_api.resources.customers import GET_CUSTOMER, UPDATE_CUSTOMER
from trustly_api.types import UNSET
from trustly_customers import InvalidRequestError, Trustly

from . import _spec
from ._clients import ACCESS_ID, ACCESS_KEY, CUSTOMER_ID, Client, Connect, a_customer, an_update
from .conftest import EditSpec


def with_parameters(parameters: dict[str, Any]) -> Operation[Any]:
    made: Callable[..., dict[str, Any]] = GET_CUSTOMER.request
    return Operation(
        operation_id=GET_CUSTOMER.operation_id,
        method=GET_CUSTOMER.method,
        path=GET_CUSTOMER.path,
        path_parameters=GET_CUSTOMER.path_parameters,
        parameters={},
        request=lambda customer_id: {**made(customer_id), "params": parameters},
        parse=GET_CUSTOMER.parse,
        success=GET_CUSTOMER.success,
    )


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"tag": None}, ""),
        ({"tag": "a b&c=d/é"}, "tag=a+b%26c%3Dd%2F%C3%A9"),
        ({"limit": 5, "share": 0.5}, "limit=5&share=0.5"),
        ({"all": True, "none": False}, "all=true&none=false"),
        ({"ids": ["a", "b"], "flags": [True]}, "ids=a&ids=b&flags=true"),
    ],
)
def test_a_query_is_written_as_the_specification_means_it(
    parameters: dict[str, Any], query: str, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.route(path__regex=".*").mock(httpx.Response(200, json={"customer": a_customer().to_dict()}))
    with Trustly(ACCESS_ID, ACCESS_KEY) as client:
        client.customers._call(with_parameters(parameters), customer_id=CUSTOMER_ID)
    assert route.calls.last.request.url.query.decode() == query


class Level(enum.IntEnum):
    LOW = 1


SCHEMAS: dict[tuple[str, str], _spec.Schema] = {
    ("header", "Idempotency-Key"): {"type": "string", "minLength": 3},
    ("header", "X-Level"): {"type": "integer", "enum": [1, 2]},
    ("header", "X-Dry"): {"type": "boolean"},
    ("header", "X-Since"): {"type": "string", "format": "date-time"},
    ("query", "mode"): {"type": "string", "maxLength": 3},
    ("query", "ids"): {"type": "array", "items": {"type": "integer"}},
}
NAMES = {
    "idempotency_key": ("header", "Idempotency-Key"),
    "x_level": ("header", "X-Level"),
    "x_dry": ("header", "X-Dry"),
    "x_since": ("header", "X-Since"),
    "mode": ("query", "mode"),
    "ids": ("query", "ids"),
}


def add_parameters(document: _spec.Json) -> None:
    parameters = [{"in": place, "name": name, "schema": schema} for (place, name), schema in SCHEMAS.items()]
    document["components"]["parameters"]["Mode"] = parameters.pop(4)
    item = document["paths"][UPDATE_CUSTOMER.path]
    item["post"]["parameters"] = parameters
    item["parameters"].append({"$ref": "#/components/parameters/Mode"})


def request(customer_id: str, body: Any, **arguments: Any) -> dict[str, Any]:
    """Make a request as generated code does."""
    made = UPDATE_CUSTOMER.request(customer_id, body=body)
    given = {NAMES[name]: value for name, value in arguments.items() if value is not UNSET}
    headers = {name: value for (place, name), value in given.items() if place == "header"}
    params = {name: value for (place, name), value in given.items() if place == "query" and value is not None}
    return {**made, "headers": {**made["headers"], **headers}, "params": params}


def endless() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "zq\r\n"


UPDATE = dataclasses.replace(UPDATE_CUSTOMER, request=request, parameters=NAMES)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        *[
            ({"idempotency_key": value}, "idempotency_key must be printable ASCII without spaces around it, since it")
            for value in ("zq\r\nX-Zq: 1", "zq\n", "zq\0", "zqé", "zq€", " zq", "zq ", "zq\x7f", "\ud800zq")
        ],
        ({"idempotency_key": None}, "idempotency_key holds a value of a type that a header has no form for"),
        ({"idempotency_key": ["zq"]}, "idempotency_key holds a value of a type that a header has no form for"),
        ({"idempotency_key": b"zq"}, "idempotency_key holds a value of a type that a header has no form for"),
        ({"idempotency_key": 5}, "idempotency_key is not of type string"),
        ({"idempotency_key": "zq"}, "idempotency_key does not fit minLength 3"),
        ({"idempotency_key": ""}, "idempotency_key does not fit minLength 3"),
        ({"x_level": 3}, "x_level does not fit enum [1, 2]"),
        ({"x_level": float("nan")}, "x_level is not of type integer"),
        ({"x_dry": "zq"}, "x_dry is not of type boolean"),
        ({"x_since": "zqzq"}, "x_since does not fit format date-time"),
        ({"mode": "zqzq"}, "mode does not fit maxLength 3"),
        ({"mode": None}, "mode is not of type string"),
        ({"mode": "\ud800"}, "mode must be valid Unicode, without lone surrogates"),
        ({"ids": endless()}, "ids holds a value of a type that a query has no form for"),
        ({"ids": [10**9999]}, "ids holds a number of more digits than Python writes"),
        ({"mode": {"zq": 1}}, "mode holds a value of a type that a query has no form for"),
        ({"ids": [1, "zq"]}, "ids.1 is not of type integer"),
        ({"ids": [1, "\ud800"]}, "ids must be valid Unicode, without lone surrogates"),
    ],
)
async def test_a_parameter_that_is_not_acceptable_is_refused_by_name(
    arguments: dict[str, Any], told: str, edit_spec: EditSpec, client: Client, server: respx.MockRouter
) -> None:
    edit_spec(add_parameters)
    with pytest.raises(InvalidRequestError) as caught:
        await client.send(UPDATE, customer_id=CUSTOMER_ID, body=an_update(), **arguments)
    assert str(caught.value).startswith(told)
    assert str(caught.value).endswith("; nothing was sent")
    assert "zq" not in str(caught.value)
    assert not server.calls


@pytest.mark.anyio
async def test_a_parameter_arrives_as_the_specification_means_it(
    edit_spec: EditSpec, client: Client, server: respx.MockRouter
) -> None:
    edit_spec(add_parameters)
    since = dt.datetime(2027, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    arguments = {"idempotency_key": "a\tb c", "x_level": Level.LOW, "x_dry": False, "x_since": since, "mode": Text("é")}
    await client.send(UPDATE, customer_id=CUSTOMER_ID, body=an_update(), ids=[1, 2], **arguments)
    sent = server.calls.last.request
    assert sent.url.query == b"ids=1&ids=2&mode=%C3%A9"
    headers = {name: sent.headers.get(name) for place, name in SCHEMAS if place == "header"}
    assert list(headers.values()) == ["a\tb c", "1", "false", "2027-01-02T03:04:05+00:00"]
    await client.send(UPDATE, customer_id=CUSTOMER_ID, body=an_update(), mode=UNSET)
    assert not server.calls.last.request.url.query


@pytest.mark.anyio
async def test_without_validation_a_parameter_is_held_to_what_can_be_sent_alone(
    edit_spec: EditSpec, connect: Connect, server: respx.MockRouter
) -> None:
    edit_spec(add_parameters)
    client = connect(validate=False)
    await client.send(UPDATE, customer_id=CUSTOMER_ID, body=an_update(), idempotency_key="", x_level=7, mode=None)
    sent = server.calls.last.request
    assert (sent.headers["idempotency-key"], sent.headers["x-level"], sent.url.query) == ("", "7", b"")
    for arguments in ({"idempotency_key": "a\r\n"}, {"idempotency_key": None}, {"mode": "\ud800"}):
        with pytest.raises(InvalidRequestError):
            await client.send(UPDATE, customer_id=CUSTOMER_ID, body=an_update(), **arguments)
    assert len(server.calls) == 1
