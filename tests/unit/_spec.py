"""What the unit tests know from the specification: examples, statuses, fields, and customers full of secrets."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from hypothesis import find, settings
from hypothesis import strategies as st

Json = Any
Schema = dict[str, Any]

GET, UPDATE = "getCustomer", "updateCustomer"
SUCCESS = 200

SAMPLES: dict[str, Json] = {
    "string": "text",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
"""One value of each type that JSON Schema knows."""

_SHORT = 6
"""Secrets below this length are looked for in quotes, since two letters occur everywhere."""


@cache
def document() -> Json:
    """Return the specification as running code reads it."""
    return json.loads(resources.files("trustly_api").joinpath("openapi.json").read_bytes())


def follow(schema: Schema) -> Schema:
    """Follow a reference, and lay what stands beside it over what it leads to."""
    while "$ref" in schema:
        target = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def component(name: str) -> Schema:
    """Return a schema by name."""
    return follow({"$ref": f"#/components/schemas/{name}"})


def example(name: str) -> Json:
    """Return a named example, fit to be changed."""
    return copy.deepcopy(document()["components"]["examples"][name]["value"])


def operations() -> dict[str, tuple[str, str, Json]]:
    """Return method, path and definition by operationId."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }


def failures() -> list[tuple[str, int, Json]]:
    """Return every documented failure: the operation, the status, and an envelope to answer with."""
    found = []
    for operation_id, (_, _, operation) in operations().items():
        for status, response in operation["responses"].items():
            if int(status) != SUCCESS:
                examples = follow(response)["content"]["application/json"].get("examples", {})
                envelope = [follow(each)["value"] for each in examples.values()] or [example("InvalidParameter")]
                found.append((operation_id, int(status), envelope[0]))
    return found


def provider_set() -> frozenset[str]:
    """Return the properties of a customer that only the provider sets."""
    return frozenset(name for name, inner in component("Customer")["properties"].items() if inner.get("readOnly"))


def known_codes() -> dict[int, str]:
    """Return the meaning of each known error code."""
    return {int(code): text for code, text in component("ErrorDetail")["properties"]["code"]["x-known-codes"].items()}


def types(schema: Schema) -> frozenset[str]:
    """Return the JSON types that a schema allows; a whole number is a number too."""
    schema = follow(schema)
    if "oneOf" in schema:
        return frozenset().union(*map(types, schema["oneOf"]))
    declared = schema["type"]
    found = {declared} if isinstance(declared, str) else set(declared)
    return frozenset(found | ({"integer"} if "number" in found else set()))


@dataclass(frozen=True)
class Field:
    """A declared property, by its path within a value."""

    path: tuple[str, ...]
    schema: Schema
    required: bool

    def __str__(self) -> str:
        return ".".join(self.path)

    def put(self, value: Json, new: Json) -> None:
        """Set the property within a value."""
        self._holder(value)[self.path[-1]] = new

    def drop(self, value: Json) -> None:
        """Remove the property from a value."""
        del self._holder(value)[self.path[-1]]

    def within(self, value: Json) -> bool:
        """Say whether a value has the property."""
        return self.path[-1] in self._holder(value)

    def _holder(self, value: Json) -> Json:
        for step in self.path[:-1]:
            value = value[step]
        return value


def fields(name: str, *, prefix: tuple[str, ...] = ()) -> list[Field]:
    """Return every property that a schema declares, nested ones too."""
    return list(_fields(component(name), prefix))


def _fields(schema: Schema, prefix: tuple[str, ...]) -> Iterator[Field]:
    for name, inner in schema.get("properties", {}).items():
        resolved = follow(inner)
        yield Field((*prefix, name), resolved, name in schema.get("required", ()))
        yield from _fields(_branch(resolved), (*prefix, name))


def _branch(schema: Schema) -> Schema:
    """Return the branch of a choice that is not null."""
    return next((follow(each) for each in schema.get("oneOf", ()) if follow(each).get("type") != "null"), schema)


class Planted:
    """A value of a schema with every property set, every sensitive one to a synthetic secret.

    Every property that the schema does not name is sensitive, its name included. What is in a sensitive object is
    sensitive too, unless each object is to be judged by itself.
    """

    def __init__(self, name: str, *, by_itself: bool = False) -> None:
        self._by_itself = by_itself
        self._count = 0
        self._matched: Counter[str] = Counter()
        self.secrets: list[str] = []
        self.shown: list[str] = []
        self.value: Json = self._plant(component(name), sensitive=False)

    def leaked(self, text: str) -> list[str]:
        """Return the secrets that a text shows."""
        return [each for each in self.secrets if (each if len(each) >= _SHORT else repr(each)) in text]

    def _plant(self, schema: Schema, *, sensitive: bool) -> Json:
        schema = _branch(follow(schema))
        sensitive = sensitive or schema.get("x-sensitive", False)
        kind = next(iter(sorted(types(schema) - {"null"})))
        if kind == "object":
            return self._object(schema, sensitive=sensitive and not self._by_itself)
        if kind == "array":
            return [self._plant(schema["items"], sensitive=sensitive)]
        value, mark = self._scalar(schema, kind)
        if kind != "boolean":
            (self.secrets if sensitive else self.shown).append(mark)
        return value

    def _object(self, schema: Schema, *, sensitive: bool) -> Json:
        planted = {
            name: self._plant({**inner}, sensitive=sensitive) for name, inner in schema.get("properties", {}).items()
        }
        unknown, inner = self._mark("key"), self._mark("unknown")
        self.secrets += [unknown, inner]
        return {**planted, unknown: {"inner": inner}}

    def _scalar(self, schema: Schema, kind: str) -> tuple[Json, str]:
        if "enum" in schema:
            return schema["enum"][0], str(schema["enum"][0])
        if kind == "boolean":
            return True, "True"
        if kind in {"integer", "number"}:
            self._count += 1
            number = max(schema.get("minimum", 0), 7_310_000_000_000) + self._count
            return number, str(number)
        if schema.get("format") in {"date", "date-time"}:
            self._count += 1
            day = (dt.date(1901, 1, 1) + dt.timedelta(days=self._count)).isoformat()
            return day if schema["format"] == "date" else f"{day}T00:00:00Z", day
        if "pattern" in schema:
            text = _matching(schema["pattern"], self._matched[schema["pattern"]])
            self._matched[schema["pattern"]] += 1
        else:
            text = self._mark("secret")[: schema.get("maxLength")]
        return text, text

    def _mark(self, kind: str) -> str:
        self._count += 1
        return f"zq{kind}{self._count:04}"


@cache
def _matching(pattern: str, number: int) -> str:
    """Return the simplest texts that a pattern allows, one by one."""
    taken = {_matching(pattern, each) for each in range(number)}
    wanted = settings(database=None, derandomize=True)
    return find(st.from_regex(pattern), lambda text: text not in taken and "\n" not in text, settings=wanted)
