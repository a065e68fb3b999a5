"""Finds what is wrong with the specification beyond what its schema can say.

What generation cannot do without is for `codegen/soundness.py` to judge, and the examples for jsonschema-rs. The rest
are this project's own rules, each a function that yields a place and one sentence for each finding.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from codegen import soundness, walking
from codegen.spec import ROOT, SPEC_PATH, Finding, Place, Spec, SpecError, load, operations

Json = Any


def sound(spec: Spec) -> Iterator[Finding]:
    """The document is valid, and all that follows from it can."""
    yield from soundness.findings(spec)


def unused(spec: Spec) -> Iterator[Finding]:
    """Every component is referred to."""
    used = {node["$ref"] for _, node in _walk(spec.document) if "$ref" in node}
    used |= {f"#/components/securitySchemes/{name}" for name in _security_schemes(spec)}
    for kind, components in spec.document.get("components", {}).items():
        for name in components:
            if f"#/components/{kind}/{name}" not in used:
                yield ("components", kind, name), "nobody uses it; refer to it or delete it"


def security(spec: Spec) -> Iterator[Finding]:
    """Every operation has security of its own: the generator reads it there and nowhere else."""
    for path, method, operation in operations(spec.document):
        if "security" not in operation:
            yield ("paths", path, method), "has no security of its own"


def descriptions(spec: Spec) -> Iterator[Finding]:
    """Every property has a description, of its own or of what it refers to."""
    for place, node in _walk(spec.document):
        properties = node.get("properties")
        if not isinstance(properties, dict) or {"example", "examples"} & {*place}:
            continue
        for name, schema in properties.items():
            described = schema.get("description") or spec.resolve(schema).get("description")
            if not described:
                yield (*place, "properties", name), "has no description"


def examples(spec: Spec) -> Iterator[Finding]:
    """Every example fits the schema beside it, or the one that it stands in."""
    beside = ((place, node, node["schema"]) for place, node in _walk(spec.document) if "schema" in node)
    within = ((place, schema, schema) for place, schema in walking.schemas(spec.document))
    for place, node, schema in (*beside, *within):
        if not isinstance(schema, dict):
            continue
        for name, value in _examples_of(node, spec):
            validator = Draft202012Validator({**schema, "components": spec.document.get("components", {})})
            for error in validator.iter_errors(value):
                where = "/".join(map(str, error.instance_path)) or "the whole"
                yield place, f"the example {name!r} does not fit its schema at {where}: {error.message}"


def twins(spec: Spec) -> Iterator[Finding]:
    """What can be sent can be read back: request and response agree on every property but null and read-only."""
    schemas = spec.document["components"]["schemas"]
    if not {"CustomerUpdate", "Customer"} <= schemas.keys():
        return
    sent, read = schemas["CustomerUpdate"]["properties"], schemas["Customer"]["properties"]
    for name in sent.keys() - read.keys():
        yield _property("CustomerUpdate", name), "is not in Customer, so it could never be read back"
    for name in read.keys() - sent.keys():
        if not read[name].get("readOnly"):
            yield _property("Customer", name), "is neither in CustomerUpdate nor readOnly"
    for name in sent.keys() & read.keys():
        if _essence(sent[name]) != _essence(read[name]):
            yield _property("Customer", name), "differs from CustomerUpdate's in more than null and description"


def removable(spec: Spec) -> Iterator[Finding]:
    """Every optional property of an update may be null, which removes it."""
    components = spec.document["components"]
    update = components["schemas"].get("CustomerUpdate", {})
    for name, schema in update.get("properties", {}).items():
        nullable = Draft202012Validator({**schema, "components": components}).is_valid(None)
        if name not in update.get("required", []) and not nullable:
            told = "is optional, and may not be null: nobody could remove it; allow 'null' as a type, and as a value"
            yield _property("CustomerUpdate", name), told


def _property(schema: str, name: str) -> Place:
    return "components", "schemas", schema, "properties", name


def provenances(spec: Spec) -> Iterator[Finding]:
    """Every x-provenance is `inferred`, or a map from a keyword that is there to `inferred`."""
    for place, node in _walk(spec.document):
        given = node.get("x-provenance")
        marks = given if isinstance(given, dict) else {} if given is None else {None: given}
        for keyword, mark in marks.items():
            if mark != "inferred":
                yield place, f"x-provenance is {mark!r}; documented is the default, so only `inferred` is written"
            if keyword is not None and keyword not in node:
                yield place, f"x-provenance speaks of {keyword!r}, which is not there"


# A stage is judged only when the one before it found nothing, since it relies on it.
STAGES = (
    (sound,),
    (unused, security, descriptions, examples, twins, removable, provenances),
)


def findings(spec: Spec) -> list[str]:
    """Return what is wrong and where, of the first stage that finds anything."""
    for rules in STAGES:
        found = [finding for rule in rules for finding in rule(spec)]
        if found:
            return [f"{spec.position(place)}: {walking.pointer(place)}: {reason}" for place, reason in found]
    return []


def _walk(node: Json, place: Place = ()) -> Iterator[tuple[Place, dict[str, Json]]]:
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from _walk(value, (*place, key))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _walk(value, (*place, position))


def _security_schemes(spec: Spec) -> set[str]:
    required = list(spec.document.get("security", []))
    for _, _, operation in operations(spec.document):
        required += operation.get("security", [])
    return {name for requirement in required for name in requirement}


def _examples_of(node: dict[str, Json], spec: Spec) -> Iterator[tuple[str | int, Json]]:
    if "example" in node:
        yield "example", node["example"]
    named = node.get("examples")
    if isinstance(named, list):
        yield from enumerate(named)
    for name, example in (named if isinstance(named, dict) else {}).items():
        yield name, spec.resolve(example).get("value")


def _essence(schema: dict[str, Json]) -> Json:
    """A property's schema without null, in the one form that both ways of allowing null come down to."""
    kept = {key: value for key, value in schema.items() if key != "description"}
    for union in {"oneOf", "anyOf"} & kept.keys():
        choices = [choice for choice in kept.pop(union) if choice != {"type": "null"}]
        kept |= choices[0] if len(choices) == 1 else {union: choices}
    kinds = kept.get("type", [])
    kept["type"] = sorted({kinds} if isinstance(kinds, str) else set(kinds) - {"null"})
    return kept


def main() -> int:
    """Run the command; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", type=Path, nargs="?", default=ROOT / SPEC_PATH)
    path = parser.parse_args().spec
    try:
        spec = replace(load(path), path=str(path))
        found = findings(spec)
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding, file=sys.stderr)
    print(f"{path}: {len(operations(spec.document))} operations, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
