"""The sandbox as an ASGI application: the provider's API, and what watches it. Sockets and processes are `_serve`'s."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Awaitable

from ._api.answers import Answers
from ._api.api import API
from ._api.auth import BasicCredentials
from ._api.customers import Customers
from ._api.exchange import Exchange
from ._faults.catalogue import Catalogue
from ._faults.requested import RequestedFaults
from ._faults.rules import Rules
from ._http import (
    ASGIApp,
    ClientDisconnectedError,
    Headers,
    Receive,
    Response,
    Scope,
    Send,
    raw_path,
    send_response,
)
from ._operator.answers import refusal
from ._operator.operator import PREFIX, Operator
from ._spec import Spec, load_spec
from ._stores import Store

DEFAULT_ACCESS_ID = DEFAULT_ACCESS_KEY = "sandbox"

_logger = logging.getLogger(__name__)


def create_app(store: Store, *, access_id: str = DEFAULT_ACCESS_ID, access_key: str = DEFAULT_ACCESS_KEY) -> ASGIApp:
    """Return the sandbox over a store, as an ASGI 3 application; the caller closes the store.

    Where a fault breaks a connection, the application raises `ConnectionBrokenError` to the server that runs it.

    Raises SandboxError for credentials that HTTP Basic cannot carry, and for a spec that cannot be used.
    """
    return _Application(load_spec(), store, BasicCredentials(access_id, access_key))


class _Application:
    def __init__(self, spec: Spec, store: Store, credentials: BasicCredentials) -> None:
        customers = Customers(spec, store)  # which refuses a spec that nothing can be made of
        answers = Answers(spec)
        self._failed = answers.error(500)
        self._operator_failed = refusal(500, "The sandbox failed.")
        catalogue = Catalogue(spec, answers, customers)
        self.rules = Rules(catalogue, spec.operations.values())
        faults = RequestedFaults(catalogue, self.rules, answers, customers)
        self._api = API(spec, customers, credentials, faults)
        self._operator = Operator(spec, store, customers, credentials, self.rules, catalogue)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        method: str = scope["method"]
        query: bytes = scope.get("query_string", b"")
        response = await self.respond(method, raw_path(scope), query, scope["headers"], receive)
        if response is not None:
            await send_response(send, response, head=method == "HEAD")

    async def respond(
        self, method: str, raw_path: bytes, query: bytes, headers: Headers, receive: Receive
    ) -> Response | None:
        """Answer a request; None to a caller who left."""
        exchange = Exchange(method, raw_path, headers, receive, query=query)
        if raw_path.startswith(PREFIX):
            return await _whatever_happens(self._operator.answer(exchange), self._operator_failed)
        began = time.perf_counter()
        response = await _whatever_happens(self._api.answer(exchange), self._failed)
        # Before it is sent: who has the answer finds the request in the journal.
        self._operator.record(exchange, response, time.perf_counter() - began)
        return response


async def _whatever_happens(answer: Awaitable[Response], failed: Response) -> Response | None:
    """An answer, or the one that says that making it failed; None to a caller who left."""
    try:
        return await answer
    except ClientDisconnectedError:
        return None
    except Exception as error:  # noqa: BLE001 - the last line: the caller gets an envelope
        _log(error)
        return failed


def _log(error: Exception) -> None:
    # Neither the text nor the locals: both may hold personal data.
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    _logger.error("%s at %s while answering a request", type(error).__name__, place)
