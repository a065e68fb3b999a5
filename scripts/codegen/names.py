"""What the specification's names become in Python: each the name of one thing, and of nothing that has it already."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from openapi_python_client.strings import ClassName, PythonIdentifier

from .spec import Finding, Node, Place, Spec

_OF_MODELS = frozenset({"additional_properties", "additional_keys", "to_dict", "from_dict"})


def of_schemas(spec: Spec) -> Iterator[Finding]:
    """Every schema is a class of its own."""
    yield from _names(("components", "schemas"), spec.document.get("components", {}).get("schemas", {}), ClassName)


def of_properties(place: Place, schema: Node) -> Iterator[Finding]:
    """Every property is an attribute of its own."""
    properties = schema.get("properties", {})
    yield from _names((*place, "properties"), properties, PythonIdentifier)
    for name in properties:
        converted = python_name(name)
        where = (*place, "properties", name)
        if keyword.iskeyword(name):
            yield where, f"{name!r} is a keyword of Python, and cannot be the name of an attribute"
        elif converted in _OF_MODELS:
            yield where, f"{name!r} would be {converted!r} in Python, which every model has as a name of its own"


def python_name(name: str) -> str:
    """Return the name that the generator gives to an attribute or an argument."""
    return str(PythonIdentifier(name, prefix="field_"))


def _names(place: Place, names: Iterable[str], convert: type[ClassName | PythonIdentifier]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in names:
        converted = str(convert(name, "field_"))
        if converted in seen:
            yield (*place, name), f"{name!r} would be {converted!r} in Python, as is {seen[converted]!r}; rename one"
        seen.setdefault(converted, name)
