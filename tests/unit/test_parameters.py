"""Parameters of a query, as operations of a later specification may have them: how each kind is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from trustly_api.operation import Operation
from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers import Trustly

from ._clients import ACCESS_ID, ACCESS_KEY, CUSTOMER_ID, a_customer


def with_parameters(parameters: dict[str, Any]) -> Operation[Any]:
    made: Callable[..., dict[str, Any]] = GET_CUSTOMER.request
    return Operation(
        operation_id=GET_CUSTOMER.operation_id,
        method=GET_CUSTOMER.method,
        path=GET_CUSTOMER.path,
        path_parameters=GET_CUSTOMER.path_parameters,
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
