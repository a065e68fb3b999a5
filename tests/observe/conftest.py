"""Either client over a function that answers, behind awaited calls."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any, cast

import httpx
import pytest

from trustly_customers import AsyncTrustly, Customer, CustomerUpdate, Trustly

ID = "zqcustomer77"
KINDS = {"sync": Trustly, "asyncio": AsyncTrustly, "trio": AsyncTrustly}
SPEC: Any = json.loads(resources.files("trustly_api").joinpath("openapi.json").read_bytes())
ANSWER: Any = SPEC["components"]["examples"]["CustomerResponse"]["value"]
SECRET = "zqsecret"

Answers = Callable[[httpx.Request], httpx.Response]
Connect = Callable[..., "Client"]


def well(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWER, headers={"X-Request-Id": "req-1", "X-Words": SECRET})


def in_turn(*steps: Answers | type[httpx.TransportError]) -> Answers:
    """Answer one request with each of the steps, an error among them is raised."""
    left: Iterator[Any] = iter(steps)

    def answer(request: httpx.Request) -> httpx.Response:
        step = next(left)
        if isinstance(step, type):
            raise step(SECRET)
        return cast("httpx.Response", step(request))

    return answer


def status(code: int) -> Answers:
    envelope = {"errors": [{"domain": SECRET, "code": 200, "message": SECRET}]}
    return lambda _: httpx.Response(code, json=envelope, headers={"Retry-After": "0"})


class Client:
    def __init__(self, kind: str, answers: Answers, **options: Any) -> None:
        self.inner = KINDS[kind]("zqid", "zqkey", transport=httpx.MockTransport(answers), **options)

    async def get(self) -> Customer:
        result: Any = self.inner.customers.get(ID)
        return cast("Customer", await result if inspect.isawaitable(result) else result)

    async def update(self, name: str = SECRET) -> Customer:
        body = CustomerUpdate.from_dict({**SPEC["components"]["examples"]["CustomerUpdate"]["value"], "name": name})
        result: Any = self.inner.customers.update(ID, body)
        return cast("Customer", await result if inspect.isawaitable(result) else result)


@pytest.fixture
def connect(flavour: str) -> Connect:
    def connect(answers: Answers = well, **options: Any) -> Client:
        return Client(flavour, answers, **options)

    return connect
