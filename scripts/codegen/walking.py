"""Every object of a specification, and every schema, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .spec import Node, Place

_VALUE_KEYS = frozenset({"example", "examples", "default", "enum", "const", "x-contract"})


def schemas(document: Node) -> Iterator[tuple[Place, Node]]:
    """Yield every schema with its place, those within schemas included."""
    for place, node in walk(document):
        if "schema" in node and isinstance(node["schema"], dict):
            yield from _within((*place, "schema"), node["schema"])
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _within(("components", "schemas", name), schema)


def _within(place: Place, schema: Node) -> Iterator[tuple[Place, Node]]:
    yield place, schema
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        yield from _within((*place, "properties", name), inner)
    if "items" in schema:
        yield from _within((*place, "items"), schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _within((*place, "additionalProperties"), schema["additionalProperties"])
    for key in ("oneOf", "anyOf"):
        for position, inner in enumerate(schema.get(key, [])):
            yield from _within((*place, key, position), inner)


def walk(node: Any, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """Yield every object of the document with its place, but for what stands in values."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            if key not in _VALUE_KEYS or (key == "examples" and place[:1] == ("components",)):
                yield from walk(value, (*place, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from walk(value, (*place, position))


def pointer(place: Place) -> str:
    """Return a place in words."""
    return "/".join(map(str, place)) or "the document"
