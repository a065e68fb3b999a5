"""The customers resource: the generated methods, and what the specification cannot say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, TypeVar, Unpack

from trustly_api.changes import CustomerUpdateChanges
from trustly_api.models import Customer, CustomerUpdate
from trustly_api.operation import Operation
from trustly_api.resources import AsyncCustomersResource, CustomersResource, UpdateCustomerParameters

from ._config import Settings
from ._drive import drive, drive_async
from ._errors import InvalidRequestError
from ._flow import call, deadline
from ._hidden import Hidden, Problem
from ._http import AsyncHTTP, SyncHTTP
from ._merge import Edit, sendable
from ._modify import Wish, by_place, held, modify

T = TypeVar("T")

Lock = Callable[[str], AbstractContextManager[object]]
"""Gives, called with a customer's id, a context manager that holds a lock."""

AsyncLock = Callable[[str], AbstractAsyncContextManager[object]]
"""As `Lock`, for async code."""


class Customers(CustomersResource):
    """Reads and updates customers."""

    def __init__(self, settings: Settings, http: SyncHTTP) -> None:
        self._settings = settings
        self._http = http
        super().__init__(self._call)

    def update(
        self, customer_id: str, body: CustomerUpdate | Customer, **parameters: Unpack[UpdateCustomerParameters]
    ) -> Customer:
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
            raise InvalidRequestError(f"{sent}; nothing was sent")
        return super().update(customer_id, sent, **parameters)

    @by_place
    def modify(
        self,
        customer_id: str,
        edit: Edit | None = None,
        /,
        *,
        base: Customer | None = None,
        lock: Lock | None = None,
        **changes: Unpack[CustomerUpdateChanges],
    ) -> Customer:
        """Change some properties of a customer, and lose nobody else's changes to the others.

        Reads the customer, applies the keywords (None removes, `UNSET` leaves alone) and then `edit`, a function that
        changes a `CustomerUpdate`, and sends the required properties with those that changed. Where nothing changed,
        nothing is sent. A failed try is followed by another look, a merge, and another try; so `modify` is tried again
        also where `update` would not be.

        Guaranteed: a property that is not required and not changed here is never sent, so nobody's change of it is
        lost. Not guaranteed without a `lock`: a change of a required property, or of one that is changed here too,
        that somebody else makes between the last look and the update is overwritten, since the provider has no
        conditional update. With a `lock` that all writers share, nothing is lost; but for one case that no lock can
        help: a try without an answer may be carried out late, when the lock is held by somebody else.

        The option `deadline` is for all requests together, from when the lock is held. How long to wait for the lock is
        the lock's own.

        Args:
            customer_id: The provider's identifier of the customer.
            edit: Called once, with a copy of the customer as an update, to change it in place. A property that it sets
                to `UNSET` or deletes is left alone; None removes one. What it raises is raised here, and nothing sent.
            base: The customer as it was read before, shown to somebody for one. What was changed since is a conflict
                where it is changed here too.
            lock: Gives, called with the id, a context manager that holds a lock; see `trustly_customers.locks`.
            changes: Properties and their new values.

        Raises:
            ConflictError: somebody else has changed the same property to something else.
            InvalidRequestError: a keyword is the name of no property, or its value is not acceptable; the lock is not
                even taken. Or what `edit` made is not acceptable. Nothing was sent.
            LockError: one of this package's locks could not be had.
            TrustlyError: as `update`. Where one of several tries may have been applied, the error is that one's.
        """
        names: Hidden[Mapping[str, Any]] = Hidden(changes)
        hidden = Hidden(edit)
        del changes, edit  # a traceback shows the arguments of each frame
        wish = Wish.checked(customer_id, names, hidden, base, self._settings)
        self._http.check_open()
        with held(lock, customer_id, AbstractContextManager):
            return drive(modify(wish, self._settings), self._http)

    def _call(self, operation: Operation[T], /, **arguments: Any) -> T:
        steps = call(operation, arguments, self._settings, ends=deadline(self._settings))
        return drive(steps, self._http)


class AsyncCustomers(AsyncCustomersResource):
    """Reads and updates customers, awaited."""

    def __init__(self, settings: Settings, http: AsyncHTTP) -> None:
        self._settings = settings
        self._http = http
        super().__init__(self._call)

    async def update(
        self, customer_id: str, body: CustomerUpdate | Customer, **parameters: Unpack[UpdateCustomerParameters]
    ) -> Customer:
        """As `Customers.update`."""
        sent = sendable(body)
        del body  # as in `Customers.update`
        if isinstance(sent, Problem):
            raise InvalidRequestError(f"{sent}; nothing was sent")
        return await super().update(customer_id, sent, **parameters)

    @by_place
    async def modify(
        self,
        customer_id: str,
        edit: Edit | None = None,
        /,
        *,
        base: Customer | None = None,
        lock: AsyncLock | None = None,
        **changes: Unpack[CustomerUpdateChanges],
    ) -> Customer:
        """As `Customers.modify`."""
        names: Hidden[Mapping[str, Any]] = Hidden(changes)
        hidden = Hidden(edit)
        del changes, edit  # as in `Customers.modify`
        wish = Wish.checked(customer_id, names, hidden, base, self._settings)
        self._http.check_open()
        async with held(lock, customer_id, AbstractAsyncContextManager):
            return await drive_async(modify(wish, self._settings), self._http)

    async def _call(self, operation: Operation[T], /, **arguments: Any) -> T:
        steps = call(operation, arguments, self._settings, ends=deadline(self._settings))
        return await drive_async(steps, self._http)
