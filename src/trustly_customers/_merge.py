"""What of a customer is sent: an update made of a customer, and the changes of several writers merged.

A change is a map from a property's name in JSON to its new value, None to remove it. Merging is by top-level property,
as the provider's update is: a nested object is one value.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import isawaitable, iscoroutine
from typing import Any, Final

import attrs

from trustly_api.changes import JSON_NAMES, CustomerUpdateChanges
from trustly_api.contract import PROVIDER_SET
from trustly_api.models import Customer, CustomerUpdate
from trustly_api.resources.customers import UPDATE_CUSTOMER
from trustly_api.types import UNSET, Unset

from . import _spec
from ._hidden import Hidden, Problem

Properties = dict[str, Any]
Edit = Callable[[CustomerUpdate], object]

_NOT_SENT: Final = PROVIDER_SET[Customer.__name__]
_IN_JSON: Final = JSON_NAMES[CustomerUpdate.__name__]
_IN_PYTHON: Final = {json_name: name for name, json_name in _IN_JSON.items()}
_TYPES: Final = CustomerUpdateChanges.__annotations__
DECLARED: Final = tuple(_IN_JSON)
"""The names of an update's properties in Python."""
_ALWAYS_SENT: Final = tuple(each.name for each in attrs.fields(CustomerUpdate) if each.default is attrs.NOTHING)

_BY_PLACE: Final = {*UPDATE_CUSTOMER.path_parameters, *re.findall(r"\{(.+?)\}", UPDATE_CUSTOMER.path), "edit"}
"""What has no keyword, since a property may have any name: the id, however it is spelt, and an edit."""

# What the generated models and the JSON encoder raise of values that they were not made for.
_UNFIT: Final = (AttributeError, KeyError, TypeError, ValueError, RecursionError)


class _Anything:
    """Stands, while a generated model is written, for a value of whatever type the model takes it for."""

    def __getattr__(self, _name: str) -> Callable[..., object]:
        return lambda *_, **__: self

    def __iter__(self) -> Any:
        return iter(())


_ANYTHING: Final[Any] = _Anything()
_NOTHING_JSON_HAS: Final = object()


def sendable(body: object) -> CustomerUpdate | Problem:
    """Return what of a customer may be sent, as an update: the same where it is one."""
    if not isinstance(body, CustomerUpdate | Customer):
        return Problem("body must be a CustomerUpdate or a Customer")
    problem = _shadowed(body)
    if problem is not None:
        return problem
    try:
        properties = body.to_dict()
        if type(body) is CustomerUpdate and not _NOT_SENT & body.additional_properties.keys():
            return body  # it is already
        return _update_of(properties)
    except _UNFIT:
        return _one_by_one(body)


def _shadowed(body: CustomerUpdate | Customer) -> Problem | None:
    """Say which declared property was set as one that the specification does not name, and would be lost."""
    found = next((name for name in body.additional_properties if name in _IN_PYTHON), None)
    if found is None:
        return None
    return Problem(f"{found} was set in brackets, which is for what has no attribute; set .{_IN_PYTHON[found]} instead")


def _one_by_one(body: CustomerUpdate | Customer) -> CustomerUpdate | Problem:
    """As `sendable`, of a body that is not as its type says: what `modify` takes goes, and what it refuses is named."""
    found = {}
    for name in DECLARED:
        value = getattr(body, name, UNSET)
        written = _written(name, value)
        if isinstance(written, Problem):
            return written
        if value is UNSET and name in _ALWAYS_SENT:
            return Problem(f"{name} is missing")
        found.update(written.value)
    try:
        return _update_of({**body.additional_properties, **found})
    except _UNFIT:
        return Problem("body holds a value that is not of the type that the specification gives it")


def base_problem(base: object) -> Problem | None:
    """Say why something is no customer to start from, if it is none."""
    if not isinstance(base, Customer):
        return Problem("base must be a Customer, as get returned it")
    try:
        _update_of(base.to_dict())
    except _UNFIT:
        return Problem("base holds a value that is not of the type that the specification gives it")
    return None


def named(names: Hidden[Mapping[str, Any]], *, validate: bool) -> Hidden[Properties] | Problem:
    """Return the keywords as changes, or say what is wrong with one. One that is `UNSET` changes nothing."""
    problem = _name_problem(names.value)
    if problem is not None:
        return problem
    found = {}
    for name, value in names.value.items():
        changed = _written(name, value)
        if isinstance(changed, Problem):
            return changed
        for json_name, member in changed.value.items():
            wrong = _spec.property_check(UPDATE_CUSTOMER.operation_id, json_name, name)(member) if validate else None
            if wrong is not None:
                return Problem(wrong)
            found[json_name] = member
    return Hidden(found)


def changes(base: Customer, names: Hidden[Properties], edit: Hidden[Edit | None]) -> Hidden[Properties] | Problem:
    """Return what the keywords and then an edit change of a customer, and nothing of what they leave as it was."""
    wanted = names if edit.value is None else _edited(base, names, Hidden(edit.value))
    if isinstance(wanted, Problem):
        return wanted
    mine = Hidden({name: value for name, value in _differing(wanted, base).items() if name not in _NOT_SENT})
    try:
        update_of(base, mine)
    except _UNFIT:
        return Problem("a property was set to a model that is not the one that the specification gives it")
    return mine


def still_to_do(mine: Hidden[Properties], now: Customer) -> Hidden[Properties]:
    """Return what of the changes is not yet so."""
    return Hidden(_differing(mine, now))


def in_conflict(base: Customer, mine: Hidden[Properties], now: Customer) -> Hidden[tuple[Properties, ...]] | None:
    """Return base, mine and theirs of the properties that somebody else has set to something else, if there are any.

    Each is keyed by the names, and holds the values, that the keywords of `modify` have.
    """
    before, current = base.to_dict(), now.to_dict()
    names = [
        name
        for name, value in mine.value.items()
        if not _same(current.get(name), before.get(name)) and not _same(current.get(name), value)
    ]
    if not names:
        return None
    sides = (base, _update_of({**current, **mine.value}), now)
    return Hidden(tuple({_IN_PYTHON.get(name, name): _value(side, name) for name in names} for side in sides))


def update_of(now: Customer, mine: Hidden[Properties]) -> CustomerUpdate:
    """Return an update of the required properties as they are now, and of what is changed."""
    current = now.to_dict()
    return _update_of({_IN_JSON[name]: current.get(_IN_JSON[name]) for name in _ALWAYS_SENT} | mine.value)


def _update_of(properties: Properties) -> CustomerUpdate:
    return CustomerUpdate.from_dict({name: value for name, value in properties.items() if name not in _NOT_SENT})


def place_problem(names: Iterable[str], call: str) -> Problem | None:
    """Say which argument was given by its name, though it has none; `call` shows where it goes."""
    found = next((name for name in names if name in _BY_PLACE and name not in DECLARED), None)
    return None if found is None else Problem(f"{found} goes by its place, without its name: {call}")


def _name_problem(names: Iterable[str]) -> Problem | None:
    """Say which keyword is the name of no property, and what was perhaps meant."""
    unknown = next((name for name in names if name not in DECLARED), None)
    if unknown is None:
        return None
    return Problem(no_property(unknown, DECLARED, otherwise=f"there are {', '.join(DECLARED)}"))


def no_property(name: str, names: Sequence[str], *, otherwise: str) -> str:
    """Say that a customer has no property of that name, and which was perhaps meant, or what else there is to say."""
    from difflib import get_close_matches  # noqa: PLC0415 - for the rare typing error alone

    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else otherwise
    return f"{name} is no property of a customer; {hint}"


def _written(name: str, value: object) -> Hidden[Properties] | Problem:
    """Return one property as JSON has it, in a copy of its own, or nothing for `UNSET`."""
    if value is UNSET:
        return Hidden({})
    json_name = _IN_JSON[name]
    try:
        wire = CustomerUpdate(**{**dict.fromkeys(_ALWAYS_SENT, _ANYTHING), name: value}).to_dict()[json_name]
        return Hidden({json_name: json.loads(json.dumps(wire))})
    except _UNFIT:
        return Problem(f"{name} must be of type {_TYPES[name].__forward_arg__}, and hold nothing but what JSON can")


def _edited(base: Customer, names: Hidden[Properties], edit: Hidden[Edit]) -> Hidden[Properties] | Problem:
    """Return a customer as an edit leaves it. Nothing here holds a value that its repr shows: an edit may raise."""
    update = _to_edit(base, names)
    if isinstance(update, Problem):
        return update
    returned = edit.value(update)
    if iscoroutine(returned):
        returned.close()
    if isawaitable(returned) or (isinstance(returned, CustomerUpdate) and returned is not update):
        return Problem("edit must change the CustomerUpdate that it is given; it is not awaited, nor its result used")
    return _all_written(update)


def _to_edit(base: Customer, names: Hidden[Properties]) -> CustomerUpdate | Problem:
    try:
        return _update_of(copy.deepcopy({**base.to_dict(), **names.value}))
    except _UNFIT:
        return Problem("base or a keyword holds a value that is not of the type that the specification gives it")


def _all_written(update: CustomerUpdate) -> Hidden[Properties] | Problem:
    """Return all properties that are set as JSON has them."""
    problem = _shadowed(update)
    if problem is not None:
        return problem
    for name in _ALWAYS_SENT:
        if getattr(update, name, None) is UNSET:
            setattr(update, name, _ANYTHING)  # what is required cannot be written as absent
    try:
        found = {name: value for name, value in update.to_dict().items() if value is not _ANYTHING}
        return Hidden(json.loads(json.dumps(found)))
    except _UNFIT:
        each = (_written(name, getattr(update, name, _NOTHING_JSON_HAS)) for name in DECLARED)
        unknown = Problem("a property that the specification does not name holds something that JSON cannot")
        return next((one for one in each if isinstance(one, Problem)), unknown)


def _differing(wanted: Hidden[Properties], customer: Customer) -> Properties:
    current = customer.to_dict()
    return {name: value for name, value in wanted.value.items() if not _same(value, current.get(name))}


def _value(side: Customer | CustomerUpdate, name: str) -> object:
    value = getattr(side, _IN_PYTHON[name]) if name in _IN_PYTHON else side.additional_properties.get(name)
    return None if isinstance(value, Unset) else value


def _same(one: object, other: object) -> bool:
    """Compare as JSON does: True is no 1 but 1.0 is, and what is absent is the same as what is removed."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
