"""The specification at run time: validators for what an operation sends and gets, read when first needed.

Validation is jsonschema-rs's. What is here says which schema applies to what, and tells a failure without values.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from jsonschema_rs import Draft202012Validator, ValidationError

Problem = str
Check = Callable[[Any], Problem | None]
Schema = dict[str, Any]

# Answers are held to their form alone. Bounds restrict what is sent; an answer that breaks one is still true. So is one
# that fits several forms of a choice, which without their bounds may not even differ.
_FORM = frozenset({"$ref", "type", "required", "properties", "items", "oneOf", "anyOf", "allOf", "enum"})
_JSON = "application/json"
# As the models read texts of these formats.
_READ: Final[dict[str, Callable[[str], object]]] = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


@cache
def document() -> Schema:
    """Return the specification."""
    found = pkgutil.get_data("trustly_api", "openapi.json")
    assert found is not None  # noqa: S101 - for the type checker: every loader of wheels and folders has data
    loaded: Schema = json.loads(found)
    return loaded


@cache
def request_check(operation_id: str) -> Check:
    """Return a function that says what is wrong with a body before it is sent, or None."""
    return _check(_request_schema(operation_id), document()["components"]["schemas"])


@cache
def property_check(operation_id: str, name: str, shown_as: str) -> Check:
    """Return a function that says what is wrong with one property of a body before it is sent, or None."""
    schema = resolve(_request_schema(operation_id))["properties"][name]
    return _check(schema, document()["components"]["schemas"], shown_as)


@cache
def parameter_check(operation_id: str, place: str, name: str, shown_as: str) -> Check:
    """Return a function that says what is wrong with a parameter, of the query or a header, or None."""
    found = (each for each in _operation(operation_id)["parameters"] if (each["in"], each["name"]) == (place, name))
    return _check(next(found)["schema"], document()["components"]["schemas"], shown_as)


@cache
def response_check(operation_id: str, status: int) -> Check:
    """Return a function that says what is wrong with a decoded body of this status, or None."""
    components = document()["components"]["schemas"]
    schemas = {name: _form_only(component) for name, component in components.items()}
    return _check(_form_only(response_schema(operation_id, status)), schemas)


@cache
def response_schema(operation_id: str, status: int) -> Schema:
    """Return the schema of a body of this status."""
    schema: Schema = resolve(_operation(operation_id)["responses"][str(status)])["content"][_JSON]["schema"]
    return schema


def _request_schema(operation_id: str) -> Schema:
    schema: Schema = resolve(_operation(operation_id)["requestBody"])["content"][_JSON]["schema"]
    return schema


def resolve(schema: Schema) -> Schema:
    """Follow a reference within the specification, keywords beside it left aside."""
    while "$ref" in schema:
        found: Any = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def settle(value: Any, schema: Schema) -> Any:
    """Return a decoded answer as the models expect it, changing it in place.

    An optional property that is null where the schema knows no null is left out: absent is what the specification
    promises for a property without a value. An integer written as `1.0`, which JSON Schema takes for one, becomes
    one.
    """
    shape = _shape(schema)
    if isinstance(value, dict):
        _settle_properties(value, shape)
    elif isinstance(value, list) and shape.items is not None:
        return [settle(each, shape.items) for each in value]
    elif shape.is_integer and isinstance(value, float):
        return _whole(value)
    return value


def _settle_properties(value: dict[str, Any], shape: _Shape) -> None:
    if None in value.values():
        for name in shape.dropped & value.keys():
            if value[name] is None:
                del value[name]
    for name in shape.integers:
        if isinstance(value.get(name), float):
            value[name] = _whole(value[name])
    for name, inner in shape.deeper:
        if name in value:
            value[name] = settle(value[name], inner)


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() else number


class _Shape(NamedTuple):
    """What of a schema `settle` wants to know."""

    is_integer: bool
    items: Schema | None
    dropped: frozenset[str]
    """The properties that are left out where they are null."""
    integers: tuple[str, ...]
    deeper: tuple[tuple[str, Schema], ...]
    """The properties that have parts of their own."""


_SHAPES: Final[dict[int, _Shape]] = {}  # by the identity of a schema, which lives as long as the document


def _shape(schema: Schema) -> _Shape:
    found = _SHAPES.get(id(schema))
    if found is None:
        whole = resolve(schema)
        properties = whole.get("properties", {})
        required = whole.get("required", ())
        found = _SHAPES[id(schema)] = _Shape(
            is_integer="integer" in _types(whole),
            items=whole.get("items"),
            dropped=frozenset(name for name in properties if name not in required and not _nullable(properties[name])),
            integers=tuple(name for name, inner in properties.items() if "integer" in _types(resolve(inner))),
            deeper=tuple((name, inner) for name, inner in properties.items() if _has_parts(inner)),
        )
    return found


def _has_parts(schema: Schema) -> bool:
    schema = resolve(schema)
    return "items" in schema or "properties" in schema


def unreadable(value: Any, schema: Schema, *at: str) -> str | None:
    """Return the place of the first date or time that Python cannot read, such as one of a leap second."""
    whole = resolve(schema)
    read = _READ.get(whole.get("format", ""))
    if isinstance(value, str) and read is not None:
        try:
            read(value)
        except ValueError:
            return ".".join(at)
    parts: list[tuple[str, Any, Schema]] = []
    if isinstance(value, dict):
        parts = [(name, value[name], inner) for name, inner in whole.get("properties", {}).items() if name in value]
    elif isinstance(value, list):
        parts = [(str(number), each, whole.get("items", {})) for number, each in enumerate(value)]
    found = (unreadable(each, inner, *at, name) for name, each, inner in parts)
    return next((place for place in found if place is not None), None)


def fitting(value: object, name: str) -> Schema | None:
    """Return what of a value fits a component: None without all of the required, else without what does not fit."""
    schema = document()["components"]["schemas"][name]
    if not isinstance(value, dict):
        return None
    checks = _property_checks(name)
    kept = {key: member for key, member in value.items() if key not in checks or checks[key](member) is None}
    return kept if set(schema.get("required", ())) <= kept.keys() else None


@cache
def _property_checks(name: str) -> dict[str, Check]:
    schemas = document()["components"]["schemas"]
    return {key: _check(_form_only(schema), schemas) for key, schema in schemas[name].get("properties", {}).items()}


def _types(schema: Schema) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds


def _nullable(schema: Schema) -> bool:
    schema = resolve(schema)
    return "null" in _types(schema) or any(map(_nullable, schema.get("oneOf", ())))


@cache
def _operation(operation_id: str) -> Schema:
    """Return an operation, with all its parameters: its own before those of its path."""
    for item in document()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                parameters = [*operation.get("parameters", ()), *item.get("parameters", ())]
                return {**operation, "parameters": [resolve(each) for each in parameters]}
    raise KeyError(operation_id)


def _form_only(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_form_only(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    form = {
        key: {name: _form_only(inner) for name, inner in value.items()} if key == "properties" else _form_only(value)
        for key, value in schema.items()
        if key in _FORM
    }
    if "oneOf" in form:
        form["allOf"] = [*form.get("allOf", ()), {"anyOf": form.pop("oneOf")}]
    return form


def _check(schema: Schema, schemas: Schema, *at: str) -> Check:
    validator = Draft202012Validator({**schema, "components": {"schemas": schemas}}, validate_formats=True)

    def check(value: Any) -> Problem | None:
        try:
            if validator.is_valid(value):
                return None
            error = next(iter(validator.iter_errors(value)), None)
        except (ValueError, RecursionError):
            return "the body is nested too deeply, or holds a name that is no Unicode"
        return None if error is None else _told(error, at)

    return check


def _told(error: ValidationError, at: tuple[str, ...]) -> Problem:
    """Say where and what, without a value: the path of declared names, and what the keyword wants."""
    keyword, wanted = error.kind.name, error.kind.value
    path = ".".join(map(str, (*at, *error.instance_path)))
    subject = path or "the body"
    if keyword in {"oneOf", "anyOf"}:
        if not all(wanted):  # those that the value fits are empty
            return f"{subject} fits several of its forms, and must fit exactly one"
        # The branch that the value was meant for is the one that its type or a part of it fits.
        firsts = [branch[0] for branch in wanted]
        meant = [each for each in firsts if each.kind.name != "type" or each.instance_path != error.instance_path]
        if meant:
            return _told(meant[0], at)
        wanted = [kind for first in firsts for kind in getattr(first.kind, "types", ())]
        keyword = "type"
    if keyword == "required":
        return f"{path}.{wanted} is missing" if path else f"{wanted} is missing"
    if keyword == "type":
        return f"{subject} is not of type {' or '.join(sorted(set(wanted), key=_null_last))}"
    return f"{subject} does not fit {keyword} {wanted}"


def _null_last(kind: str) -> tuple[bool, str]:
    return kind == "null", kind
