"""Compares the public Python names of two source trees, which are read and never imported.

What was removed, moved or made required is griffe's to find. What griffe does not look for stands here: names that are
new, and types that changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

from .change import Change, Kind, Level, apart

PACKAGE = "trustly_customers"
_FOLDERS = ("src", "generated")
_MODELS = "trustly_api.models"
_CALLED = {"async", "classmethod", "staticmethod"}
"""What griffe knows of a function, and does not compare: how it is called."""

Names = dict[str, griffe.Object]
"""Public functions, classes and constants by the names that people use, members of classes included."""


def surface_changes(old: Path, new: Path) -> list[Change]:
    """Return what changed of the public names from one tree to the next."""
    before, after = _names(old), _names(new)
    gone, come, kept = apart(before, after)
    found = [_change(name, Kind.REMOVED, before[name].kind.value, Level.BREAKING) for name in gone]
    found += [_change(name, Kind.ADDED, after[name].kind.value, Level.ADDITIVE) for name in come]
    found += _broken(before, after, kept)
    for name in kept:
        found += _retyped(name, before[name], after[name])
    return _without_parts(found)


def _change(place: str, kind: Kind, text: str, callers: Level) -> Change:
    return Change(place, kind, text, callers, Level.NEUTRAL)


def _names(root: Path) -> Names:
    folders = [root / folder for folder in _FOLDERS if (root / folder).is_dir()] or [root]
    loader = griffe.GriffeLoader(search_paths=folders, allow_inspection=False)
    models, package = loader.load(_MODELS), loader.load(PACKAGE)
    loader.resolve_aliases(implicit=True, external=False)
    names: Names = {}
    _add_module(names, PACKAGE, package["_public"])
    _add_module(names, PACKAGE, models)  # which `_public` gives out as a whole
    for name, module in package.modules.items():
        if not name.startswith("_"):
            _add_module(names, f"{PACKAGE}.{name}", module)
    return names


def _add_module(names: Names, path: str, module: griffe.Object | griffe.Alias) -> None:
    """Add what a module gives out: what its `__all__` names or, where there is none, what it defines in public."""
    own = [name for name, each in module.members.items() if not (each.is_alias or name.startswith(("_", "pytest_")))]
    listed = own if module.exports is None else module.exports
    for name in map(str, listed):
        member = module.members.get(name)
        if member is not None and not (name.startswith("_") and not name.startswith("__")):
            _add(names, f"{path}.{name}", member)


def _add(names: Names, path: str, member: griffe.Object | griffe.Alias) -> None:
    try:
        target = member.final_target if isinstance(member, griffe.Alias) else member
    except griffe.AliasResolutionError:
        return  # of another distribution
    names[path] = target
    members = target.all_members if target.is_class else {}
    for name, inner in members.items():
        if name.startswith("_") and name != "__init__":
            continue
        _add(names, f"{path}.{name}", inner)
        # Such as `Trustly.customers`, whose class has a private home and public methods.
        held = inner.annotation if isinstance(inner, griffe.Attribute) and "property" in inner.labels else None
        if isinstance(held, griffe.ExprName) and held.canonical_path.startswith(PACKAGE):
            _add(names, f"{path}.{name}", target.modules_collection[held.canonical_path])


def _broken(before: Names, after: Names, kept: list[str]) -> Iterator[Change]:
    """What griffe finds of the names that stayed; those that went are known already."""
    known = {names[name].path: name for names in (before, after) for name in reversed(kept)}
    holders = (_holder({name: names[name] for name in kept}) for names in (before, after))
    for breakage in griffe.find_breaking_changes(*holders):
        if breakage.kind is not griffe.BreakageKind.OBJECT_REMOVED:
            parameter = next((value for value in _values(breakage) if isinstance(value, griffe.Parameter)), None)
            text = breakage.kind.value + (f": {parameter.name}" if parameter else "")
            yield _change(known.get(breakage.obj.path, breakage.obj.path), Kind.CHANGED, text, Level.BREAKING)


def _values(breakage: griffe.Breakage) -> tuple[object, object]:
    return breakage.old_value, breakage.new_value


def _holder(names: Names) -> griffe.Module:
    holder = griffe.Module("public")
    for name, target in names.items():
        target.public = True
        holder.members[name] = target
    return holder


def _retyped(name: str, old: griffe.Object, new: griffe.Object) -> Iterator[Change]:
    if isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
        for label in sorted((old.labels ^ new.labels) & _CALLED):
            text = f"is {'now' if label in new.labels else 'no longer'} {label}"
            yield _change(name, Kind.CHANGED, text, Level.BREAKING)
        yield from _compared(name, "returns", old.returns, new.returns, given=False)
        gone, come, kept = apart((each.name for each in old.parameters), (each.name for each in new.parameters))
        for parameter in kept:
            types = old.parameters[parameter].annotation, new.parameters[parameter].annotation
            yield from _compared(name, parameter, *types, given=True)
        for parameter in come:
            if not new.parameters[parameter].required:
                yield _change(name, Kind.CHANGED, f"takes {parameter} as well", Level.ADDITIVE)
        if any(each.kind is griffe.ParameterKind.var_keyword for each in new.parameters):
            # griffe takes it that the rest of the keywords swallow it; they are typed, and do not.
            for parameter in gone:
                yield _change(name, Kind.CHANGED, f"no longer takes {parameter}", Level.BREAKING)
    elif isinstance(old, griffe.Attribute) and isinstance(new, griffe.Attribute):
        given = None if old.path.startswith(_MODELS) else False
        yield from _compared(name, "is", old.annotation, new.annotation, given=given)


def _compared(
    name: str, what: str, old: str | griffe.Expr | None, new: str | griffe.Expr | None, *, given: bool | None
) -> Iterator[Change]:
    """Judge a type that changed: `given` by callers, got by them, or both, and then judged by the schema behind it."""
    before, after = _union(old), _union(new)
    if before == after or not before or not after:
        return
    text = f"{what}: {old} → {new}"
    if not (before < after or after < before):
        yield _change(name, Kind.CHANGED, text, Level.BREAKING)
    elif given is not None:
        wider = before < after
        level = Level.ADDITIVE if wider == given else Level.BREAKING
        yield _change(name, Kind.LOOSENED if wider else Kind.TIGHTENED, text, level)


def _union(annotation: str | griffe.Expr | None) -> frozenset[str]:
    return frozenset(part.strip() for part in str(annotation or "").split("|")) - {""}


def _without_parts(found: list[Change]) -> list[Change]:
    """Leave out the members of what came or went as a whole."""
    whole = {(change.place, change.kind) for change in found if change.kind in {Kind.ADDED, Kind.REMOVED}}
    return [
        change
        for change in dict.fromkeys(found)
        if not any((parent, change.kind) in whole for parent in _parents(change.place))
    ]


def _parents(place: str) -> Iterator[str]:
    while "." in place:
        place = place.rpartition(".")[0]
        yield place
