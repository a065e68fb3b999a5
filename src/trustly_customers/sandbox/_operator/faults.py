"""Faults at the operator's word. What they are, and when they are due, is not known here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustly_customers.sandbox._faults.catalogue import Catalogue
from trustly_customers.sandbox._faults.parameters import RuleError
from trustly_customers.sandbox._faults.rules import Rules
from trustly_customers.sandbox._http import Response

from .answers import DONE, RefusedError, answer
from .call import Call, Endpoint

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class FaultEndpoints:
    """What can be done with the faults of a namespace."""

    def __init__(self, rules: Rules, catalogue: Catalogue) -> None:
        self._rules = rules
        self._catalogue = catalogue

    def endpoints(self) -> Iterator[Endpoint]:
        """All of them."""
        yield Endpoint("GET", "/faults", self._list)
        yield Endpoint("POST", "/faults", self._add)
        yield Endpoint("DELETE", "/faults", self._clear)
        yield Endpoint("DELETE", "/faults/{id}", self._remove)
        yield Endpoint("GET", "/faults/catalogue", self._list_catalogue)

    async def _list(self, call: Call) -> Response:
        return answer({"rules": self._rules.list(call.namespace)})

    async def _add(self, call: Call) -> Response:
        try:
            rule = self._rules.add(call.namespace, await call.document())
        except RuleError as error:
            raise RefusedError(400, _sentence(error)) from None
        return answer({"rule": rule}, 201)

    async def _clear(self, call: Call) -> Response:
        self._rules.clear(call.namespace)
        return DONE

    async def _remove(self, call: Call) -> Response:
        if not (_NUMBER.fullmatch(call.identifier) and self._rules.remove(call.namespace, int(call.identifier))):
            raise RefusedError(404, "There is no such rule.")
        return DONE

    async def _list_catalogue(self, _call: Call) -> Response:
        return answer({"faults": self._catalogue.described()})


def _sentence(error: RuleError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
