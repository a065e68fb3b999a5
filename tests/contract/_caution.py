"""What is left out of a run, and why: for the sake of a server that is not ours, or for want of a socket.

A test that could harm a real environment says so by a marker, and is not even collected there. The gate in
`_server` asks `objection` of every single request as well, those that schemathesis makes of itself included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._target import Target
from ._wire import LONGEST_BODY, SAFE_METHODS, Request, basic

if TYPE_CHECKING:
    import pytest

REMOTE = {
    "lock_out": "wrong credentials, or what looks like an attack, could lock the account",
    "flood": "large bodies or many requests at once could flood the server",
    "other_method": "what a method does that the spec does not know is anybody's guess",
}
"""Markers of tests that are left out of a run against a real environment."""
SOCKET = "socket"
READS = "reads"
MARKERS = {
    **REMOTE,
    SOCKET: "it takes a socket, and the application runs in process",
    READS: "changes no customer, so it is run in read-only mode as well",
}
_WRITES = "read-only mode changes no customer"


def select(items: Sequence[pytest.Item], target: Target) -> tuple[list[pytest.Item], Counter[str]]:
    """Return the tests to run, and how many are left out for which reason."""
    kept, left_out = [], Counter[str]()
    for item in items:
        reason = _reason({marker.name for marker in item.iter_markers()}, target)
        if reason:
            left_out[reason] += 1
        else:
            kept.append(item)
    return kept, left_out


def _reason(markers: set[str], target: Target) -> str:
    if target.read_only and READS not in markers:
        return _WRITES
    dropped = REMOTE if target.remote else {}
    if target.app:
        dropped = {**dropped, SOCKET: MARKERS[SOCKET]}
    return next((text for marker, text in dropped.items() if marker in markers), "")


def objection(request: Request, target: Target) -> str:
    """Return why a request must not reach this target; nothing where it may."""
    if target.read_only and request.method not in SAFE_METHODS:
        return _WRITES
    if not target.remote:
        return ""
    if request.method not in {*SAFE_METHODS, *target.methods}:
        return REMOTE["other_method"]
    if request.headers.get("Authorization") not in {None, basic(target.access_id, target.access_key)}:
        return REMOTE["lock_out"]
    if len(request.body or b"") >= LONGEST_BODY:
        return REMOTE["flood"]
    return ""
