"""Whether versions and CHANGELOG.md say as much as the changes call for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.version import InvalidVersion, Version

from .change import Change, Level

BREAKING = "Breaking"
_TELLING = frozenset({BREAKING, "Added", "Changed", "Deprecated", "Removed"})


def level(changes: Iterable[Change]) -> Level | None:
    """Return what the changes are to callers, all in all; None when there are none."""
    return max((change.callers for change in changes), default=None)


def called_for(released: Version, wanted: Level | None) -> Version:
    """Return the least version that may follow a release. Before 1.0, the minor one stands for the major one."""
    major, minor, patch = released.major, released.minor, released.micro
    if wanted is None:
        return released
    part = wanted if major else max(wanted - 1, Level.NEUTRAL)
    return Version((f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0")[part])


def version_problem(what: str, released: Version, now: Version, wanted: Level | None) -> str | None:
    """Say that a version says less than the changes, if it does."""
    least = called_for(released, wanted)
    if now >= least:
        return None
    return f"{what} is {now}, and the changes since {released} call for {least}"


def changelog_problem(text: str, released: Version, wanted: Level | None) -> str | None:
    """Say that the newest section of the changelog says less than the changes, if it does."""
    if wanted in (None, Level.NEUTRAL):
        return None
    title, entries = next(_sections(text), ("", frozenset()))
    if _is_released(title, released):
        return f"CHANGELOG.md begins with {title or 'nothing'}, and what came after it is told nowhere"
    if wanted is Level.BREAKING and BREAKING not in entries:
        return f"CHANGELOG.md has no `### {BREAKING}` under {title}, and there are changes that break callers"
    if not entries & _TELLING:
        return f"CHANGELOG.md tells of nothing new under {title}, and there is something"
    return None


def _sections(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each section's title, and the headings in it that have entries."""
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        parts = (part.partition("\n") for part in re.split(r"^### ", body, flags=re.MULTILINE)[1:])
        told = (name.strip() for name, _, listed in parts if re.search(r"^- ", listed, re.MULTILINE))
        yield title.strip(), frozenset(told)


def _is_released(title: str, released: Version) -> bool:
    try:
        return Version(title.split(maxsplit=1)[0]) <= released
    except (InvalidVersion, IndexError):
        return not title
