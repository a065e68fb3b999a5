"""What the check knows from the spec: operations, fields, schemas, clauses and who claims them.

Reading only: no HTTP, no test values, no judgement of an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Json = Any
"""A value that JSON can carry; the tests handle every kind of it."""

READ = "getCustomer"
UPDATE = "updateCustomer"
NO_NULLS = "no-null-in-answers"
INFERRED = "inferred"
NULL = "null"


class SpecError(Exception):
    """The spec cannot be used; the text is one sentence for a person."""


@dataclass(frozen=True)
class Claim:
    """One thing the spec promises: a clause of `x-contract`, or a keyword of a schema."""

    id: str
    text: str
    inferred: bool
    place: str = ""
    """Where in the spec it stands, for the one who has to correct it there."""

    @property
    def provenance(self) -> str:
        return INFERRED if self.inferred else "documented"


@dataclass(frozen=True)
class Answer:
    """One documented response of an operation, every reference followed."""

    schema: Json
    headers: Mapping[str, Json]


@dataclass(frozen=True)
class Operation:
    """One operation, with the answers it may give by status."""

    id: str
    method: str
    path: str
    answers: Mapping[int, Answer] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Field:
    """One property of the request, with its schema inlined."""

    name: str
    schema: Json = field(repr=False)
    required: bool

    @property
    def nullable(self) -> bool:
        """Whether `null` may be sent, and so removes the property: never a matter of its being optional."""
        return NULL in types_of(self.schema)


class Spec:
    """The spec, parsed once and looked things up in."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    @classmethod
    def load(cls, path: Path) -> Spec:
        """Read the file; raise SpecError when it is missing, is no YAML, or is no OpenAPI document."""
        try:
            raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SpecError(f"the spec {path} cannot be read ({error.strerror})") from None
        except (YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if isinstance(error, MarkedYAMLError) and mark else ""
            raise SpecError(f"the spec {path} does not parse as YAML{where}") from None
        if not isinstance(raw, dict) or not isinstance(raw.get("paths"), dict) or "openapi" not in raw:
            raise SpecError(f"the spec {path} is no OpenAPI document: it needs `openapi` and `paths`")
        spec = cls(raw)
        try:
            _ = spec.fields, spec.read.answers, spec.update.answers, spec.wrapper, spec.clauses
        except (KeyError, TypeError, AttributeError, StopIteration) as error:
            raise SpecError(f"the spec {path} lacks something that the check needs: {error}") from None
        return spec

    def follow(self, node: Json) -> Json:
        """Return `node`, or what its reference leads to with the siblings of the reference laid over it."""
        while isinstance(node, dict) and "$ref" in node:
            target: Json = self.raw
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def inline(self, node: Json) -> Json:
        """Return a schema without references, with `oneOf: [X, null]` folded into X's own types."""
        node = self.follow(node)
        if isinstance(node, list):
            return [self.inline(item) for item in node]
        if not isinstance(node, dict):
            return node
        return _fold_null({key: self.inline(value) for key, value in node.items()})

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            Operation(definition["operationId"], method.upper(), path, self._answers(definition))
            for path, item in self.raw["paths"].items()
            for method, definition in item.items()
            if isinstance(definition, dict) and "operationId" in definition
        )

    def _answers(self, definition: Json) -> dict[int, Answer]:
        answers = {}
        for status, node in definition["responses"].items():
            response = self.follow(node)
            schema = response.get("content", {}).get("application/json", {}).get("schema", True)
            headers = {name: self.inline(header) for name, header in response.get("headers", {}).items()}
            answers[int(status)] = Answer(self.inline(schema), headers)
        return answers

    @cached_property
    def wording(self) -> str:
        """What errors of the spec's examples say, and its paths: a value found there is not there for its own sake."""
        named = [
            self.follow(example)["value"]
            for definition in (self.raw["components"].get("responses", {}).values())
            for example in definition.get("content", {}).get("application/json", {}).get("examples", {}).values()
        ]
        return json.dumps([named, *self.raw["paths"]], ensure_ascii=False)

    def operation(self, operation_id: str) -> Operation:
        """Return the operation; raise KeyError where the spec has none of that id."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)

    @cached_property
    def read(self) -> Operation:
        return self.operation(READ)

    @cached_property
    def update(self) -> Operation:
        return self.operation(UPDATE)

    @cached_property
    def methods(self) -> frozenset[str]:
        """The methods that the customer's path knows."""
        return frozenset(operation.method for operation in self.operations if operation.path == self.read.path)

    @cached_property
    def request_schema(self) -> Json:
        definition = self.raw["paths"][self.update.path][self.update.method.lower()]
        return self.inline(self.follow(definition["requestBody"])["content"]["application/json"]["schema"])

    @cached_property
    def response_schema(self) -> Json:
        return self.read.answers[200].schema

    @cached_property
    def wrapper(self) -> str:
        """The property of a successful answer that holds the customer."""
        return str(self.response_schema["x-unwrap"])

    @cached_property
    def customer_schema(self) -> Json:
        return self.response_schema["properties"][self.wrapper]

    @cached_property
    def provider_set(self) -> tuple[str, ...]:
        return tuple(name for name, node in self.customer_schema["properties"].items() if node.get("readOnly"))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        schema = self.request_schema
        return tuple(Field(name, node, name in schema["required"]) for name, node in schema["properties"].items())

    @cached_property
    def path_parameter(self) -> Json:
        """The customer's identifier, the one parameter of the path."""
        parameters = self.raw["paths"][self.read.path]["parameters"]
        return next(node for node in map(self.follow, parameters) if node["in"] == "path")

    @cached_property
    def example_ids(self) -> tuple[str, ...]:
        """The identifiers that the examples hold; our own sandbox has customers of these."""
        name = self.path_parameter["name"]
        found = [str(self.path_parameter.get("example", ""))]
        for example in self.raw["components"].get("examples", {}).values():
            found += [str(value) for key, value in _pairs(example["value"]) if key == name]
        return tuple(dict.fromkeys(found))

    def parameter_claim(self, operation_id: str, place: str, name: str) -> Claim | None:
        """Return the claim that a parameter of a query or a header is as its schema says; None where there is none."""
        operation = self.operation(operation_id)
        item = self.raw["paths"][operation.path]
        own = item[operation.method.lower()].get("parameters", [])
        for node in map(self.follow, [*own, *item.get("parameters", [])]):
            if (node["in"], node["name"]) == (place, name) and place != "path":
                inferred = node.get("x-provenance") == INFERRED
                where = f"{operation_id}, parameter `{name}` in {place}"
                return Claim(f"{place}.{name}", "A parameter is as its schema says.", inferred, where)
        return None

    def hosts(self, environment: str) -> frozenset[str]:
        """The host names of the servers that the spec puts in this environment."""
        urls = [server["url"] for server in self.raw["servers"] if server.get("x-environment") == environment]
        return frozenset(urlsplit(url).hostname or "" for url in urls)

    @cached_property
    def base_path(self) -> str:
        """What a base URL ends in, such as `/api/v1`."""
        return str(urlsplit(self.raw["servers"][0]["url"]).path)

    @cached_property
    def clauses(self) -> Mapping[str, Claim]:
        return {
            node["id"]: Claim(
                node["id"],
                " ".join(node["text"].split()),
                node["provenance"] == INFERRED,
                f"x-contract, clause `{node['id']}`",
            )
            for node in self.raw["x-contract"]
        }


def types_of(schema: Json) -> tuple[str, ...]:
    """Return the types a schema names; none where it leaves them open."""
    found = schema.get("type", ()) if isinstance(schema, dict) else ()
    return (found,) if isinstance(found, str) else tuple(found)


def keyword_claim(root: str, schema: Json, schema_path: Sequence[str | int]) -> Claim:
    """Return the claim behind a validator's finding: which keyword of which property, and who says so."""
    inferred = False
    for step in schema_path:
        provenance = schema.get("x-provenance") if isinstance(schema, dict) else None
        inferred |= provenance == INFERRED or (isinstance(provenance, dict) and provenance.get(step) == INFERRED)
        schema = schema[step]
    *where, keyword = [str(step) for step in schema_path if step != "properties"]
    place = f"the schema of the {root}, `{keyword}` at `{'.'.join(where) or 'the top'}`"
    return Claim(".".join([root, *where, keyword]), f"The schema holds `{keyword}` there.", inferred, place)


def _pairs(node: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from _pairs(value)
    elif isinstance(node, list):
        for item in node:
            yield from _pairs(item)


def _fold_null(node: Json) -> Json:
    for union in ("oneOf", "anyOf"):
        branches = node.get(union, ())
        kept = [branch for branch in branches if types_of(branch) != (NULL,)]
        if len(branches) == len(kept) + 1 == 2:
            rest = {key: value for key, value in node.items() if key != union}
            # An enumeration lists null as it lists any other value.
            only = kept[0].get("enum", [kept[0]["const"]] if "const" in kept[0] else None)
            listed = {"enum": [*only, None]} if only else {}
            folded = {key: value for key, value in kept[0].items() if key != "const"}
            return {**folded, **rest, **listed, "type": [*types_of(kept[0]), NULL]}
    return node
