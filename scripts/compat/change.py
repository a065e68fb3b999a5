"""One change, and what it means to each side.

Breaking for callers: code that called as the old contract allows may fail, or get what it does not expect.
Breaking for servers: a server that kept the old contract does something that the new one forbids.
Additive: there is something new, and nothing of the old is touched. Neutral: words alone, or nothing that is noticed.

Versions are promises to callers, so the verdict for callers decides which version a change calls for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeVar

T = TypeVar("T")


class Level(IntEnum):
    """How much a change asks of one side; the greater decides."""

    NEUTRAL = 0
    ADDITIVE = 1
    BREAKING = 2

    @property
    def version(self) -> str:
        """The part of a semantic version that it moves."""
        return ("patch", "minor", "major")[self]


class Kind(StrEnum):
    """What happened, in the words of the summary."""

    ADDED = "Added"
    REMOVED = "Removed"
    TIGHTENED = "Tightened"
    LOOSENED = "Loosened"
    CHANGED = "Changed"
    REWORDED = "Reworded"


class Way(StrEnum):
    """Which way a value travels."""

    REQUEST = "request"
    ANSWER = "answer"


Ways = frozenset[Way]


@dataclass(frozen=True)
class Change:
    """One change at one place, and what it is to callers and to servers."""

    place: str
    kind: Kind
    text: str
    callers: Level
    servers: Level

    @property
    def version(self) -> str:
        """The part of the version that must move."""
        return self.callers.version


# Fewer values may be sent: both sides notice. More may be sent: a server that refuses them is wrong now. Fewer may
# be answered: servers are bound. More may be answered: callers meet what they do not know.
_CONSTRAINTS = {
    (Kind.TIGHTENED, Way.REQUEST): (Level.BREAKING, Level.BREAKING),
    (Kind.LOOSENED, Way.REQUEST): (Level.ADDITIVE, Level.BREAKING),
    (Kind.TIGHTENED, Way.ANSWER): (Level.ADDITIVE, Level.BREAKING),
    (Kind.LOOSENED, Way.ANSWER): (Level.BREAKING, Level.ADDITIVE),
    (Kind.CHANGED, Way.REQUEST): (Level.BREAKING, Level.BREAKING),
    (Kind.CHANGED, Way.ANSWER): (Level.BREAKING, Level.BREAKING),
}


def constraint(place: str, kind: Kind, text: str, ways: Ways) -> Change:
    """Return a change of what a value may be, judged by the ways that the value travels."""
    judged = [_CONSTRAINTS[kind, way] for way in ways] or [(Level.NEUTRAL, Level.NEUTRAL)]
    return Change(place, kind, text, max(callers for callers, _ in judged), max(servers for _, servers in judged))


def reworded(place: str, text: str) -> Change:
    """Return a change that no program notices."""
    return Change(place, Kind.REWORDED, text, Level.NEUTRAL, Level.NEUTRAL)


def rewording(place: str, word: str, before: object, after: object) -> Change:
    """Return the change of a text, of which only the sentences that differ are told."""
    old, new = _sentences(before), _sentences(after)
    gone, come, _ = apart(old, new)
    told = [f"{what}: {' '.join(which)}" for what, which in (("no longer", gone), ("now", come)) if which]
    return reworded(place, f"{word}, {'; '.join(told) or 'in another order'}")


def apart(before: Iterable[T], after: Iterable[T]) -> tuple[list[T], list[T], list[T]]:
    """Return what is gone, what is new and what stayed, each in the order of its document."""
    old, new = list(before), list(after)
    gone = [each for each in old if each not in new]
    return gone, [each for each in new if each not in old], [each for each in new if each in old]


def described(node: dict[str, object]) -> str:
    """Return the first sentence of an object's description."""
    return next(iter(_sentences(node.get("description"))), "nothing is said of it")


def _sentences(text: object) -> list[str]:
    words = " ".join(str(text or "").split())
    return re.split(r"(?<=[.!?]) ", words) if words else []
