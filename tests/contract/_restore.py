"""Puts the customers back as they were before the run, as far as the API lets a caller do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._compare import differences
from ._customers import EXISTING, Customers
from ._server import NoAnswerError
from ._wire import NotJSONError, dump

Json = Any
_UNREADABLE = (NotJSONError, KeyError, TypeError, AttributeError)
"""What comes of an answer that holds no customer."""
_GONE = "who knows what: the server does not answer"


class NotRestoredError(Exception):
    """A customer is not as it was; the text says which, and in which fields."""


class ServerGoneError(NotRestoredError):
    """No customer can be read any more: there is nothing left to check."""


@dataclass(frozen=True)
class Snapshot:
    """The customers as they were when the run began."""

    customers: Customers
    states: Mapping[str, dict[str, Json]] = field(repr=False)

    @classmethod
    def take(cls, customers: Customers) -> Snapshot:
        """Read every customer, and keep what it held out of every report. Raises BrokenClaimError where that fails."""
        states = {customer_id: _found(customers, customer_id) for customer_id in customers.target.ids}
        for state in states.values():
            customers.ledger.hide({name: state[name] for name in state.keys() - set(customers.spec.provider_set)})
        return cls(customers, states)

    def restore(self) -> None:
        """Write back what changed; raise NotRestoredError, once every customer was tried, when one is not as it was."""
        # The old connection may have been interrupted in the middle of an exchange.
        self.customers.close()
        left = {customer_id: self._restore(customer_id) for customer_id in self.states}
        wrong = "; ".join(f"{customer_id} in {names}" for customer_id, names in left.items() if names)
        if wrong:
            kind = ServerGoneError if set(left.values()) == {_GONE} else NotRestoredError
            raise kind(f"not as before the run: {wrong}")

    def _restore(self, customer_id: str) -> str:
        """Return in which fields a customer is not as before, or that it cannot be told; nothing where all is well."""
        spec, was = self.customers.spec, self.states[customer_id]
        try:
            now = self._now(customer_id)
            if now is None or self._changed(was, now):
                kept = {name: value for name, value in was.items() if name not in spec.provider_set}
                # Of one that cannot be read, such as for what it was made to hold, anything may have to go.
                nullable = {field.name for field in spec.fields if field.nullable}
                unnamed = self.customers.unseen - {field.name for field in spec.fields}
                there = sorted(nullable | unnamed) if now is None else now
                gone = {name: None for name in there if name not in was and name not in spec.provider_set}
                self.customers.unjudged(spec.update, customer_id, dump({**gone, **kept}))
                now = self._now(customer_id)
        except NoAnswerError:
            return _GONE
        if now is None:
            return "who knows what: what is read is no customer"
        changed = self._changed(was, now)
        return self._told(changed) if changed else ""

    def _now(self, customer_id: str) -> dict[str, Json] | None:
        """Return what a customer holds; None where what is read is no customer."""
        try:
            return _read(self.customers, customer_id)
        except _UNREADABLE:
            return None

    def _told(self, names: list[str]) -> str:
        known = [field.name for field in self.customers.spec.fields if field.name in names]
        # A generated name may be anything, control characters included.
        return ", ".join([*known, f"{len(names) - len(known)} unknown properties"])

    def _changed(self, was: Mapping[str, Json], now: Mapping[str, Json]) -> list[str]:
        """Return what differs, but for what only the provider sets, properties that the spec does not name included."""
        spec = self.customers.spec
        theirs = {*spec.provider_set, *(was.keys() & now.keys() - spec.customer_schema["properties"].keys())}
        return [name for name in differences(was, now) if name not in theirs]


def _found(customers: Customers, customer_id: str) -> dict[str, Json]:
    """Read a customer who was there a moment ago."""
    try:
        return _read(customers, customer_id)
    except _UNREADABLE:
        message = "a customer that was read before cannot be read any more"
        customers.ledger.holds(EXISTING, condition=False, message=message, seen=customers.last)
        raise


def _read(customers: Customers, customer_id: str) -> dict[str, Json]:
    """Read without judging: a server that breaks the contract still has customers to put back."""
    spec = customers.spec
    exchange = customers.unjudged(spec.read, customer_id)
    found: dict[str, Json] = exchange.json()[spec.wrapper]
    return dict(sorted(found.items()))
