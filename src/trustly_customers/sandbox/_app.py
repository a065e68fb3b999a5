"""The API as an ASGI application: which fault decides, and in what order. Sockets and processes are `_serve`'s."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from . import _json
from ._answers import Answers
from ._auth import CHALLENGE, BasicCredentials
from ._customers import Customers, seeds
from ._http import (
    ASGIApp,
    BodyTooLargeError,
    ClientDisconnectedError,
    Receive,
    Response,
    Scope,
    Send,
    header_values,
    is_json,
    raw_path,
    read_body,
    send_response,
)
from ._routing import Router
from ._spec import Operation, Spec, load_spec
from ._sqlite import SQLiteStore
from ._store import Store
from ._validation import BodyValidator

MAX_BODY = 64 * 1024
DEFAULT_ACCESS_ID = DEFAULT_ACCESS_KEY = "sandbox"

_logger = logging.getLogger(__name__)


def open_store(database: Path | None = None) -> Store:
    """Customers kept in an SQLite file, or in memory; a new database starts with the provider's two examples.

    Raises SandboxError when the file or the spec cannot be used.
    """
    return SQLiteStore.open(database, seeds(load_spec()))


def create_app(store: Store, *, access_id: str = DEFAULT_ACCESS_ID, access_key: str = DEFAULT_ACCESS_KEY) -> ASGIApp:
    """Return the API over a store, as an ASGI 3 application; the caller closes the store.

    Raises SandboxError for credentials that HTTP Basic cannot carry, and for a spec that cannot be used.
    """
    return _Application(load_spec(), store, BasicCredentials(access_id, access_key))


class _Application:
    def __init__(self, spec: Spec, store: Store, credentials: BasicCredentials) -> None:
        self._credentials = credentials
        self._answers = Answers(spec)
        self._router = Router(spec.operations.values())
        self._handlers = Customers(spec, store).handlers
        self._validators = {
            operation.id: BodyValidator(operation.request_schema, spec.components)
            for operation in spec.operations.values()
            if operation.request_schema is not None
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        try:
            response = await self._respond(scope, receive)
        except ClientDisconnectedError:
            return
        except Exception as error:  # noqa: BLE001 - the last line: the caller gets an envelope, whatever happened
            _log(error)
            response = self._answers.error(500)
        await send_response(send, response, head=scope["method"] == "HEAD")

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        """Answer a request. The order of the checks is the contract's: 405, 401, 415, 413, 400, 404."""
        match = self._router.match(raw_path(scope))
        if match is None:
            return self._answers.error(404, message="There is no such path.")
        method = scope["method"]
        operation = match.route.operation(method)
        if operation is None:
            allow = ("Allow", match.route.allow)
            return self._answers.options(allow) if method == "OPTIONS" else self._answers.error(405, allow)
        if not self._credentials.accept(header_values(scope, b"authorization")):
            return self._answers.error(401, ("WWW-Authenticate", CHALLENGE))
        body = None
        if operation.id in self._validators:
            body = await self._body(operation, scope, receive)
            if isinstance(body, Response):
                return body
        return await self._handle(operation, match.identifiers, body)

    async def _body(self, operation: Operation, scope: Scope, receive: Receive) -> _json.Value | Response:
        """The valid body of a request, or the answer to one that is not."""
        if not is_json(header_values(scope, b"content-type")):
            return self._answers.error(415)
        try:
            body = _json.read(await read_body(scope, receive, MAX_BODY))
        except BodyTooLargeError:
            return self._answers.error(413)
        except _json.NotStrictJSONError:
            return self._answers.error(400, message="The body is not one strict JSON text in UTF-8.")
        violations = self._validators[operation.id].violations(body)
        return self._answers.invalid(violations) if violations else body

    async def _handle(self, operation: Operation, identifiers: list[str | None], body: _json.Value) -> Response:
        handler = self._handlers.get(operation.id)
        if handler is None:
            return self._answers.error(501, message="The sandbox does not know this operation.")
        (identifier,) = identifiers
        resource = None if identifier is None else await handler(identifier, body)
        return self._answers.error(404) if resource is None else self._answers.ok(operation.wrapper, resource)


def _log(error: Exception) -> None:
    # Neither the text nor the locals: both may hold personal data.
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    _logger.error("%s at %s while answering a request", type(error).__name__, place)
