"""The state of a namespace as a whole: reset, snapshots, and its end."""

from __future__ import annotations

from collections.abc import Iterator

from trustly_customers.sandbox._api.auth import NAMESPACE_RULE, is_namespace_name
from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._faults.rules import Rules
from trustly_customers.sandbox._http import Response
from trustly_customers.sandbox._stores import Store, operations

from .answers import DONE, RefusedError, answer
from .call import Call, Endpoint
from .journal import Journal

_UNKNOWN = "There is no such snapshot."


class StateEndpoints:
    """What can be done with a namespace."""

    def __init__(self, store: Store, customers: Customers, journal: Journal, rules: Rules) -> None:
        self._store = store
        self._customers = customers
        self._journal = journal
        self._rules = rules

    def endpoints(self) -> Iterator[Endpoint]:
        """All of them."""
        yield Endpoint("POST", "/reset", self._reset)
        yield Endpoint("DELETE", "/namespace", self._remove)
        yield Endpoint("GET", "/snapshots", self._list)
        yield Endpoint("PUT", "/snapshots/{name}", self._take)
        yield Endpoint("DELETE", "/snapshots/{name}", self._delete)
        yield Endpoint("POST", "/snapshots/{name}/restore", self._restore)

    async def _reset(self, call: Call) -> Response:
        await self._store.write(operations.reset(call.namespace, self._customers.seeds))
        return self._forgotten(call)

    async def _remove(self, call: Call) -> Response:
        await self._store.write(operations.remove(call.namespace))
        return self._forgotten(call)

    def _forgotten(self, call: Call) -> Response:
        self._rules.clear(call.namespace)
        self._journal.clear(call.namespace)
        return DONE

    async def _list(self, call: Call) -> Response:
        return answer({"snapshots": await self._store.read(operations.snapshots(call.namespace))})

    async def _take(self, call: Call) -> Response:
        if not is_namespace_name(call.identifier):
            raise RefusedError(400, f"The name of a snapshot may have {NAMESPACE_RULE}.")
        await self._customers.begin(call.namespace)
        await self._store.write(operations.snapshot(call.namespace, call.identifier))
        return DONE

    async def _delete(self, call: Call) -> Response:
        if not await self._store.write(operations.forget(call.namespace, call.identifier)):
            raise RefusedError(404, _UNKNOWN)
        return DONE

    async def _restore(self, call: Call) -> Response:
        if not await self._store.write(operations.restore(call.namespace, call.identifier)):
            raise RefusedError(404, _UNKNOWN)
        return DONE
