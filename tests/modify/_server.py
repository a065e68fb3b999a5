"""A server with one customer, which goes wrong as it is told to."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable
from importlib import resources
from typing import Any

import httpx

Json = Any
Step = Callable[["Server", httpx.Request], httpx.Response | None]

SPEC: Json = json.loads(resources.files("trustly_api").joinpath("openapi.json").read_bytes())
SCHEMAS: Json = SPEC["components"]["schemas"]
REQUIRED: frozenset[str] = frozenset(SCHEMAS["CustomerUpdate"]["required"])


def example() -> dict[str, Json]:
    """Return the specification's example of a customer, a copy each time."""
    found: dict[str, Json] = json.loads(json.dumps(SPEC["components"]["examples"]["CustomerResponse"]["value"]))
    customer: dict[str, Json] = found["customer"]
    return customer


class Server:
    """Answers as the provider does: GET gives the customer, POST sets what it is sent and removes what is null."""

    def __init__(self) -> None:
        self.customer = example()
        self.methods: list[str] = []
        self.bodies: list[dict[str, Json]] = []
        self._steps: defaultdict[str, deque[Step]] = defaultdict(deque)

    def on(self, method: str, *steps: Step) -> None:
        """Take these steps at the next requests of a method, one each; then be well again."""
        self._steps[method].extend(steps)

    def set(self, /, **properties: Json) -> None:
        """Change the customer, as somebody else's update does."""
        for name, value in properties.items():
            if value is None:
                self.customer.pop(name, None)
            else:
                self.customer[name] = value

    def changes(self) -> list[dict[str, Json]]:
        """Return what was sent besides the required properties as they were in the example."""
        before = example()
        return [
            {name: value for name, value in body.items() if name not in REQUIRED or value != before[name]}
            for body in self.bodies
        ]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.method)
        if request.method == "POST":
            self.bodies.append(json.loads(request.content))
        steps = self._steps[request.method]
        answer = steps.popleft()(self, request) if steps else None
        return self.carry_out(request) if answer is None else answer

    def carry_out(self, request: httpx.Request) -> httpx.Response:
        """Do what the request wants."""
        if request.method == "POST":
            self.set(**json.loads(request.content))
            self.customer["updatedAt"] += 1
        return httpx.Response(200, json={"customer": self.customer})


def meanwhile(**properties: Json) -> Step:
    """Somebody else's update arrives first."""

    def step(server: Server, _: httpx.Request) -> None:
        server.set(**properties)

    return step


def lost_after(server: Server, request: httpx.Request) -> httpx.Response:
    """The request is carried out and its answer lost."""
    server.carry_out(request)
    raise httpx.ReadTimeout("lost")


def lost_before(_server: Server, _request: httpx.Request) -> httpx.Response:
    """The connection breaks before the request is carried out, which the client cannot know."""
    raise httpx.ReadError("lost")


def no_connection(_server: Server, _request: httpx.Request) -> httpx.Response:
    """There is no connection, so that the request surely was not sent."""
    raise httpx.ConnectError("refused")


def answer(status: int, **headers: str) -> Step:
    """Only the status is sent."""

    def step(_server: Server, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return step


def both(*steps: Step) -> Step:
    """Take several steps at one request; the last gives the answer."""

    def step(server: Server, request: httpx.Request) -> httpx.Response | None:
        found = None
        for each in steps:
            found = each(server, request)
        return found

    return step
