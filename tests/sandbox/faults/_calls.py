"""One call with each kind of client, to a namespace of a sandbox."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Literal, cast

import httpx
from anyio.from_thread import BlockingPortal

from trustly_api.models import CustomerUpdate
from trustly_customers import AsyncTrustly, Customer, Trustly, TrustlyError
from trustly_customers.fast import FastTransport
from trustly_customers.sandbox import Sandbox, Store
from trustly_customers.sandbox._api.api import API
from trustly_customers.sandbox._app import _Application
from trustly_customers.sandbox._faults.requested import RequestedFaults
from trustly_customers.sandbox._faults.rules import Rules
from trustly_customers.sandbox._spec import load_spec
from trustly_customers.sandbox._stores import operations

Flavour = Literal["sync", "asyncio", "fast", "in process"]
FLAVOURS: tuple[Flavour, ...] = ("sync", "asyncio", "fast", "in process")
Method = Literal["get", "update"]
METHODS: tuple[Method, ...] = ("get", "update")

UPDATE: dict[str, Any] = load_spec().operations["updateCustomer"].request_example
FIRST: dict[str, Any] = load_spec().operations["getCustomer"].response_example["customer"]
ID: str = FIRST["customerId"]
assert UPDATE["name"] != FIRST["name"]


def application(app: object) -> _Application:
    assert isinstance(app, _Application)
    return app


def api_of(place: Place) -> tuple[API, BlockingPortal]:
    """The API itself, and the way to its loop."""
    runs = place.sandbox._runs
    assert runs is not None
    return application(runs.app)._api, runs.portal


def requested(place: Place) -> RequestedFaults:
    """What says which faults are due."""
    faults = api_of(place)[0]._faults
    assert isinstance(faults, RequestedFaults)
    return faults


@dataclass(frozen=True)
class Place:
    """A namespace of a sandbox that runs."""

    sandbox: Sandbox
    namespace: str

    @property
    def rules(self) -> Rules:
        runs = self.sandbox._runs
        assert runs is not None
        return application(runs.app).rules

    def ask(self, *faults: object, **more: object) -> dict[str, Any]:
        """Let a rule wait."""
        return self.rules.add(self.namespace, {"faults": list(faults), **more})

    @property
    def credentials(self) -> tuple[str, str]:
        return f"{self.sandbox.access_id}~{self.namespace}", self.sandbox.access_key

    def client(self, **options: Any) -> Trustly:
        """A client in process, or one with its own transport on the socket."""
        options.setdefault("transport", self.sandbox.transport())
        return Trustly(*self.credentials, **options)

    def stored(self, customer_id: str = ID) -> dict[str, Any]:
        """A customer as it is in the store, read past all faults."""
        (customer,) = self._read(customer_id)
        return cast("dict[str, Any]", json.loads(customer))

    def holds(self, customer_id: str = ID) -> bool:
        """Whether there is such a customer."""
        return bool(self._read(customer_id))

    def count(self) -> int:
        """How many customers there are."""
        return api_of(self)[1].call(self._store.read, operations.count(self.namespace))

    def _read(self, customer_id: str) -> list[bytes]:
        found = api_of(self)[1].call(self._store.get, self.namespace, customer_id)
        return [] if found is None else [found]

    @property
    def _store(self) -> Store:
        return self.rules._catalogue._customers._store

    def is_applied(self, customer_id: str = ID) -> bool:
        """Whether the update is in the store."""
        return self.holds(customer_id) and bool(self.stored(customer_id)["name"] == UPDATE["name"])


def attempt(
    place: Place, flavour: Flavour, method: Method, customer_id: str = ID, **options: Any
) -> Customer | TrustlyError:
    """Make one call with a new client; return what comes of it."""
    if flavour in ("sync", "in process"):
        if flavour == "sync":
            options["base_url"] = place.sandbox.base_url
        else:
            options["transport"] = place.sandbox.transport()
        with Trustly(*place.credentials, **options) as client:
            try:
                return (
                    client.customers.get(customer_id)
                    if method == "get"
                    else client.customers.update(customer_id, CustomerUpdate.from_dict(UPDATE))
                )
            except TrustlyError as error:
                return error
    return asyncio.run(_attempt_async(place, flavour, method, customer_id, options))


async def _attempt_async(
    place: Place, flavour: Flavour, method: Method, customer_id: str, options: dict[str, Any]
) -> Customer | TrustlyError:
    transport = FastTransport() if flavour == "fast" else None
    options["base_url"] = place.sandbox.base_url
    async with AsyncTrustly(*place.credentials, transport=transport, **options) as client:
        try:
            return await (
                client.customers.get(customer_id)
                if method == "get"
                else client.customers.update(customer_id, CustomerUpdate.from_dict(UPDATE))
            )
        except TrustlyError as error:
            return error


class Preferring(httpx.BaseTransport):
    """Sends each request with a `Prefer` header."""

    def __init__(self, inner: httpx.BaseTransport, value: str) -> None:
        self._inner = inner
        self._value = value

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Prefer"] = self._value
        return self._inner.handle_request(request)
