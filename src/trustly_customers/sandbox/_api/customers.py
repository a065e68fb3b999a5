"""The state behind the two operations: what an update does to a customer. The part of the API that no schema says."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._spec import Spec
from trustly_customers.sandbox._stores import operations
from trustly_customers.sandbox._stores.protocol import Store

from .parameters import Values
from .records import kept

Customer = dict[str, Any]
Handler = Callable[[str, str, _json.Value, Values], Awaitable[bytes | None]]
"""Answers an operation, given the namespace, the path's identifier, the valid body, and the valid parameters of the
query and the headers; what an operation does not have is empty, or None for the body."""

GET = "getCustomer"
UPDATE = "updateCustomer"
_UPDATED_AT = "updatedAt"


class Customers:
    """The operations on customers. None is the answer for a customer that is not there.

    A namespace that is asked for the first time begins with the provider's two examples.
    """

    def __init__(self, spec: Spec, store: Store) -> None:
        self._store = store
        self.seeds: Mapping[str, bytes] = seeds(spec)
        self.committed = 0  # updates
        self._provider_set = spec.operation(UPDATE).provider_set
        (self._id_name,) = spec.operation(GET).parameters

    @property
    def handlers(self) -> dict[str, Handler]:
        """What answers each operation, by its operationId: the place for one that the spec has gained.

        Without an entry here, an operation is checked by the spec, and answered 501 instead of wrongly.
        """
        return {GET: self.get, UPDATE: self.update}

    async def get(
        self, namespace: str, customer_id: str, _body: None = None, _more: Values | None = None
    ) -> bytes | None:
        """The customer as it is."""
        found = await self._store.get(namespace, customer_id)
        if found is None:
            await self.begin(namespace)
            return await self._store.get(namespace, customer_id)
        return found

    async def update(
        self, namespace: str, customer_id: str, update: Customer, _more: Values | None = None
    ) -> bytes | None:
        """The customer as it is after the update, which is committed by then.

        Raises CustomerTooLargeError for one that would be larger than the sandbox keeps.
        """
        changes = {name: value for name, value in update.items() if name not in self._provider_set}

        def change(document: bytes) -> bytes:
            return kept(updated(_json.read_own(document), changes, now=time.time_ns() // 1_000_000))

        after = await self._store.update(namespace, customer_id, change)
        if after is None:
            await self.begin(namespace)
            after = await self._store.update(namespace, customer_id, change)
        self.committed += after is not None
        return after

    async def appear(self, namespace: str, customer_id: str) -> None:
        """Make sure that a customer is there: a copy of the first example, where there was none."""
        if await self._store.get(namespace, customer_id) is None:
            await self.begin(namespace)
            first = _json.read_own(next(iter(self.seeds.values())))
            document = _json.write({**first, self._id_name: customer_id})
            await self._store.write(operations.create(namespace, customer_id, document))

    async def begin(self, namespace: str) -> None:
        """Make sure that a namespace has begun. Who asks looks again: another may have begun it meanwhile."""
        # Looked at in reading first: this is asked for every unknown customer.
        if not await self._store.read(operations.exists(namespace)):
            await self._store.write(operations.begin(namespace, self.seeds))


def updated(customer: Customer, changes: Customer, *, now: int) -> Customer:
    """The customer with its top-level properties set; one that is set to None is removed, known to the spec or not.

    `now` is in milliseconds. The new time is later than the old one even when the clock is not.
    """
    merged = {**customer, **changes, _UPDATED_AT: max(now, customer[_UPDATED_AT] + 1)}
    if None not in changes.values():
        return merged
    return {name: value for name, value in merged.items() if value is not None}


def seeds(spec: Spec) -> dict[str, bytes]:
    """The provider's two examples as stored customers, by their ids."""
    get, update = spec.operation(GET), spec.operation(UPDATE)
    answer, request = get.response_example, update.request_example
    first: Customer = answer[get.wrapper] if get.wrapper else answer
    # The example of a request lacks what only the provider knows: that, if it is there at all, is as in the other one.
    second = {**{name: first[name] for name in get.provider_set if name in first}, **request}
    (id_name,) = get.parameters
    return {customer[id_name]: _json.write(customer) for customer in (first, second)}
