"""What a specification must be so that all that follows from it does: valid, whole, and made of what is supported.

The generator takes much of what it does not know in silence, and renames what collides. Here each such thing is an
error with its place, before anything is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from . import names
from .spec import Finding, Node, Place, Spec, SpecError, load, operations, types

_JSON = "application/json"
_TEXTS = {"title", "description", "deprecated", "readOnly", "writeOnly", "default", "example", "examples", "$comment"}
_VALUES = {"type", "format", "enum", "const", "pattern", "minLength", "maxLength"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_PARTS = {"$ref", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "oneOf", "anyOf"}
SUPPORTED = frozenset(_TEXTS | _VALUES | _NUMBERS | _PARTS)
"""The keywords that the client, the sandbox, the contract check and the comparison of releases all know."""
CLAUSE_MEMBERS = ("id", "text", "provenance", "reason")
PROVENANCES = ("documented", "inferred")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_BASE = re.compile(r"(?:https://[^\s/?#@{}]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:/[^\s/?#{}]+)*")
_ADDRESS = "say https://, a host and a path, without variables and without a slash at the end"
_PLACES = ("path", "query", "header")
_PARAMETER = frozenset({"name", "in", "required", "description", "deprecated", "schema", "example", "examples"})
_CALLERS = "customers.modify, the command and the contract check know only what every request about a customer has"
_NOTHING = object()
_VALUE_KEYS = frozenset({"example", "examples", "default", "enum", "const", "x-contract"})


def ensure(spec: Spec) -> None:
    """Raise SpecError with a line for each thing that is not as it must be."""
    found = findings(spec)
    if found:
        raise SpecError("\n".join(f"{spec.position(place)}: {pointer(place)}: {reason}" for place, reason in found))


def loaded(path: Path) -> Spec:
    """Read a specification and return it. Raises as `load` and `ensure`."""
    spec = load(path)
    ensure(spec)
    return spec


def findings(spec: Spec) -> list[Finding]:
    """Return what is wrong, of the first stage that finds anything: each relies on the one before it."""
    for stage in (references, validity, forms, support):
        found = list(dict.fromkeys(stage(spec)))
        if found:
            return found
    return []


def references(spec: Spec) -> Iterator[Finding]:
    """Every reference leads somewhere in this document."""
    for place, node in walk(spec.document):
        if isinstance(node.get("$ref"), str):
            try:
                spec.resolve(node)
            except SpecError:
                yield (*place, "$ref"), f"{node['$ref']!r} leads nowhere in this file; {_mended(node['$ref'], spec)}"


def _mended(reference: str, spec: Spec) -> str:
    """What to do about a reference that leads nowhere."""
    targets = [f"#/{pointer(place)}" for place, _ in walk(spec.document) if place[:1] == ("components",)]
    return _meant(reference, targets).removeprefix("; ") or "mend it or add its target"


def _meant(said: str, known: Iterable[str]) -> str:
    """What somebody meant who said what is nearly right; empty for anything else."""
    close = get_close_matches(said, known, 1, cutoff=0.8)
    return f"; did you mean {close[0]!r}?" if close else ""


def validity(spec: Spec) -> Iterator[Finding]:
    """The document is a valid OpenAPI 3.1 document."""
    for error in map(_precise, OpenAPIV31SpecValidator(spec.document).iter_errors()):
        message = " ".join(str(getattr(error, "message", error)).split()).partition(" Failed validating ")[0]
        # Which is told below, with its place.
        if not message.startswith("Operation ID"):
            place = tuple(getattr(error, "absolute_path", ()))
            yield _whole(spec, place, getattr(error, "instance", None)), message


def _precise(error: Exception) -> Exception:
    """Of a type that there is not, the error that lists those that there are."""
    within = getattr(error, "context", None) or []
    listed = [each for each in within if each.validator == "enum" and "type" in [*each.absolute_path][-2:]]
    return listed[-1] if listed else error


def _whole(spec: Spec, place: Place, wrong: Any) -> Place:
    """The place from the root on: of what is wrong within a schema, the validator tells the place in the schema."""
    starts = (start for start, node in walk(spec.document) if _at(node, place) is wrong)
    return (*next(starts, ()), *place)


def _at(node: Any, place: Place) -> Any:
    try:
        return reduce(getitem, place, node)
    except (LookupError, TypeError):
        return _NOTHING


def forms(spec: Spec) -> Iterator[Finding]:
    """Every schema says what a value is; `true` and `false` are schemas too, and nobody here reads them."""
    for place, schema in schemas(spec.document):
        if not isinstance(schema, dict):
            yield place, f"is {json.dumps(schema)}, which is not supported as a schema; say what it holds"


def support(spec: Spec) -> Iterator[Finding]:
    """What is said is understood by all that reads it, and every name in Python is one name in the contract."""
    if not _VERSION.fullmatch(spec.version):
        yield ("info", "version"), f"{spec.version!r} cannot be compared with another; say three numbers, such as 1.0.0"
    yield from _environments(spec)
    yield from _operations(spec)
    yield from _clauses(spec)
    yield from _recursion(spec)
    yield from names.of_schemas(spec)
    yield from names.of_changes(spec)
    for place, schema in schemas(spec.document):
        yield from _schema(place, schema)
        yield from names.of_properties(spec, place, schema)
        yield from names.of_members(place, schema)


def _environments(spec: Spec) -> Iterator[Finding]:
    if not spec.document.get("servers"):
        yield (), "has no servers; say where the API is"
    seen: set[str] = set()
    for position, server in enumerate(spec.document.get("servers", [])):
        place, name = ("servers", position), server.get("x-environment")
        if not isinstance(name, str):
            yield place, "has no x-environment, the name by which clients choose it"
        elif name in seen:
            yield (*place, "x-environment"), f"{name!r} is the name of another server already"
        if not _BASE.fullmatch(server["url"]):
            yield (*place, "url"), f"{server['url']!r} cannot be sent to; {_ADDRESS}"
        seen.add(str(name))


def _clauses(spec: Spec) -> Iterator[Finding]:
    """Every clause of x-contract is complete and has a name of its own."""
    listed, seen = spec.document.get("x-contract", []), set()
    if not isinstance(listed, list) or not all(isinstance(clause, dict) for clause in listed):
        yield ("x-contract",), f"must be a list of clauses, each with {', '.join(CLAUSE_MEMBERS)}"
        return
    for position, clause in enumerate(listed):
        name, place = clause.get("id"), ("x-contract", position)
        told = f"the clause {name}" if name else "the clause"
        for member in CLAUSE_MEMBERS:
            if not clause.get(member):
                yield place, f"{told} has no {member}"
            elif not isinstance(clause[member], str):
                yield (*place, member), "is no text"
        if clause.get("provenance") not in PROVENANCES:
            yield place, f"{told} needs a provenance, one of {', '.join(PROVENANCES)}"
        if name in seen:
            yield place, f"{told} stands there twice"
        seen.add(name)


def _operations(spec: Spec) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for path, method, operation in operations(spec.document):
        place, name = ("paths", path, method), operation.get("operationId")
        if not name:
            yield place, "has no operationId, which its method is named after"
        elif names.python_name(name) in seen:
            other = seen[names.python_name(name)]
            yield (*place, "operationId"), f"{name!r} is the name of {other} already; give one of them another"
        else:
            seen[names.python_name(name)] = f"{method.upper()} {path}"
        if len(operation.get("tags", [])) != 1:
            yield place, "must have one tag, which its class is named after"
        yield from _parameters(spec, path, place, operation)
        yield from _bodies(spec, place, operation)
        for status in operation["responses"]:
            if not status.isdecimal():
                yield (*place, "responses", status), "is not supported as a status; list the numbers"
        for where, content in _contents(spec, place, operation):
            for media_type in content.keys() - {_JSON}:
                yield (*where, "content", media_type), f"is not supported as a content type; {_JSON} is"


def _parameters(spec: Spec, path: str, place: Place, operation: Node) -> Iterator[Finding]:
    shared = spec.document["paths"][path].get("parameters", [])
    listed: list[tuple[Place, Node]] = [
        (("paths", path, "parameters", position), each) for position, each in enumerate(shared)
    ]
    own = enumerate(operation.get("parameters", []))
    listed += [((*place, "parameters", position), each) for position, each in own]
    taken = {"body": "the request body"} if "requestBody" in operation else {}
    for where, parameter in listed:
        node = spec.resolve(parameter)
        if node["in"] not in _PLACES:
            yield where, f"in: {node['in']} is not supported; {', '.join(_PLACES)} are"
        for unknown in sorted(key for key in node.keys() - _PARAMETER if not key.startswith("x-")):
            yield where, f"{unknown!r} is not supported of a parameter"
        if node.get("required") and node["in"] != "path" and "{" in path:
            yield where, f"{node['name']!r} cannot be required; {_CALLERS}"
        python_name = names.python_name(node["name"])
        if python_name in taken:
            yield where, f"{node['name']!r} would be {python_name!r} in Python, as is {taken[python_name]}"
        taken[python_name] = f"the parameter {node['name']!r}"


def _bodies(spec: Spec, place: Place, operation: Node) -> Iterator[Finding]:
    body = spec.resolve(operation.get("requestBody", {}))
    if body and not body.get("required"):
        yield (*place, "requestBody"), "may be left out, which no method offers; say `required: true`"
    for status, response in operation["responses"].items():
        if status.startswith("2") and not spec.resolve(response).get("content"):
            yield (*place, "responses", status), "is a success without a body, of which no method could return anything"


def _contents(spec: Spec, place: Place, operation: Node) -> Iterator[tuple[Place, Node]]:
    yield (*place, "requestBody"), spec.resolve(operation.get("requestBody", {})).get("content", {})
    for status, response in operation["responses"].items():
        yield (*place, "responses", status), spec.resolve(response).get("content", {})


def _recursion(spec: Spec) -> Iterator[Finding]:
    """No component holds itself: the contract check makes values of all that a schema holds."""
    found = spec.document.get("components", {}).get("schemas", {})
    for name, schema in found.items():
        reached, todo = set(), [schema]
        while todo:
            for _, node in walk(todo.pop()):
                target = str(node.get("$ref")).removeprefix("#/components/schemas/")
                if target in found and target not in reached:
                    reached.add(target)
                    todo.append(found[target])
        if name in reached:
            yield ("components", "schemas", name), "holds itself in the end, which is not supported"


def _schema(place: Place, schema: Node) -> Iterator[Finding]:
    for name in sorted(key for key in schema if key not in SUPPORTED and not key.startswith("x-")):
        yield (*place, name), f"{name!r} is not supported in a schema{_meant(name, SUPPORTED)}"
    if "x-sensitive" in schema and place[-2] != "properties":
        # Nothing would be hidden: what hides a value knows the property that holds it.
        yield (*place, "x-sensitive"), "counts at a property alone; say it at each property that holds such a value"
    for code, meaning in schema.get("x-known-codes", {}).items():
        if not code.isdecimal() or not isinstance(meaning, str):
            yield (*place, "x-known-codes", code), "must be a number, and the text of what it means"
    if "array" in types(schema) and "items" not in schema:
        yield place, "is an array without items; say what it holds"
    kinds = {type(value) for value in schema.get("enum", []) if value is not None}
    if len(kinds) > 1:
        yield (*place, "enum"), "mixes types; list values of one"
    if "enum" in schema and "null" in types(schema):
        yield (*place, "enum"), "needs a name, as it may be null: make it a component, and refer to it in a oneOf"


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
