"""The provider's API: which fault decides, and in what order. It knows nothing of ASGI but a body that is received."""

from __future__ import annotations

from functools import partial

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._http import BodyTooLargeError, Response, is_json, read_body
from trustly_customers.sandbox._spec import Operation, Spec

from .answers import Answers
from .auth import CHALLENGE, NAMESPACE_RULE, BasicCredentials, NamespaceNameError
from .customers import Customers
from .exchange import Exchange, Faults, Proceed
from .parameters import ParameterReader
from .records import CustomerTooLargeError
from .routing import Router
from .validation import BodyValidator

MAX_BODY = 64 * 1024


class API:
    """Answers requests by the specification."""

    def __init__(self, spec: Spec, customers: Customers, credentials: BasicCredentials, faults: Faults) -> None:
        self._credentials = credentials
        self._faults = faults
        self._answers = Answers(spec)
        self._router = Router(spec.operations.values())
        self._handlers = customers.handlers
        self._parameters = {operation.id: ParameterReader(operation, spec) for operation in spec.operations.values()}
        self._validators = {
            operation.id: BodyValidator(operation.request_schema, spec.components)
            for operation in spec.operations.values()
            if operation.request_schema is not None
        }

    async def answer(self, exchange: Exchange) -> Response:
        """Answer a request. The order of the checks is the contract's: 405, 401, 415, 413, 400, 404."""
        operation = self._admitted(exchange)
        if isinstance(operation, Response):
            return operation
        faults = self._faults.due(exchange)
        if not faults:
            return await self._carry_out(exchange, operation)
        if isinstance(faults, Response):
            return faults
        exchange.faults = tuple(fault.name for fault in faults)
        proceed: Proceed = partial(self._carry_out, exchange, operation)
        for fault in reversed(faults):
            proceed = partial(fault.around, exchange, proceed)
        return await proceed()

    def _admitted(self, exchange: Exchange) -> Operation | Response:
        """The operation that a request with the right credentials asks for, or the answer to another one."""
        match = self._router.match(exchange.raw_path)
        if match is None:
            return self._answers.error(404, message="There is no such path.")
        operation = exchange.operation = match.route.operation(exchange.method)
        if operation is None:
            allow = ("Allow", match.route.allow)
            return self._answers.options(allow) if exchange.method == "OPTIONS" else self._answers.error(405, allow)
        try:
            exchange.namespace = self._credentials.namespace(exchange.header(b"authorization"))
        except NamespaceNameError:
            return self._refused(f"The namespace in the access id may have {NAMESPACE_RULE}.")
        if exchange.namespace is None:
            return self._refused()
        # The specification's paths have one parameter at most.
        exchange.identifier = match.identifiers[0] if match.identifiers else ""
        return operation

    def _refused(self, message: str | None = None) -> Response:
        return self._answers.error(401, ("WWW-Authenticate", CHALLENGE), message=message)

    async def _carry_out(self, exchange: Exchange, operation: Operation) -> Response:
        body = None
        if operation.id in self._validators:
            body = await self._body(exchange, operation)
            if isinstance(body, Response):
                return body
        values, violations = self._parameters[operation.id].read(exchange)
        if violations:
            return self._answers.invalid(violations)
        handler = self._handlers.get(operation.id)
        if handler is None:
            message = f"Nobody has written what {operation.id} does: it is not among Customers.handlers."
            return self._answers.error(501, message=message)
        namespace, identifier = exchange.namespace, exchange.identifier
        assert namespace is not None  # noqa: S101 - for the type checker: without credentials nobody comes here
        try:
            resource = None if identifier is None else await handler(namespace, identifier, body, values)
        except CustomerTooLargeError as error:
            return self._answers.error(413, message=str(error))
        return self._answers.error(404) if resource is None else self._answers.ok(operation.wrapper, resource)

    async def _body(self, exchange: Exchange, operation: Operation) -> _json.Value | Response:
        """The valid body of a request, or the answer to one that is not."""
        if not is_json(exchange.header(b"content-type")):
            return self._answers.error(415)
        try:
            exchange.body = await read_body(exchange.header(b"content-length"), exchange.receive, MAX_BODY)
            body = _json.read(exchange.body)
        except BodyTooLargeError:
            return self._answers.error(413)
        except _json.NotStrictJSONError:
            return self._answers.error(400, message="The body is not one strict JSON text in UTF-8.")
        violations = self._validators[operation.id].violations(body)
        return self._answers.invalid(violations) if violations else body
