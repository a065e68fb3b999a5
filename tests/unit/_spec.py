"""What the unit tests know from the specification: examples, statuses, fields, and customers full of secrets."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import attrs
from hypothesis import find, settings
from hypothesis import strategies as st
from jsonschema_rs import is_valid

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
"""Texts below this length are looked for in quotes, since two letters occur everywhere; numbers are not looked for."""
_DATE = re.compile(r"datetime\.date(?:time)?\((\d+), (\d+), (\d+)")
_TIMES = {"duration": "P{}DT3H", "time": "10:20:{:02}.125Z"}
_FORMATS = {"email": "{}@example.com", "uri": "https://example.com/{}"}


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


def models() -> list[str]:
    """Return the components that become models: the objects, and no enumerations."""
    return sorted(name for name in document()["components"]["schemas"] if types(component(name)) == {"object"})


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
                content = follow(response).get("content", {})
                examples = content.get("application/json", {}).get("examples", {})
                envelope = [follow(each)["value"] for each in examples.values()] or [example("InvalidParameter")]
                found.append((operation_id, int(status), envelope[0]))
    return found


def provider_set() -> frozenset[str]:
    """Return the properties of a customer that only the provider sets."""
    return frozenset(name for name, inner in component("Customer")["properties"].items() if inner.get("readOnly"))


def known_codes() -> dict[int, str]:
    """Return the meaning of each known error code."""
    return {int(code): text for code, text in component("ErrorDetail")["properties"]["code"]["x-known-codes"].items()}


def attribute(model: type[Any], name: str) -> str:
    """Return the attribute that a property became, under a name that Python allows."""
    return next(each for each in attrs.fields_dict(model) if _letters(each) == _letters(name))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower().removeprefix("field_"))


def types(schema: Schema) -> frozenset[str]:
    """Return the JSON types that a schema names."""
    schema = follow(schema)
    if branches := _branches(schema):
        return frozenset().union(*map(types, branches))
    declared = schema.get("type", list(SAMPLES))
    return frozenset([declared] if isinstance(declared, str) else declared)


def allows(schema: Schema, kind: str) -> bool:
    """Say whether a schema allows values of a JSON type; a whole number is a number too."""
    return kind in types(schema) or (kind == "integer" and "number" in types(schema))


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


def _branches(schema: Schema) -> list[Schema]:
    return [follow(each) for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ()))]


def _branch(schema: Schema) -> Schema:
    """Return the branch of a choice that is not null, and lay what stands beside the choice over it."""
    chosen: Schema = next((each for each in _branches(schema) if each.get("type") != "null"), {})
    return {**chosen, **{key: value for key, value in schema.items() if key not in {"oneOf", "anyOf"}}}


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
        text = _with_dates_as_in_json(text)
        return [each for each in self.secrets if (each if len(each) >= _SHORT else repr(each)) in text]

    def unseen(self, text: str) -> list[str]:
        """Return what is not sensitive and does not show in a text."""
        return [each for each in self.shown if each not in _with_dates_as_in_json(text)]

    def _plant(self, schema: Schema, *, sensitive: bool) -> Json:
        schema = _branch(follow(schema))
        sensitive = sensitive or schema.get("x-sensitive", False)
        kind = next(iter(sorted(types(schema) - {"null"}))) if "type" in schema else "string"
        if kind == "object":
            return self._object(schema, sensitive=sensitive and not self._by_itself)
        if kind == "array":
            return [self._plant(schema["items"], sensitive=sensitive) for _ in range(schema.get("minItems", 1) or 1)]
        value, mark = self._scalar(schema, kind)
        if kind == "string" or len(mark) >= _SHORT:
            (self.secrets if sensitive else self.shown).append(mark)
        return value

    def _object(self, schema: Schema, *, sensitive: bool) -> Json:
        planted = {
            name: self._plant({**inner}, sensitive=sensitive) for name, inner in schema.get("properties", {}).items()
        }
        more = schema.get("additionalProperties", True)
        if more is False:
            return planted
        unknown = self._mark("key")
        self.secrets.append(unknown)
        if more is not True:
            return {**planted, unknown: self._plant(more, sensitive=True)}
        inner = self._mark("unknown")
        self.secrets.append(inner)
        return {**planted, unknown: {"inner": inner}}

    def _scalar(self, schema: Schema, kind: str) -> tuple[Json, str]:
        self._count += 1
        if "const" in schema or "enum" in schema:
            value = schema["const"] if "const" in schema else schema["enum"][0]
            return value, str(value)
        if kind == "boolean":
            return True, "True"
        if kind in {"integer", "number"}:
            number = _number(schema, 7_310_000_000_000 + self._count)
            return number, str(number)
        if schema.get("format") in {"date", "date-time"}:
            day = (dt.date(1901, 1, 1) + dt.timedelta(days=self._count)).isoformat()
            return day if schema["format"] == "date" else f"{day}T00:00:00+00:00", day
        text = self._text(schema)
        return text, text

    def _text(self, schema: Schema) -> str:
        if schema.get("format") == "uuid":
            return f"{self._count:08}-7310-4000-8000-000000000000"
        if schema.get("format") in _TIMES:
            return _TIMES[schema["format"]].format(self._count % 60)
        if "pattern" in schema:
            lengths = schema.get("minLength", 0), schema.get("maxLength", 1000)
            self._matched[schema["pattern"]] += 1
            return _matching(schema["pattern"], lengths, self._matched[schema["pattern"]])
        text = self._mark("secret").ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
        return _FORMATS.get(schema.get("format", ""), "{}").format(text)

    def _mark(self, kind: str) -> str:
        self._count += 1
        return f"zq{self._count:04}{kind}"  # the number first: it is what tells one that is cut short from others


def _number(schema: Schema, large: int) -> float:
    """Return a number that a schema allows: a large one, which no text holds by chance, or one about its bounds."""
    step: Any = schema.get("multipleOf", 1)
    low: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high: Any = schema.get("maximum", schema.get("exclusiveMaximum", low))
    candidates: tuple[float, ...] = (large, large * step, high, low, high - step, low + step, (low + high) / 2)
    return next(each for each in candidates if is_valid(schema, each))


@cache
def _matching(pattern: str, lengths: tuple[int, int], number: int) -> str:
    """Return the simplest texts of a pattern and of no other lengths, one by one."""
    taken = {_matching(pattern, lengths, each) for each in range(1, number)}
    wanted = settings(database=None, derandomize=True)

    def fits(text: str) -> bool:
        return text not in taken and "\n" not in text and lengths[0] <= len(text) <= lengths[1]

    return find(st.from_regex(pattern), fits, settings=wanted)


def _with_dates_as_in_json(text: str) -> str:
    return _DATE.sub(lambda found: dt.date(*map(int, found.groups())).isoformat(), text)
