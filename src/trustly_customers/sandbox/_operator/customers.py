"""Customers at the operator's word: created, replaced and deleted, as the provider's API lets nobody do."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._api.records import CustomerTooLargeError, RecordError, Records
from trustly_customers.sandbox._http import Response
from trustly_customers.sandbox._stores import Store, operations

from .answers import DONE, RefusedError, customer_answer, page_answer
from .call import Call, Endpoint

_PAGE = 100
_MAX_PAGE = 1000
_UNKNOWN = "There is no such customer."


class CustomerEndpoints:
    """What can be done with the customers of a namespace, which begins with the spec's examples here too."""

    def __init__(self, store: Store, customers: Customers, records: Records) -> None:
        self._store = store
        self._customers = customers
        self._records = records

    def endpoints(self) -> Iterator[Endpoint]:
        """All of them."""
        every, one = "/customers", "/customers/{id}"
        yield Endpoint("GET", every, self._list, ("after", "limit"))
        yield Endpoint("POST", every, self._create)
        yield Endpoint("GET", one, self._show)
        yield Endpoint("PUT", one, self._replace)
        yield Endpoint("DELETE", one, self._delete)

    async def _list(self, call: Call) -> Response:
        limit = call.number("limit", _PAGE, least=1, most=_MAX_PAGE)
        await self._customers.begin(call.namespace)
        # One more than asked for tells whether there is a next page.
        found = await self._store.read(operations.page(call.namespace, call.parameters.get("after"), limit + 1))
        page = found[:limit]
        return page_answer([document for _, document in page], page[-1][0] if len(found) > limit else None)

    async def _create(self, call: Call) -> Response:
        customer_id, document = self._record(await call.document(), str(_a_number_of_ten_digits()))
        await self._customers.begin(call.namespace)
        if not await self._store.write(operations.create(call.namespace, customer_id, document)):
            raise RefusedError(409, "There is a customer with this id already.")
        return customer_answer(document, 201)

    async def _show(self, call: Call) -> Response:
        document = await self._customers.get(call.namespace, call.identifier)
        if document is None:
            raise RefusedError(404, _UNKNOWN)
        return customer_answer(document)

    async def _replace(self, call: Call) -> Response:
        customer_id, document = self._record(await call.document(), call.identifier)
        if customer_id != call.identifier:
            raise RefusedError(400, f"The path and the body differ in {self._records.id_name}.")
        await self._customers.begin(call.namespace)
        await self._store.write(operations.put(call.namespace, [(customer_id, document)]))
        return customer_answer(document)

    async def _delete(self, call: Call) -> Response:
        await self._customers.begin(call.namespace)
        if not await self._store.write(operations.delete(call.namespace, call.identifier)):
            raise RefusedError(404, _UNKNOWN)
        return DONE

    def _record(self, customer: _json.Value, customer_id: str) -> tuple[str, bytes]:
        now = time.time_ns() // 1_000_000
        try:
            return self._records.record(self._records.completed(customer, customer_id, now=now))
        except CustomerTooLargeError as error:
            raise RefusedError(413, str(error)) from None
        except RecordError as error:
            raise RefusedError(400, f"The spec allows no such customer: {error}.") from None


def _a_number_of_ten_digits() -> int:
    # So many that two of them are never the same by chance; where they are, the answer is 409.
    return 10**9 + secrets.randbelow(9 * 10**9)
