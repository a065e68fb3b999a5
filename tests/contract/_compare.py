"""Whether two JSON values are the same to a caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Json = Any

_in_order = json.JSONEncoder(sort_keys=True).encode


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are the same, whatever the order of members and the notation of numbers.

    JSON knows one kind of number, so that 1 and 1.0 are the same; true is another value.
    """
    return _in_order(one) == _in_order(other) or _in_order(_plain(one)) == _in_order(_plain(other))


def _plain(value: Json) -> Json:
    """Return a value with its whole numbers written without a fraction."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def differences(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """Return the names under which two customers differ."""
    if same(one, other):  # as nearly always, and looked at name by name it takes many times as long
        return []
    names = one.keys() | other.keys()
    return sorted(
        name for name in names if (name in one) != (name in other) or not same(one.get(name), other.get(name))
    )
