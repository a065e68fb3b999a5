"""Compares two specifications: operations, each component once, servers, clauses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codegen.spec import Spec, operations

from .change import Change, Kind, Level, Way, Ways, apart, reworded, rewording
from .operations import OperationComparison
from .schemas import SchemaComparison

Node = dict[str, Any]


def contract_changes(old: Spec, new: Spec) -> list[Change]:
    """Return what changed from one specification to the next, in the order of a reader: operations first."""
    schemas = SchemaComparison(old.resolve, new.resolve)
    compared = OperationComparison(old, new, schemas)
    found = [*compared.changes(), *_components(old, new, compared, schemas)]
    found += [*_servers(old.document, new.document), *_clauses(old.document, new.document)]
    return list(dict.fromkeys(found))


def _components(old: Spec, new: Spec, compared: OperationComparison, schemas: SchemaComparison) -> Iterator[Change]:
    before, after = _travels(old), _travels(new)
    for name in apart(before, after)[2]:
        kind, _, short = name.removeprefix("#/components/").partition("/")
        one, other = old.resolve({"$ref": name}), new.resolve({"$ref": name})
        if kind == "schemas":
            if one.get("description") != other.get("description"):
                yield rewording(short, "description", one.get("description"), other.get("description"))
            yield from schemas.differences(short, one, other, before[name] | after[name])
        elif kind == "responses":
            yield from compared.answer(short, one, other)
        elif kind == "securitySchemes" and _without_words(one) != _without_words(other):
            text = "callers prove in another way who they are"
            yield Change(short, Kind.CHANGED, text, Level.BREAKING, Level.BREAKING)


def _without_words(node: Node) -> Node:
    return {key: value for key, value in node.items() if key != "description"}


def _travels(spec: Spec) -> dict[str, Ways]:
    """Say of each component that operations reach which ways its values travel."""
    found: dict[str, Ways] = {}

    def visit(way: Way, node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                visit(way, each)
        elif isinstance(node, dict):
            name = node.get("$ref")
            if isinstance(name, str) and way not in found.get(name, ()):
                found[name] = found.get(name, frozenset()) | {way}
                visit(way, spec.resolve(node))
            for key, value in node.items():
                if key == "security":
                    visit(way, [{"$ref": f"#/components/securitySchemes/{name}"} for each in value for name in each])
                elif key != "links":  # which repeat what is said elsewhere
                    visit(Way.ANSWER if key == "responses" else way, value)

    for path, _, operation in operations(spec.document):
        visit(Way.REQUEST, [operation, spec.document["paths"][path].get("parameters", [])])
    return found


def _servers(old: Node, new: Node) -> Iterator[Change]:
    before, after = _urls(old), _urls(new)
    gone, come, kept = apart(before, after)
    for name in gone:
        yield Change(f"server {name}", Kind.REMOVED, before[name], Level.BREAKING, Level.NEUTRAL)
    for name in come:
        yield Change(f"server {name}", Kind.ADDED, after[name], Level.ADDITIVE, Level.NEUTRAL)
    for name in kept:
        if before[name] != after[name]:
            text = f"{before[name]} → {after[name]}"
            yield Change(f"server {name}", Kind.CHANGED, text, Level.BREAKING, Level.BREAKING)


def _urls(document: Node) -> dict[str, str]:
    return {server.get("x-environment", server["url"]): server["url"] for server in document.get("servers", [])}


def _clauses(old: Node, new: Node) -> Iterator[Change]:
    """A clause's id stands for what it promises: other words keep it, another promise takes another id."""
    before, after = ({clause["id"]: clause for clause in node.get("x-contract", [])} for node in (old, new))
    gone, come, kept = apart(before, after)
    for name in gone:
        yield Change(f"clause {name}", Kind.REMOVED, _text(before[name]), Level.BREAKING, Level.NEUTRAL)
    for name in come:
        yield Change(f"clause {name}", Kind.ADDED, _text(after[name]), Level.ADDITIVE, Level.BREAKING)
    for name in kept:
        if _text(before[name]) != _text(after[name]):
            yield rewording(f"clause {name}", "text", before[name]["text"], after[name]["text"])
        if before[name].get("provenance") != after[name].get("provenance"):
            yield reworded(f"clause {name}", f"is now {after[name].get('provenance')}")


def _text(clause: Node) -> str:
    return " ".join(clause["text"].split())
