"""Whether the parameters of a query and of the headers match their schemas, said without repeating a byte of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._spec import Operation, Spec

from .exchange import Exchange
from .validation import Violation, validator

Values = dict[str, _json.Value]
"""The parameters that a request has, by the names of the specification."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(_INTEGER.pattern + r"(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "false": False}


class ParameterReader:
    """Reads the parameters of one operation, those of the path aside."""

    def __init__(self, operation: Operation, spec: Spec) -> None:
        self._parameters = [_Parameter(node, spec) for node in operation.other_parameters]

    def read(self, exchange: Exchange) -> tuple[Values, list[Violation]]:
        """The values, and what is wrong with them. Parameters that the specification does not name are ignored."""
        query = parse_qs(exchange.query.decode("utf-8", "replace"), keep_blank_values=True) if self._parameters else {}
        values: Values = {}
        violations: list[Violation] = []
        for parameter in self._parameters:
            if parameter.place == "query":
                texts = query.get(parameter.name, [])
            else:
                texts = [value.decode("latin-1") for value in exchange.header(parameter.name.lower().encode())]
            if texts:
                values[parameter.name] = value = parameter.value(texts)
                violations += parameter.problems(texts, value)
            elif parameter.is_required:
                violations.append(Violation(parameter.pointer, "required"))
        return values, violations


class _Parameter:
    def __init__(self, node: dict[str, Any], spec: Spec) -> None:
        self.name, self.place = str(node["name"]), str(node["in"])
        schema = spec.follow(node["schema"])
        items = spec.follow(schema.get("items", {}))
        self._many = "array" in _types(schema)
        self._kinds = _types(items if self._many else schema)
        self.pointer = f"/{self.place}/{self.name}"
        self.is_required = bool(node.get("required"))
        self._validator = validator(schema, spec.components)

    def value(self, texts: list[str]) -> _json.Value:
        return [_typed(text, self._kinds) for text in texts] if self._many else _typed(texts[0], self._kinds)

    def problems(self, texts: list[str], value: _json.Value) -> Iterator[Violation]:
        if len(texts) > 1 and not self._many:
            yield Violation(self.pointer, "type")
        else:
            for error in self._validator.iter_errors(value):
                yield Violation(self.pointer, str(error.schema_path[-1]))


def _typed(text: str, kinds: list[str]) -> _json.Value:
    """What a text stands for, by the types that its schema allows; the text itself where it stands for none."""
    if "integer" in kinds and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in kinds and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in kinds and text in _BOOLEANS:
        return _BOOLEANS[text]
    return text


def _types(schema: dict[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else kinds
