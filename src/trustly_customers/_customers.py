"""The customers resource: the generated methods, and what the specification cannot say of them."""

from __future__ import annotations

from typing import Any, TypeVar

from trustly_api.models import Customer, CustomerUpdate
from trustly_api.operation import Operation
from trustly_api.resources import AsyncCustomersResource, CustomersResource

from ._config import Settings
from ._drive import drive, drive_async
from ._errors import InvalidRequestError
from ._flow import call, deadline
from ._hidden import Problem
from ._http import AsyncHTTP, SyncHTTP
from ._merge import sendable

T = TypeVar("T")


class Customers(CustomersResource):
    """Reads and updates customers."""

    def __init__(self, settings: Settings, http: SyncHTTP) -> None:
        self._settings = settings
        self._http = http
        super().__init__(self._call)

    def update(self, customer_id: str, body: CustomerUpdate | Customer) -> Customer:
        """Set the properties that the body holds, and return the customer as it is afterwards.

        A property that is `UNSET` keeps its value; an optional one that is `None` is removed; a nested object is
        replaced whole. A `Customer` as returned by `get` can be changed and passed back; what only the provider sets
        is left out. Properties that this version does not know are sent as they are.

        Tried again only when it surely was not applied, or with `retry_updates`.

        Raises:
            InvalidRequestError: the id is none, or the body is not what the specification wants. Nothing was sent.
            APIConnectionError: no answer arrived; `may_have_been_applied` says whether the update can have been.
            APIStatusError: the provider refused or failed.
            ResponseShapeError: the update was accepted, but the answer is not what the specification promises.
        """
        sent = sendable(body)
        del body  # a traceback shows the arguments of each frame, and this one may be anything
        if isinstance(sent, Problem):
            raise InvalidRequestError(sent)
        return super().update(customer_id, sent)

    def _call(self, operation: Operation[T], /, **arguments: Any) -> T:
        steps = call(operation, arguments, self._settings, ends=deadline(self._settings))
        return drive(steps, self._http)


class AsyncCustomers(AsyncCustomersResource):
    """Reads and updates customers, awaited."""

    def __init__(self, settings: Settings, http: AsyncHTTP) -> None:
        self._settings = settings
        self._http = http
        super().__init__(self._call)

    async def update(self, customer_id: str, body: CustomerUpdate | Customer) -> Customer:
        """As `Customers.update`."""
        sent = sendable(body)
        del body  # as in `Customers.update`
        if isinstance(sent, Problem):
            raise InvalidRequestError(sent)
        return await super().update(customer_id, sent)

    async def _call(self, operation: Operation[T], /, **arguments: Any) -> T:
        steps = call(operation, arguments, self._settings, ends=deadline(self._settings))
        return await drive_async(steps, self._http)
