"""What a body shows of itself to somebody who did not ask for personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema_rs import is_valid

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._spec import Operation, Spec

MASK = "***"
_NULL = {"type": "null"}

Schema = dict[str, Any]


class Masking:
    """Hides what the spec marks as sensitive, and all that it does not know, names included."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def masked(self, operation: Operation | None, body: bytes) -> _json.Value:
        """The value of a body of JSON, with all that is not known to be harmless hidden."""
        if operation is None or operation.request_schema is None:
            return MASK
        try:
            value = _json.read(body)
        except _json.NotStrictJSONError:
            return MASK
        request = self._spec.follow(operation.request_schema)
        # What only the provider sets comes back with an update, and is described with the answer.
        known = {**operation.resource_schema.get("properties", {}), **request.get("properties", {})}
        return self._shown(value, {**request, "properties": known})

    def _shown(self, value: _json.Value, schema: Schema) -> _json.Value:
        component = self._spec.follow(schema)
        if schema.get("x-sensitive") or component.get("x-sensitive"):
            return MASK
        schema = component
        choices = [each for key in ("oneOf", "anyOf") for each in schema.get(key, ())]
        if choices:
            return self._chosen(value, choices)
        if isinstance(value, dict):
            return self._members(value, schema.get("properties", {}))
        if isinstance(value, list):
            items = schema.get("items")
            return [self._shown(item, items) for item in value] if items else MASK
        # What is of another type than it should be may be anything.
        is_known = "type" in schema and is_valid({"type": schema["type"]}, value)
        return value if is_known else MASK

    def _chosen(self, value: _json.Value, choices: Sequence[Schema]) -> _json.Value:
        """As `_shown`, where null is one choice and there is one more. Of several, what is meant is not known."""
        meant = [each for each in choices if each != _NULL]
        if value is None and len(meant) < len(choices):
            return None
        return self._shown(value, meant[0]) if len(meant) == 1 else MASK

    def _members(self, value: dict[str, Any], known: Mapping[str, Schema]) -> dict[str, Any]:
        # A name that the spec does not know was chosen by the caller, and may be personal data too.
        return {
            name if name in known else MASK: self._shown(member, known[name]) if name in known else MASK
            for name, member in value.items()
        }


def parsed(body: bytes) -> _json.Value:
    """The value of a body of JSON, or the text of another one."""
    try:
        return _json.read(body)
    except _json.NotStrictJSONError:
        return body.decode(errors="replace")
