"""Which faults a request meets: those that its own header asks for, that its customer stands for, that wait for it."""

from __future__ import annotations

from collections.abc import Sequence

from trustly_customers.sandbox._api.answers import Answers
from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._api.exchange import Exchange, Fault
from trustly_customers.sandbox._http import Headers, Response

from .catalogue import STATUSES, Catalogue
from .faults import Appearing
from .prefer import preferences
from .rules import Rules

MAGIC = "fault-"
"""What the id of a customer begins with who stands for a fault; its name or a status follows."""


class RequestedFaults:
    """All faults that were asked for, in whatever way. In this order, the first one outermost."""

    def __init__(self, catalogue: Catalogue, rules: Rules, answers: Answers, customers: Customers) -> None:
        self._catalogue = catalogue
        self._rules = rules
        self._answers = answers
        self._customers = customers

    def due(self, exchange: Exchange) -> Sequence[Fault] | Response:
        """See Faults."""
        # Every request comes by here, and hardly any asks.
        if _is_magic(exchange.identifier) or _prefers(exchange.headers):
            return self._asked(exchange)
        return self._rules.due(exchange)

    def magic(self, identifier: str) -> Fault | None:
        """The fault that a customer stands for, if it does."""
        name = identifier.removeprefix(MAGIC)
        fault = (self._catalogue.named(name) or self._catalogue.status(name)) if _is_magic(identifier) else None
        return fault and Appearing(self._customers, fault)

    def _asked(self, exchange: Exchange) -> Sequence[Fault] | Response:
        preferred = self._preferred(preferences(exchange.header(b"prefer")))
        if isinstance(preferred, Response):
            return preferred
        magic = self.magic(exchange.identifier) if exchange.identifier else None
        # Magic first: its customer must be there before anything is done with it.
        return [*([magic] if magic else ()), *preferred, *self._rules.due(exchange)]

    def _preferred(self, stated: dict[str, str]) -> list[Fault] | Response:
        faults = []
        for name, find, allowed in (
            ("fault", self._catalogue.named, self._catalogue.names),
            ("code", self._catalogue.status, f"{STATUSES[0]} to {STATUSES[-1]}"),
        ):
            if name in stated:
                fault = find(stated[name])
                if fault is None:
                    return self._answers.error(400, message=f"Prefer: {name} must be one of {allowed}.")
                faults.append(fault)
        return faults


def _is_magic(identifier: str | None) -> bool:
    return identifier is not None and identifier.startswith(MAGIC)


def _prefers(headers: Headers) -> bool:
    for name, _ in headers:  # noqa: SIM110 - a generator takes three times as long
        if name == b"prefer":
            return True
    return False
