"""The specification at run time: validators for what an operation sends and gets, read when first needed.

Validation is jsonschema-rs's. What is here says which schema applies to what, and tells a failure without values.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

Problem = str
Check = Callable[[Any], Problem | None]
Schema = dict[str, Any]

# Answers are held to their form alone. Bounds restrict what is sent; an answer that breaks one is still true.
_FORM = frozenset({"$ref", "type", "required", "properties", "items", "oneOf", "anyOf", "allOf", "enum"})
_JSON = "application/json"


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
    body = resolve(_operation(operation_id)["requestBody"])
    return _check(body["content"][_JSON]["schema"], document()["components"]["schemas"])


@cache
def response_check(operation_id: str, status: int) -> Check:
    """Return a function that says what is wrong with a decoded body of this status, or None."""
    response = resolve(_operation(operation_id)["responses"][str(status)])
    components = document()["components"]["schemas"]
    schemas = {name: _form_only(component) for name, component in components.items()}
    return _check(_form_only(response["content"][_JSON]["schema"]), schemas)


@cache
def response_schema(operation_id: str, status: int) -> Schema:
    """Return the schema of a body of this status."""
    schema: Schema = resolve(_operation(operation_id)["responses"][str(status)])["content"][_JSON]["schema"]
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
    schema = resolve(schema)
    if isinstance(value, float) and value.is_integer() and "integer" in _types(schema):
        return int(value)
    if isinstance(value, list) and "items" in schema:
        return [settle(each, schema["items"]) for each in value]
    if isinstance(value, dict):
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            if name not in value:
                continue
            if value[name] is None and name not in required and not _nullable(inner):
                del value[name]
            else:
                value[name] = settle(value[name], inner)
    return value


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
    for item in document()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                return operation
    raise KeyError(operation_id)


def _form_only(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_form_only(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _form_only(inner) for name, inner in value.items()} if key == "properties" else _form_only(value)
        for key, value in schema.items()
        if key in _FORM
    }


def _check(schema: Schema, schemas: Schema) -> Check:
    validator = Draft202012Validator({**schema, "components": {"schemas": schemas}})

    def check(value: Any) -> Problem | None:
        try:
            error = next(iter(validator.iter_errors(value)), None)
        except (ValueError, RecursionError):
            return "the body is nested too deeply, or holds a name that is no Unicode"
        return None if error is None else _told(error)

    return check


def _told(error: ValidationError) -> Problem:
    """Say where and what, without a value: the path of declared names, and what the keyword wants."""
    keyword, wanted = error.kind.name, error.kind.value
    if keyword in {"oneOf", "anyOf"}:
        deeper = [branch[0] for branch in wanted if branch and len(branch[0].instance_path) > len(error.instance_path)]
        if deeper:
            return _told(deeper[0])
        wanted = [kind for branch in wanted for kind in getattr(branch[0].kind, "types", ())]
        keyword = "type"
    path = ".".join(map(str, error.instance_path))
    if keyword == "required":
        return f"{path}.{wanted} is missing" if path else f"{wanted} is missing"
    subject = path or "the body"
    if keyword == "type":
        return f"{subject} is not of type {' or '.join(sorted(wanted))}"
    return f"{subject} does not fit {keyword} {wanted}"
