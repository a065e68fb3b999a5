"""Compares the operations of two specifications: parameters, bodies, answers, and what calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from codegen.spec import Spec, operations

from .change import Change, Kind, Level, Way, Ways, apart, constraint, described, rewording
from .schemas import SchemaComparison

Node = dict[str, Any]
_REQUEST, _ANSWER = frozenset({Way.REQUEST}), frozenset({Way.ANSWER})


class OperationComparison:
    """Compares operations; what both documents refer to by one name is compared elsewhere, once."""

    def __init__(self, old: Spec, new: Spec, schemas: SchemaComparison) -> None:
        self._old, self._new, self._schemas = old, new, schemas

    def changes(self) -> Iterator[Change]:
        """Yield what changed of every operation."""
        before, after = _operations(self._old), _operations(self._new)
        gone, come, kept = apart(before, after)
        for key in gone:
            yield Change(before[key]["place"], Kind.REMOVED, before[key]["summary"], Level.BREAKING, Level.NEUTRAL)
        for key in come:
            yield Change(after[key]["place"], Kind.ADDED, after[key]["summary"], Level.ADDITIVE, Level.ADDITIVE)
        for key in kept:
            yield from self._operation(after[key]["place"], before[key], after[key])

    def _operation(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        for word in ("summary", "description"):
            if old.get(word) != new.get(word):
                yield rewording(place, word, old.get(word), new.get(word))
        for name, what in (("operationId", "its method has another name"), ("tags", "its method is elsewhere")):
            if old.get(name) != new.get(name):
                text = f"{name}: {old.get(name)} → {new.get(name)}; {what}"
                yield Change(place, Kind.CHANGED, text, Level.BREAKING, Level.NEUTRAL)
        if not old.get("deprecated") and new.get("deprecated"):
            yield Change(place, Kind.CHANGED, "is now deprecated", Level.ADDITIVE, Level.NEUTRAL)
        if old.get("security") != new.get("security"):
            text = f"security: {old.get('security')} → {new.get('security')}"
            yield Change(place, Kind.CHANGED, text, Level.BREAKING, Level.BREAKING)
        yield from self._parameters(place, old, new)
        yield from self._body(f"{place}, body", old, new)
        yield from self._answers(place, old["responses"], new["responses"])

    def _parameters(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        before, after = self._by_place(self._old, place, old), self._by_place(self._new, place, new)
        gone, come, kept = apart(before, after)
        for where in gone:
            yield Change(where, Kind.REMOVED, described(before[where]), Level.BREAKING, Level.NEUTRAL)
        for where in come:
            required = after[where].get("required", False)
            level = Level.BREAKING if required else Level.ADDITIVE
            text = f"{'required' if required else 'optional'}: {described(after[where])}"
            yield Change(where, Kind.ADDED, text, level, level)
        for where in kept:
            yield from self._valued(where, before[where], after[where], _REQUEST)

    @staticmethod
    def _by_place(spec: Spec, place: str, operation: Node) -> dict[str, Node]:
        """The parameters by where they are and what they are called; in Python, a path's have names as well."""
        parameters = [spec.resolve(parameter) for parameter in operation["parameters"]]
        return {f"{place}, {node['in']} parameter {node['name']}": node for node in parameters}

    def _valued(self, place: str, old: Node, new: Node, ways: Ways) -> Iterator[Change]:
        """A parameter, a body or a header: whether it must be there, and what it may be."""
        if bool(old.get("required")) != bool(new.get("required")):
            kind = Kind.TIGHTENED if new.get("required") else Kind.LOOSENED
            yield constraint(place, kind, f"is {'now' if new.get('required') else 'no longer'} required", ways)
        if old.get("description") != new.get("description"):
            yield rewording(place, "description", old.get("description"), new.get("description"))
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            callers = Level.ADDITIVE if new.get("deprecated") else Level.NEUTRAL
            text = f"is {'now' if new.get('deprecated') else 'no longer'} deprecated"
            yield Change(place, Kind.CHANGED, text, callers, Level.NEUTRAL)
        yield from self._schemas.compare(place, old.get("schema", {}), new.get("schema", {}), ways)
        yield from self._content(place, old.get("content", {}), new.get("content", {}), ways)

    def _body(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        before = self._old.resolve(old.get("requestBody", {}))
        after = self._new.resolve(new.get("requestBody", {}))
        if before and after:
            yield from self._valued(place, before, after, _REQUEST)
        elif before:
            yield Change(place, Kind.REMOVED, described(before), Level.BREAKING, Level.BREAKING)
        elif after:
            callers = Level.BREAKING if after.get("required") else Level.ADDITIVE
            yield Change(place, Kind.ADDED, described(after), callers, Level.BREAKING)

    def _answers(self, place: str, before: Node, after: Node) -> Iterator[Change]:
        gone, come, kept = apart(before, after)
        for status in gone:
            text = described(self._old.resolve(before[status]))
            yield Change(f"{place}, {status}", Kind.REMOVED, text, Level.NEUTRAL, Level.BREAKING)
        for status in come:
            # A caller takes a failure for one, whatever its number; another way to succeed is news.
            callers = Level.BREAKING if status.startswith(("2", "3")) else Level.ADDITIVE
            text = described(self._new.resolve(after[status]))
            yield Change(f"{place}, {status}", Kind.ADDED, text, callers, Level.ADDITIVE)
        for status in kept:
            if "$ref" not in before[status] or before[status] != after[status]:
                responses = self._old.resolve(before[status]), self._new.resolve(after[status])
                yield from self.answer(f"{place}, {status}", *responses)

    def answer(self, place: str, old: Node, new: Node) -> Iterator[Change]:
        """Yield what changed of one response."""
        yield from self._valued(place, old, new, _ANSWER)
        before, after = old.get("headers", {}), new.get("headers", {})
        gone, come, kept = apart(before, after)
        for name in gone:
            text = described(self._old.resolve(before[name]))
            yield Change(f"{place}, header {name}", Kind.REMOVED, text, Level.BREAKING, Level.NEUTRAL)
        for name in come:
            header = self._new.resolve(after[name])
            servers = Level.BREAKING if header.get("required") else Level.ADDITIVE
            yield Change(f"{place}, header {name}", Kind.ADDED, described(header), Level.ADDITIVE, servers)
        for name in kept:
            headers = self._old.resolve(before[name]), self._new.resolve(after[name])
            yield from self._valued(f"header {name}", *headers, _ANSWER)

    def _content(self, place: str, before: Node, after: Node, ways: Ways) -> Iterator[Change]:
        gone, come, kept = apart(before, after)
        if bool(before) != bool(after):
            # Of an answer alone: a request without a body has no place for one.
            kind, callers = (Kind.REMOVED, Level.BREAKING) if before else (Kind.ADDED, Level.ADDITIVE)
            yield Change(place, kind, f"its body, of {', '.join(before or after)}", callers, Level.BREAKING)
            return
        for media_type in gone:
            yield constraint(place, Kind.TIGHTENED, f"is no longer {media_type}", ways)
        for media_type in come:
            yield constraint(place, Kind.LOOSENED, f"may be {media_type}", ways)
        for media_type in kept:
            old, new = before[media_type].get("schema", {}), after[media_type].get("schema", {})
            yield from self._schemas.compare(place, old, new, ways)


def _operations(spec: Spec) -> Mapping[tuple[str, str], Node]:
    """The operations by method and path, whatever the path's parameters are called, with all that applies to them."""
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): {
            **operation,
            "summary": operation.get("summary", path),
            "parameters": [*spec.document["paths"][path].get("parameters", []), *operation.get("parameters", [])],
            "place": f"{method.upper()} {path}",
        }
        for path, method, operation in operations(spec.document)
    }
