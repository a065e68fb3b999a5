"""What a fault and a rule may be told: JSON members, held to their schemas, refused without repeating a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator

from trustly_customers.sandbox import _json

_TYPES = {"number": "a number", "integer": "a whole number", "string": "a text", "null": "null"}


class RuleError(ValueError):
    """A rule that cannot be one. The text is one sentence: what is wrong, and what is allowed."""


class Parameter:
    """One member: its JSON Schema, its default, and what is allowed in words."""

    def __init__(self, schema: Mapping[str, Any], default: _json.Value, *, allowed: str | None = None) -> None:
        """`allowed` is for what the schema's type and bounds do not say."""
        self.default = default
        self.allowed = allowed or _in_words(schema)
        self._validator = Draft202012Validator(dict(schema))
        self._whole = "integer" in _types(schema)

    def read(self, value: _json.Value) -> _json.Value:
        """Return the value; RuleError for one that is not allowed, saying only what is."""
        if not self._validator.is_valid(value):
            raise RuleError(f"must be {self.allowed}")
        return int(value) if self._whole and isinstance(value, float) else value  # 2.0 is whole too


Parameters = Mapping[str, Parameter]


def read(what: str, document: _json.Value, parameters: Parameters) -> dict[str, Any]:
    """The members of an object, defaults included. Raises RuleError, which says what was read."""
    if not isinstance(document, dict):
        raise RuleError(f"{what} must be a JSON object")
    if document.keys() - parameters.keys():
        known = ", ".join(parameters) or "no parameters"
        raise RuleError(f"{what} has a member that is not known; it takes {known}")
    values = {}
    for name, parameter in parameters.items():
        try:
            values[name] = parameter.read(document[name]) if name in document else parameter.default
        except RuleError as error:
            raise RuleError(f"{name} of {what} {error}") from None
    return values


def _types(schema: Mapping[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _in_words(schema: Mapping[str, Any]) -> str:
    first, *others = (_TYPES[each] for each in _types(schema))
    if "minLength" in schema:
        first += f" of {schema['minLength']} to {schema['maxLength']} characters"
    if "minimum" in schema:
        first += f" from {schema['minimum']} to {schema['maximum']}"
    return " or ".join([first, *others])
