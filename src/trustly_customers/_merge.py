"""What of a customer is sent: an update made of a customer, and the changes of several writers merged.

A change is a map from a property's name in JSON to its new value, None to remove it. Merging is by top-level property,
as the provider's update is: a nested object is one value.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs

from trustly_api.contract import PROVIDER_SET
from trustly_api.models import Customer, CustomerUpdate
from trustly_api.types import UNSET

from ._hidden import Hidden, Problem

Properties = dict[str, Any]
Edit = Callable[[CustomerUpdate], object]

_NOT_SENT: Final = PROVIDER_SET[Customer.__name__]
_NAMES: Final = tuple(each.name for each in attrs.fields(CustomerUpdate) if each.init)
_ALWAYS_SENT: Final = tuple(each.name for each in attrs.fields(CustomerUpdate) if each.default is attrs.NOTHING)


def sendable(body: object) -> CustomerUpdate | Problem:
    """Return what of a customer may be sent, as an update of its own."""
    if not isinstance(body, CustomerUpdate | Customer):
        return Problem("body must be a CustomerUpdate or a Customer")
    try:
        properties = body.to_dict()
        for name in _NOT_SENT:
            properties.pop(name, None)
        return CustomerUpdate.from_dict(properties)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Problem("body holds a value that is not of the type that the specification gives it")


def name_problem(names: Iterable[str]) -> Problem | None:
    """Say which keyword is the name of no property, and what was perhaps meant."""
    unknown = next((name for name in names if name not in _NAMES), None)
    if unknown is None:
        return None
    close = difflib.get_close_matches(unknown, _NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_NAMES)}"
    return Problem(f"{unknown} is no property of a customer; {hint}")


def changes(base: Customer, names: Hidden[Mapping[str, Any]], edit: Edit | None) -> Hidden[Properties] | Problem:
    """Return what an edit changes of a customer, and nothing of what it leaves as it was."""
    wanted = sendable(base)
    if isinstance(wanted, Problem):
        return wanted
    for name, value in names.value.items():
        setattr(wanted, name, value)
    if edit is not None:
        edit(wanted)
    try:
        after = wanted.to_dict()
    except (AttributeError, KeyError, TypeError, ValueError):
        return Problem("a property was set to a value that is not of the type that the specification gives it")
    before = base.to_dict()
    return Hidden(
        {name: value for name, value in after.items() if name not in _NOT_SENT and not _same(value, before.get(name))}
    )


def still_to_do(mine: Hidden[Properties], now: Customer) -> Hidden[Properties]:
    """Return what of the changes is not yet so."""
    current = now.to_dict()
    return Hidden({name: value for name, value in mine.value.items() if not _same(value, current.get(name))})


def in_conflict(base: Customer, mine: Hidden[Properties], now: Customer) -> Hidden[tuple[Properties, ...]] | None:
    """Return base, mine and theirs of the properties that somebody else has set to something else, if there are any."""
    before, current = base.to_dict(), now.to_dict()
    names = [
        name
        for name, value in mine.value.items()
        if not _same(current.get(name), before.get(name)) and not _same(current.get(name), value)
    ]
    if not names:
        return None
    sides = (before, mine.value, current)
    return Hidden(tuple({name: side.get(name) for name in names} for side in sides))


def update_of(now: Customer, mine: Hidden[Properties]) -> CustomerUpdate | Problem:
    """Return an update of the required properties as they are now, and of what is changed."""
    whole = sendable(now)
    if isinstance(whole, Problem):
        return whole
    try:
        for name in _NAMES:
            if name not in _ALWAYS_SENT:
                setattr(whole, name, UNSET)
        whole.additional_properties.clear()
        return CustomerUpdate.from_dict({**whole.to_dict(), **mine.value})
    except (AttributeError, KeyError, TypeError, ValueError):
        return Problem("a property was set to a value that is not of the type that the specification gives it")


def _same(one: object, other: object) -> bool:
    """Compare as JSON does: True is no 1, and what is absent is the same as what is removed."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
