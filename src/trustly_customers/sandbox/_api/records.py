"""Whole customers as the sandbox keeps them, whoever brings them: what must be there, and how large they may be."""

from __future__ import annotations

import time
from typing import Any

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._spec import Operation, Spec

from .routing import is_identifier
from .validation import BodyValidator

MAX_CUSTOMER = 1024 * 1024
"""Bytes of one customer. The sandbox's own limit: updates add unknown properties without end."""


TIMES = frozenset({"createdAt", "updatedAt"})
"""What the provider sets to the time, in milliseconds."""

_UPDATED_AT = "updatedAt"
_AHEAD = 600_000
"""Milliseconds by which clocks may differ, and by which many updates in one moment may run ahead of theirs."""

MAX_ID = 1024
"""Bytes of an id in UTF-8: an index of PostgreSQL's holds little more than twice that."""


class RecordError(ValueError):
    """It is no customer that can be kept. The text says why, in the spec's own names alone."""


class CustomerTooLargeError(RecordError):
    """The customer is, or would be, larger than the sandbox keeps."""

    def __init__(self) -> None:
        super().__init__(f"The customer is larger than this sandbox keeps ({MAX_CUSTOMER} bytes).")


class Records:
    """Holds customers to the schema that the spec has for an answer's."""

    def __init__(self, spec: Spec, get: Operation) -> None:
        """`get` is the operation that answers with a customer."""
        self._validator = BodyValidator(get.resource_schema, spec.components)
        (self.id_name,) = get.parameters
        self._times = sorted(TIMES & get.provider_set)
        # No specification says how the provider comes by the rest: what must be there is as in its example.
        example: dict[str, Any] = get.response_example[get.wrapper] if get.wrapper else get.response_example
        needed = get.provider_set & {*get.resource_schema.get("required", ())} & example.keys()
        self._others = {name: example[name] for name in sorted(needed - TIMES)}

    def completed(self, customer: _json.Value, customer_id: str, *, now: int) -> _json.Value:
        """The customer with what only the provider sets filled in where it is missing; `now` in milliseconds."""
        if not isinstance(customer, dict):
            return customer  # which `record` refuses
        return {**self._others, self.id_name: customer_id, **dict.fromkeys(self._times, now), **customer}

    def record(self, customer: _json.Value) -> tuple[str, bytes]:
        """The id and the text of a customer. A property that is null is none, as in an update.

        Raises RecordError for one that the spec does not allow, or that is too large.
        """
        if isinstance(customer, dict):
            customer = {name: value for name, value in customer.items() if value is not None}
        violations = self._validator.violations(customer)
        if violations:
            raise RecordError("; ".join(f"{pointer or 'the whole'}: {keyword}" for pointer, keyword in violations))
        customer_id: str = customer[self.id_name]
        if not is_identifier(customer_id):
            raise RecordError(f"/{self.id_name}: no path can carry it")
        latest = time.time_ns() // 1_000_000 + _AHEAD
        for name in sorted(customer.keys() & self._times):
            # JSON Schema takes 1e300 for an integer; as the float that it is read as, it would never increase.
            customer[name] = int(customer[name])
            if customer[name] < 0:
                raise RecordError(f"/{name}: before 1970, and it counts the milliseconds since then")
            if name == _UPDATED_AT and customer[name] > latest:
                raise RecordError(f"/{name}: later than now, so that no update could be later and say its own time")
        if len(customer_id.encode()) > MAX_ID:
            raise RecordError(f"/{self.id_name}: longer than this sandbox keeps ({MAX_ID} bytes)")
        return customer_id, kept(customer)


def kept(customer: dict[str, Any]) -> bytes:
    """The text of a customer, as it is stored. Raises CustomerTooLargeError."""
    document = _json.write(customer)
    if len(document) > MAX_CUSTOMER:
        raise CustomerTooLargeError
    return document
