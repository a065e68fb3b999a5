"""The operator's side as a whole: who may ask, where each request goes, and what watches the API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from itertools import chain

from trustly_customers.sandbox._api.auth import CHALLENGE, NAMESPACE_RULE, BasicCredentials, NamespaceNameError
from trustly_customers.sandbox._api.customers import GET, Customers
from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._api.records import Records
from trustly_customers.sandbox._api.routing import Router
from trustly_customers.sandbox._errors import SandboxError
from trustly_customers.sandbox._faults.catalogue import Catalogue
from trustly_customers.sandbox._faults.rules import Rules
from trustly_customers.sandbox._http import Response
from trustly_customers.sandbox._spec import Spec
from trustly_customers.sandbox._stores import Store, operations

from .answers import RefusedError, answer, refusal, text_answer
from .call import Call, Endpoint
from .customers import CustomerEndpoints
from .faults import FaultEndpoints
from .journal import Journal
from .masking import Masking
from .metrics import Gauges, Metrics
from .requests import RequestEndpoints
from .state import StateEndpoints

BASE_PATH = "/_sandbox"
PREFIX = f"{BASE_PATH}/".encode()
"""What the raw path of every request to the operator's side begins with, and of no other."""

_READY_SECONDS = 2
_OK = {"status": "ok"}
_DETACHED = "The store's file is gone or another, so what is written now may be lost; start the sandbox anew."
_CHALLENGES = ((b"www-authenticate", CHALLENGE.encode()),)


class Operator:
    """Answers requests to the operator's side, and takes note of those to the API."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of an application, put together in one place
        self,
        spec: Spec,
        store: Store,
        customers: Customers,
        credentials: BasicCredentials,
        rules: Rules,
        catalogue: Catalogue,
    ) -> None:
        """Raise SandboxError for a spec whose own paths would be hidden by this side's."""
        if f"{spec.base_path}/".startswith(f"{BASE_PATH}/"):
            raise SandboxError(
                f"the spec's paths begin with {BASE_PATH}, where the sandbox has its own; change the spec"
            )
        self._store = store
        self._credentials = credentials
        self._journal = Journal()
        self._metrics = Metrics(
            spec.operations, lambda: Gauges(customers.committed, len(self._journal), self._journal.bytes)
        )
        endpoints = chain(
            self._endpoints(),
            CustomerEndpoints(store, customers, Records(spec, spec.operation(GET))).endpoints(),
            StateEndpoints(store, customers, self._journal, rules).endpoints(),
            RequestEndpoints(self._journal, Masking(spec), spec.operations).endpoints(),
            FaultEndpoints(rules, catalogue).endpoints(),
        )
        self._router = Router(replace(endpoint, path=BASE_PATH + endpoint.path) for endpoint in endpoints)

    def record(self, exchange: Exchange, response: Response | None, seconds: float) -> None:
        """Take note of a request to the API and of its answer; None where its caller left before."""
        sent = response is not None and (response.cut is None or response.cut.sent > 0)
        status = response.status if response is not None and sent else None
        self._journal.record(exchange, status, seconds)
        self._metrics.record(exchange, status, seconds)

    async def answer(self, exchange: Exchange) -> Response:
        """Answer a request. The order of the checks: 404, 405, 401, then the endpoint's own."""
        match = self._router.match(exchange.raw_path)
        if match is None:
            return refusal(404, f"There is no such path below {BASE_PATH}.")
        endpoint = match.route.operation(exchange.method)
        if endpoint is None:
            return refusal(405, "The path does not know the method.", ((b"allow", match.route.allow.encode()),))
        try:
            return await self._carried_out(endpoint, match.identifiers, exchange)
        except RefusedError as error:
            unauthorized = error.status == HTTPStatus.UNAUTHORIZED
            return refusal(error.status, str(error), _CHALLENGES if unauthorized else ())

    async def _carried_out(self, endpoint: Endpoint, identifiers: list[str | None], exchange: Exchange) -> Response:
        namespace = "" if endpoint.is_open else self._namespace(exchange)
        (identifier,) = identifiers or [""]
        if identifier is None:
            raise RefusedError(404, "The path holds what cannot be an identifier.")
        return await endpoint.handler(Call(namespace, identifier, endpoint.query(exchange.query), exchange))

    def _namespace(self, exchange: Exchange) -> str:
        try:
            namespace = self._credentials.namespace(exchange.header(b"authorization"))
        except NamespaceNameError:
            raise RefusedError(401, f"The namespace in the access id may have {NAMESPACE_RULE}.") from None
        if namespace is None:
            raise RefusedError(401, "The access id or the access key is missing or wrong.")
        return namespace

    def _endpoints(self) -> Iterator[Endpoint]:
        yield Endpoint("GET", "/health", _health, is_open=True)
        yield Endpoint("GET", "/ready", self._ready, is_open=True)
        yield Endpoint("GET", "/metrics", self._exposition)

    async def _ready(self, _call: Call) -> Response:
        reading = asyncio.ensure_future(self._store.read(operations.exists("")))
        await asyncio.wait((reading,), timeout=_READY_SECONDS)
        # Whatever the store's database raises, the answer is the same.
        if reading.cancel() or reading.exception() is not None:
            raise RefusedError(503, "The store does not answer.")
        # Asked here alone: each GET and POST would pay for it.
        if self._store.is_detached():
            raise RefusedError(503, _DETACHED)
        return answer(_OK)

    async def _exposition(self, _call: Call) -> Response:
        try:
            from .exposition import CONTENT_TYPE, exposition  # noqa: PLC0415 - slow to import, and seldom asked for
        except ModuleNotFoundError as error:
            name = error.name or "a package"
            raise RefusedError(501, f"Metrics need {name}: pip install 'trustly-customers[sandbox]'.") from None
        return text_answer(exposition(self._metrics), CONTENT_TYPE)


async def _health(_call: Call) -> Response:
    return answer(_OK)
