"""The names of the faults, what each may be told, and how it is made of its JSON form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._api.answers import Answers
from trustly_customers.sandbox._api.auth import CHALLENGE
from trustly_customers.sandbox._api.customers import UPDATE, Customers
from trustly_customers.sandbox._api.exchange import Fault
from trustly_customers.sandbox._spec import Spec

from .faults import SPOILT, Answered, Latency, NoAnswer, OtherWriter, reset_before
from .parameters import Parameter, Parameters, RuleError, read

STATUSES = range(400, 600)
_DIGITS = frozenset(map(str, STATUSES))
_LONGEST = 3600
_UNAVAILABLE = 503
# What HTTP demands of these. No method is allowed while the fault lasts, and that is what an empty list says.
_HEADERS = {401: [("WWW-Authenticate", CHALLENGE)], 405: [("Allow", "")]}
_OTHER_WRITERS_VALUE = "42"


class UnknownFaultError(RuleError):
    """A name that no fault has. The text lists those there are."""


class _Kind(NamedTuple):
    """One entry: how the fault is made of the values of its parameters."""

    make: Callable[[dict[str, Any]], Fault]
    parameters: Parameters


class Catalogue:
    """All faults there are."""

    def __init__(self, spec: Spec, answers: Answers, customers: Customers) -> None:
        self._answers = answers
        self._customers = customers
        self._kinds: dict[str, _Kind] = dict(self._all(spec))

    def described(self) -> list[dict[str, Any]]:
        """Every name with its parameters: their defaults, and what is allowed, in words."""
        return [
            {
                "name": name,
                "parameters": {
                    parameter: {"default": each.default, "allowed": each.allowed}
                    for parameter, each in kind.parameters.items()
                },
            }
            for name, kind in self._kinds.items()
        ]

    def fault(self, document: _json.Value, what: str = "the fault") -> tuple[Fault, dict[str, Any]]:
        """Make a fault of its JSON form, its name or an object; return it and its form with nothing left out.

        Raises UnknownFaultError, and RuleError for parameters that it does not take.
        """
        members = {"name": document} if isinstance(document, str) else document
        name = members.get("name") if isinstance(members, dict) else None
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise UnknownFaultError(
                f"{what} must be a name, or an object with a name and parameters, and the names are {self.names}"
            )
        given = {key: value for key, value in members.items() if key != "name"}
        values = read(f"the fault {name}", given, kind.parameters)
        return kind.make(values), {"name": name, **values}

    def named(self, name: str) -> Fault | None:
        """The fault of a name with its default parameters, or None."""
        return self.fault(name)[0] if name in self._kinds else None

    def status(self, digits: str) -> Fault | None:
        """The fault that answers with a status, or None for what is none of those there are."""
        return self.fault({"name": "status", "status": int(digits)})[0] if digits in _DIGITS else None

    @property
    def names(self) -> str:
        """The names of all faults, as a text."""
        return ", ".join(self._kinds)

    def _all(self, spec: Spec) -> Iterator[tuple[str, _Kind]]:
        yield "latency", _Kind(lambda values: Latency(**values), {"seconds": _seconds(1), "spread": _seconds(0)})
        yield "status", _Kind(self._status, _STATUS)
        yield "no-answer", _Kind(lambda _: NoAnswer(), {})
        for fault in (reset_before(), *SPOILT):
            yield fault.name, _Kind(_always(fault), {})
        yield "other-writer", _Kind(self._other_writer, {"set": _properties(spec)})

    def _status(self, values: dict[str, Any]) -> Fault:
        status, retry_after = values["status"], values["retryAfter"]
        headers = list(_HEADERS.get(status, ()))
        if retry_after is not None:
            headers.append(("Retry-After", str(retry_after)))
        return Answered("status", self._answers.error(status, *headers, code=values["code"], domain=values["domain"]))

    def _other_writer(self, values: dict[str, Any]) -> Fault:
        return OtherWriter(self._customers, values["set"])


def _seconds(default: float) -> Parameter:
    return Parameter({"type": "number", "minimum": 0, "maximum": _LONGEST}, default)


_STATUS = {
    "status": Parameter({"type": "integer", "minimum": STATUSES[0], "maximum": STATUSES[-1]}, _UNAVAILABLE),
    "code": Parameter({"type": ["integer", "null"], "minimum": 0, "maximum": 2**31 - 1}, None),
    "domain": Parameter({"type": ["string", "null"], "minLength": 1, "maxLength": 200}, None),
    "retryAfter": Parameter({"type": ["integer", "null"], "minimum": 0, "maximum": 2**31 - 1}, None),
}


def _properties(spec: Spec) -> Parameter:
    """What another writer sets: properties as an update may hold them, but only those that are meant to change."""
    operation = spec.operations[UPDATE]
    schema = spec.follow(operation.request_schema or {})
    settable = {key: value for key, value in schema.items() if key != "required"}
    provider_set = {"propertyNames": {"enum": sorted(operation.provider_set)}}
    return Parameter(
        {**settable, "not": provider_set, "components": spec.components},
        {_plain_property(schema): _OTHER_WRITERS_VALUE},
        allowed="an object of properties that an update may set, one at least",
    )


def _plain_property(schema: dict[str, Any]) -> str:
    """The first property that any text will do for, and that says nothing about a person."""
    properties: dict[str, dict[str, Any]] = schema["properties"]
    return next(
        name
        for name, each in properties.items()
        if "string" in each.get("type", ()) and each.keys() <= {"type", "description"}
    )


def _always(fault: Fault) -> Callable[[dict[str, Any]], Fault]:
    return lambda _values: fault
