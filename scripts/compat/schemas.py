"""Compares two schemas, keyword by keyword.

Each keyword that is known here narrows or widens what a value may be. One that is not known is taken for the worst,
so that the day the specification uses it, somebody teaches it to this module.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .change import Change, Kind, Level, Way, Ways, constraint, described, reworded, rewording

Schema = dict[str, Any]
Follow = Callable[[Schema], Schema]

_WORDS = ("description", "title", "examples", "example", "$comment", "externalDocs")
_UPWARDS = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties", "minContains")
_DOWNWARDS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties", "maxContains")
_PRESENCE = ("pattern", "format", "multipleOf", "uniqueItems", "not", "dependentRequired", "contentEncoding")
_OPEN: tuple[Any, ...] = (True, {}, None)
_NULL = {"type": "null"}


class SchemaComparison:
    """Compares schemas of two documents, whose references it follows by `before` and `after`."""

    def __init__(self, before: Follow, after: Follow) -> None:
        self._before, self._after = before, after
        self._within: list[tuple[Any, Any]] = []  # what is being compared, or a renamed recursive schema had no end

    def compare(self, place: str, old: Schema, new: Schema, ways: Ways) -> Iterator[Change]:
        """Yield what changed; a component that both refer to by one name is compared elsewhere, once."""
        if old == new:
            return
        old_name, new_name = old.get("$ref"), new.get("$ref")
        yield from self._beside(place, old, new)
        if (old_name is not None and old_name == new_name) or (old_name, new_name) in self._within:
            return
        named = [(old_name, new_name)] if old_name or new_name else []
        self._within += named
        yield from self.differences(place, _plain(old, self._before), _plain(new, self._after), ways)
        del self._within[len(self._within) - len(named) :]

    def differences(self, place: str, old: Schema, new: Schema, ways: Ways) -> Iterator[Change]:
        """Yield what changed between two schemas that are no references."""
        old_kinds, new_kinds = _types(old), _types(new)
        if old_kinds != new_kinds:
            yield _types_changed(place, old_kinds, new_kinds, ways)
        for keyword in sorted((old.keys() | new.keys()) - {"type", "description", *_STRUCTURE}):
            if old.get(keyword) != new.get(keyword):
                yield from _keyword_changed(place, keyword, old.get(keyword), new.get(keyword), ways)
        yield from self._properties(place, old, new, ways)
        yield from self._parts(place, old, new, ways)

    def _beside(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        """What is said beside a reference, and with it of what it refers to, is said of the place."""
        if old.get("description") != new.get("description"):
            yield rewording(place, "description", old.get("description"), new.get("description"))
        if "$ref" in old and "$ref" in new:
            for keyword in sorted((old.keys() | new.keys()) - {"$ref", "description"}):
                if old.get(keyword) != new.get(keyword):
                    yield from _keyword_changed(place, keyword, old.get(keyword), new.get(keyword), frozenset())

    def _properties(self, place: str, old: Schema, new: Schema, ways: Ways) -> Iterator[Change]:
        had, has = old.get("properties", {}), new.get("properties", {})
        were, are = set(old.get("required", ())), set(new.get("required", ()))
        for name in (name for name in had if name not in has):
            yield Change(f"{place}.{name}", Kind.REMOVED, _described(had[name], self._before), *_REMOVED)
        for name in (name for name in has if name not in had):
            said = _described(has[name], self._after)
            required = name in are
            opened = old.get("additionalProperties", True) in _OPEN
            yield Change(f"{place}.{name}", Kind.ADDED, said + ", required" * required, *_added(ways, required, opened))
        for name in (name for name in has if name in had):
            if (name in were) != (name in are):
                kind = Kind.TIGHTENED if name in are else Kind.LOOSENED
                yield constraint(f"{place}.{name}", kind, f"is {'now' if name in are else 'no longer'} required", ways)
            yield from self.compare(f"{place}.{name}", had[name], has[name], ways)

    def _parts(self, place: str, old: Schema, new: Schema, ways: Ways) -> Iterator[Change]:
        for keyword, where in (("items", "[]"), ("additionalProperties", ".*")):
            before, after = old.get(keyword), new.get(keyword)
            if isinstance(before, dict) and isinstance(after, dict):
                yield from self.compare(f"{place}{where}", before, after, ways)
            elif before != after and not (before in _OPEN and after in _OPEN):
                kind = Kind.TIGHTENED if before in _OPEN else Kind.LOOSENED if after in _OPEN else Kind.CHANGED
                yield constraint(place, kind, f"{keyword}: {_shown(before)} → {_shown(after)}", ways)
        for keyword in ("oneOf", "anyOf", "allOf"):
            yield from self._choices(place, keyword, old.get(keyword, []), new.get(keyword, []), ways)

    def _choices(self, place: str, keyword: str, old: list[Schema], new: list[Schema], ways: Ways) -> Iterator[Change]:
        gone = [choice for choice in old if choice not in new]
        come = [choice for choice in new if choice not in old]
        if len(gone) == len(come):
            for before, after in zip(gone, come, strict=True):
                yield from self.compare(place, before, after, ways)
        elif (gone and come) or not old or not new:
            # Where there were none, everything was allowed.
            kind = Kind.CHANGED if old and new else Kind.LOOSENED if old else Kind.TIGHTENED
            yield constraint(place, kind, f"{keyword}: other choices than before", ways)
        else:
            kind = Kind.LOOSENED if bool(come) != (keyword == "allOf") else Kind.TIGHTENED
            yield constraint(place, kind, f"{keyword}: {len(come or gone)} {'more' if come else 'fewer'}", ways)


# By keyword: what it is to callers and to servers that it is no longer said, and that it is said from now on. What only
# one side sets from now on, the other can no longer send.
_SWITCHES = {
    "readOnly": ((Level.ADDITIVE, Level.BREAKING), (Level.BREAKING, Level.BREAKING)),
    "writeOnly": ((Level.ADDITIVE, Level.BREAKING), (Level.BREAKING, Level.BREAKING)),
    "deprecated": ((Level.NEUTRAL, Level.NEUTRAL), (Level.ADDITIVE, Level.NEUTRAL)),
}
_STRUCTURE = ("properties", "required", "items", "additionalProperties", "oneOf", "anyOf", "allOf")
_REMOVED = (Level.BREAKING, Level.NEUTRAL)


def _added(ways: Ways, required: bool, opened: bool) -> tuple[Level, Level]:  # noqa: FBT001 - a row of a table
    """Judge a new property; `opened`: properties that the schema did not name were allowed."""
    callers = Level.BREAKING if required and Way.REQUEST in ways else Level.ADDITIVE
    binding = required or (Way.REQUEST in ways and not opened)
    return callers, Level.BREAKING if binding else Level.ADDITIVE


def _types_changed(place: str, old: frozenset[str], new: frozenset[str], ways: Ways) -> Change:
    text = f"type: {_listed(old)} → {_listed(new)}"
    wider, narrower = _widened(new), _widened(old)
    if old and (not new or old <= wider):
        return constraint(place, Kind.LOOSENED, text, ways)
    if new and (not old or new <= narrower):
        return constraint(place, Kind.TIGHTENED, text, ways)
    return constraint(place, Kind.CHANGED, text, ways)


def _keyword_changed(place: str, keyword: str, old: Any, new: Any, ways: Ways) -> Iterator[Change]:
    text = f"{keyword}: {_shown(old)} → {_shown(new)}"
    if keyword in _WORDS:
        yield reworded(place, text)
    elif keyword.startswith("x-"):
        yield _mark_changed(place, keyword, text)
    elif keyword in _SWITCHES:
        if bool(old) != bool(new):
            yield Change(place, Kind.CHANGED, text, *_SWITCHES[keyword][bool(new)])
    elif keyword == "default":
        yield Change(place, Kind.CHANGED, text, *_default_changed(old, new))
    elif keyword in {"enum", "const"}:
        yield from _values_changed(place, keyword, old, new, ways)
    elif keyword in {*_UPWARDS, *_DOWNWARDS}:
        yield constraint(place, _bound_moved(old, new, upwards=keyword in _UPWARDS), text, ways)
    elif keyword in _PRESENCE:
        kind = Kind.TIGHTENED if old in (None, False) else Kind.LOOSENED if new in (None, False) else Kind.CHANGED
        yield constraint(place, kind, text, ways)
    else:
        yield Change(place, Kind.CHANGED, text, Level.BREAKING, Level.BREAKING)


def _mark_changed(place: str, keyword: str, text: str) -> Change:
    # The method returns another thing; every other mark changes what is shown, checked or explained.
    callers = {"x-unwrap": Level.BREAKING, "x-known-codes": Level.ADDITIVE}.get(keyword, Level.NEUTRAL)
    return Change(place, Kind.CHANGED, text, callers, Level.NEUTRAL)


def _default_changed(old: Any, new: Any) -> tuple[Level, Level]:
    """A default is a promise of servers; judged as one."""
    if new is None:
        return Level.BREAKING, Level.NEUTRAL
    return Level.ADDITIVE if old is None else Level.BREAKING, Level.BREAKING


def _values_changed(place: str, keyword: str, old: Any, new: Any, ways: Ways) -> Iterator[Change]:
    if old is None or new is None:
        kind = Kind.TIGHTENED if old is None else Kind.LOOSENED
        yield constraint(place, kind, f"{keyword}: {_shown(old)} → {_shown(new)}", ways)
        return
    before, after = ([value] if keyword == "const" else value for value in (old, new))
    for kind, values in (
        (Kind.TIGHTENED, [value for value in before if value not in after]),
        (Kind.LOOSENED, [value for value in after if value not in before]),
    ):
        if values:
            said = "no longer allows" if kind is Kind.TIGHTENED else "now allows"
            yield constraint(place, kind, f"{said} {', '.join(map(_shown, values))}", ways)


def _bound_moved(old: Any, new: Any, *, upwards: bool) -> Kind:
    if old is None or new is None:
        return Kind.TIGHTENED if old is None else Kind.LOOSENED
    return Kind.TIGHTENED if (new > old) == upwards else Kind.LOOSENED


def _plain(schema: Schema, follow: Follow) -> Schema:
    """A schema with its reference followed, and in the one form that both ways of allowing null come down to."""
    beside = {key: value for key, value in schema.items() if key not in {"$ref", "description"}}
    schema = {**follow(schema), **beside}
    for union in ("oneOf", "anyOf"):
        kept = [choice for choice in schema.get(union, []) if choice != _NULL]
        if len(kept) == 1:
            folded = {**_plain(kept[0], follow), **{key: value for key, value in schema.items() if key != union}}
            nothing = {"null"} if _NULL in schema[union] else set()
            return {**folded, "type": sorted(_types(folded) | nothing)}
    return schema


def _types(schema: Schema) -> frozenset[str]:
    kinds = schema.get("type", ())
    return frozenset({kinds} if isinstance(kinds, str) else kinds)


def _widened(kinds: frozenset[str]) -> frozenset[str]:
    return kinds | {"integer"} if "number" in kinds else kinds


def _listed(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds)) or "any"


def _described(schema: Schema, follow: Follow) -> str:
    plain = _plain(schema, follow)
    words = schema if schema.get("description") else plain
    kinds = _kinds(schema, follow, frozenset())
    return f"{kinds}: {described(words)}" if words.get("description") else kinds


def _kinds(schema: Schema, follow: Follow, within: frozenset[str]) -> str:
    """What a value may be: its types, its limits, and its members, but for those of what it is within."""
    plain = _plain(schema, follow)
    limits = [f"{key}: {_shown(value)}" for key, value in plain.items() if key not in {"type", *_WORDS, *_STRUCTURE}]
    kinds = _listed(_types(plain)) + (f" ({', '.join(limits)})" if limits else "")
    names = {each["$ref"] for each in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())) if "$ref" in each}
    if names & within:
        return kinds
    choices = [choice for union in ("oneOf", "anyOf") for choice in plain.get(union, ())]
    if len(choices) > 1:
        own = within | ({schema["$ref"]} if "$ref" in schema else set())
        return ", or ".join(_kinds(choice, follow, own) for choice in choices)
    within |= names
    if isinstance(plain.get("items"), dict):
        return f"{kinds} of {_kinds(plain['items'], follow, within)}"
    required = plain.get("required", ())
    members = [
        f"{each} ({_kinds(node, follow, within)}{', required' * (each in required)})"
        for each, node in plain.get("properties", {}).items()
    ]
    if isinstance(plain.get("additionalProperties"), dict):
        members.append(f"any name ({_kinds(plain['additionalProperties'], follow, within)})")
    return f"{kinds} of {', '.join(members)}" if members else kinds


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False, default=str)
