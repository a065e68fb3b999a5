"""An edit of an upstream template, and what to say when upstream has changed the passage that it replaces."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

ALIKE = 0.5  # of 1: less is no passage that somebody would recognise


@dataclass(frozen=True)
class Edit:
    """One replacement in one upstream template, of a passage that must stand there `count` times."""

    template: str
    reason: str
    old: str
    new: str
    count: int = 1


def of(edit: Edit, source: str) -> str | None:
    """Return what has become of the passage in upstream's template, as a difference; None when the edit fits."""
    found = source.count(edit.old)
    if found == edit.count:
        return None
    said = (
        f"{edit.template}: upstream's template has drifted: the passage stands there {found} times, not {edit.count}. "
        f"The edit exists because: {edit.reason}"
    )
    like = _most_alike(edit.old, source)
    if like is None:
        return f"{said}\nNothing like it is there:\n{textwrap.indent(edit.old, '    ')}"
    changed = difflib.unified_diff(edit.old.splitlines(), like.splitlines(), "the edit", "upstream", lineterm="", n=99)
    return "\n    ".join([said, *changed])


def _most_alike(passage: str, source: str) -> str | None:
    """The lines of the source that are most like the passage, without being it."""
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(passage.strip())
    best, like = ALIKE, None
    for lines in _windows(source.splitlines(), len(passage.splitlines())):
        matcher.set_seq1(lines.strip())
        if passage not in lines and matcher.quick_ratio() > best and matcher.ratio() > best:
            best, like = matcher.ratio(), lines
    return like


def _windows(lines: list[str], size: int) -> Iterator[str]:
    for length in range(max(1, size - 1), size + 3):
        for start in range(len(lines) - length + 1):
            yield "\n".join(lines[start : start + length])
