"""What is understood by all that reads a specification, and what is not.

The generator takes much of what it does not know in silence, and renames what collides. Here each such thing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from . import names
from .spec import Finding, Node, Place, Spec, operations, types
from .walking import schemas, walk

_JSON = "application/json"
_TEXTS = {"title", "description", "deprecated", "readOnly", "writeOnly", "default", "example", "examples", "$comment"}
_VALUES = {"type", "format", "enum", "const", "pattern", "minLength", "maxLength"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_PARTS = {"$ref", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "oneOf", "anyOf"}
SUPPORTED = frozenset(_TEXTS | _VALUES | _NUMBERS | _PARTS)
"""The keywords that the client, the sandbox, the contract check and the comparison of releases all know."""
_CLAUSE_MEMBERS = ("id", "text", "provenance", "reason")
_PROVENANCES = ("documented", "inferred")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_BASE = re.compile(r"(?:https://[^\s/?#@{}]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:/[^\s/?#{}]+)*")
_ADDRESS = "say https://, a host and a path, without variables and without a slash at the end"
_PLACES = ("path", "query", "header")
_PARAMETER = frozenset({"name", "in", "required", "description", "deprecated", "schema", "example", "examples"})
_CALLERS = "customers.modify, the command and the contract check know only what every request about a customer has"


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
        yield ("x-contract",), f"must be a list of clauses, each with {', '.join(_CLAUSE_MEMBERS)}"
        return
    for position, clause in enumerate(listed):
        name, place = clause.get("id"), ("x-contract", position)
        told = f"the clause {name}" if name else "the clause"
        for member in _CLAUSE_MEMBERS:
            if not clause.get(member):
                yield place, f"{told} has no {member}"
            elif not isinstance(clause[member], str):
                yield (*place, member), "is no text"
        if clause.get("provenance") not in _PROVENANCES:
            yield place, f"{told} needs a provenance, one of {', '.join(_PROVENANCES)}"
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
        yield (*place, name), f"{name!r} is not supported in a schema{meant(name, SUPPORTED)}"
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


def meant(said: str, known: Iterable[str]) -> str:
    """What somebody meant who said what is nearly right; empty for anything else."""
    close = get_close_matches(said, known, 1, cutoff=0.8)
    return f"; did you mean {close[0]!r}?" if close else ""
