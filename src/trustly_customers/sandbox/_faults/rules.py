"""Faults in waiting: which requests of a namespace meet them, how often, and by what chance."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._api.exchange import Exchange, Fault
from trustly_customers.sandbox._spec import Operation

from .catalogue import Catalogue
from .parameters import Parameter, RuleError, read

MOST_RULES = 1_000
"""How many a namespace may have at once."""
MOST_FAULTS = 20
"""How many a rule may have."""
_LARGEST = 2**31 - 1


@dataclass(slots=True)
class _Rule:
    document: dict[str, Any]
    faults: tuple[Fault, ...]
    chance: random.Random
    met: int = 0

    @property
    def is_spent(self) -> bool:
        times = self.document["times"]
        return times is not None and self.met >= times

    def meets(self, exchange: Exchange) -> bool:
        """Whether a request meets this rule, which is thereby counted."""
        customer_id, operation = self.document["customerId"], self.document["operation"]
        if customer_id is not None and customer_id != exchange.identifier:
            return False
        if operation is not None and (exchange.operation is None or operation != exchange.operation.id):
            return False
        if self.chance.random() >= self.document["fraction"]:
            return False
        self.met += 1
        return True


class Rules:
    """The rules of every namespace, in the order in which they came.

    Requests meet them on one event loop; they may be added, listed and deleted in other threads meanwhile.
    """

    def __init__(self, catalogue: Catalogue, operations: Iterable[Operation]) -> None:
        self._catalogue = catalogue
        self._rules: dict[str, dict[int, _Rule]] = {}
        self._ids = itertools.count(1)
        names = [operation.id for operation in operations]
        self._parameters = {
            "faults": Parameter(
                {"type": "array", "minItems": 1, "maxItems": MOST_FAULTS},
                None,
                allowed=f"a list of 1 to {MOST_FAULTS} faults",
            ),
            "times": Parameter({"type": ["integer", "null"], "minimum": 1, "maximum": _LARGEST}, 1),
            "fraction": Parameter({"type": "number", "minimum": 0, "maximum": 1}, 1),
            "seed": Parameter({"type": ["integer", "null"], "minimum": 0, "maximum": _LARGEST}, None),
            "customerId": Parameter({"type": ["string", "null"]}, None),
            "operation": Parameter({"enum": [*names, None]}, None, allowed=f"one of {', '.join(names)} or null"),
        }

    def add(self, namespace: str, document: _json.Value) -> dict[str, Any]:
        """Add a rule in its JSON form; return that with nothing left out, its id, and how many requests met it.

        Raises UnknownFaultError, and RuleError for anything else that is wrong; nothing was added then.
        """
        values = read("the rule", document, self._parameters)
        if values["faults"] is None:
            raise RuleError(f"the rule must have faults, {self._parameters['faults'].allowed}")
        if len(self._rules.get(namespace, ())) >= MOST_RULES:
            raise RuleError(f"the namespace has {MOST_RULES} rules, and no more are kept; delete some")
        made = [self._catalogue.fault(each, f"faults[{n}] of the rule") for n, each in enumerate(values["faults"])]
        values["faults"] = [form for _, form in made]
        rule = _Rule(values, tuple(fault for fault, _ in made), random.Random(values["seed"]))  # noqa: S311 - no secret
        id_ = next(self._ids)
        self._rules.setdefault(namespace, {})[id_] = rule
        return _listed(id_, rule)

    def list(self, namespace: str) -> list[dict[str, Any]]:
        """The rules of a namespace that are not spent, as `add` returned them, and how many requests met each."""
        return [_listed(id_, rule) for id_, rule in tuple(self._rules.get(namespace, {}).items())]

    def remove(self, namespace: str, id_: int) -> bool:
        """Delete a rule; False where the namespace has none of that id."""
        rules = self._rules.get(namespace, {})
        found = rules.pop(id_, None) is not None
        if not rules:
            self._rules.pop(namespace, None)
        return found

    def clear(self, namespace: str) -> None:
        """Delete all rules of a namespace."""
        self._rules.pop(namespace, None)

    def due(self, exchange: Exchange) -> Sequence[Fault]:
        """The faults that a request meets, which are counted."""
        namespace = exchange.namespace
        if namespace is None or namespace not in self._rules:
            return ()
        met = [(id_, rule) for id_, rule in tuple(self._rules.get(namespace, {}).items()) if rule.meets(exchange)]
        for id_, rule in met:
            if rule.is_spent:
                self.remove(namespace, id_)
        return [fault for _, rule in met for fault in rule.faults]


def _listed(id_: int, rule: _Rule) -> dict[str, Any]:
    return {"id": id_, **rule.document, "met": rule.met}
