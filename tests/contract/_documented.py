"""The spec as the provider alone would have it: without what only we inferred of its answers."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from ._spec import INFERRED, NO_NULLS, NULL, Json, Spec


def documented(spec: Spec) -> Json:
    """A copy of the document whose answers promise only what the provider does: laxer schemas, fewer headers.

    Requests keep every constraint: what we hold to be valid is what may be sent.
    """
    raw = copy.deepcopy(spec.raw)
    content = spec.follow(raw["paths"][spec.update.path][spec.update.method.lower()]["requestBody"])["content"]
    content["application/json"]["schema"] = copy.deepcopy(spec.request_schema)
    _drop_inferred(raw)
    if spec.clauses[NO_NULLS].inferred:
        schema = raw["components"]["schemas"][_name_of(spec, spec.wrapper)]
        schema["properties"] = {name: _or_null(node) for name, node in schema["properties"].items()}
    return raw


def _or_null(node: Json) -> Json:
    return {"anyOf": [node, {"type": NULL}]}


def _name_of(spec: Spec, wrapper: str) -> str:
    """Return the component name of the customer's schema."""
    answer = spec.follow(spec.raw["paths"][spec.read.path][spec.read.method.lower()]["responses"]["200"])
    schema = spec.follow(answer["content"]["application/json"]["schema"])
    return str(schema["properties"][wrapper]["$ref"]).rpartition("/")[2]


def _drop_inferred(node: Json) -> None:
    """Take out of a document, in place, what its answers promise and the provider does not document."""
    if isinstance(node, list):
        for item in node:
            _drop_inferred(item)
    elif isinstance(node, dict):
        for keyword in _inferred_keywords(node):
            node.pop(keyword, None)
        for key, value in node.items():
            if key not in {"requestBody", "parameters"}:
                _drop_inferred(value)


def _inferred_keywords(node: Mapping[str, Json]) -> set[str]:
    """Return what of an object goes: the keywords it names, or all of a header's or a property's constraints."""
    provenance = node.get("x-provenance")
    if isinstance(provenance, dict):
        return {keyword for keyword, said in provenance.items() if said == INFERRED}
    # A response or an example that is only inferred does no harm: it allows more, and demands nothing.
    if provenance != INFERRED or node.keys() & {"content", "value"}:
        return set()
    return node.keys() - {"description"}
