"""Tells as Markdown what changed in the contract since the last release, or since what is named, in its own words."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from codegen.soundness import loaded
from codegen.spec import SPEC_PATH, SpecError
from compat.change import Change, Kind, Level
from compat.contract import contract_changes
from compat.release import BaseError, base, options
from compat.verdict import level

_WORDS = {Level.BREAKING: "breaks", Level.ADDITIVE: "new to", Level.NEUTRAL: ""}


def summary(since: str, changes: list[Change]) -> str:
    """Return the changes as Markdown, a section for each kind that there is."""
    lines = [f"## The contract since {since}", ""]
    for kind in Kind:
        of_kind = [change for change in changes if change.kind is kind]
        if of_kind:
            lines += [f"### {kind}", "", *(_entry(change) for change in of_kind), ""]
    wanted = level(changes)
    if wanted is None:
        lines.append("Nothing changed.")
    else:
        told = f"For callers the contract calls for a **{wanted.version}** version; the Python names may for more."
        lines.append(told)
    return "\n".join(lines) + "\n"


def _entry(change: Change) -> str:
    # What the specification says is text to read, whatever Markdown or HTML would make of it.
    text = change.text.replace("&", "&amp;").replace("<", "&lt;").replace("*", "\\*").replace("@", "&#64;")
    judged = "; ".join(_judged(change))
    return f"- `{change.place}`: {text}" + (f" — *{judged}*" if judged else "")


def _judged(change: Change) -> Iterator[str]:
    for verdict in (Level.BREAKING, Level.ADDITIVE):
        sides = [name for name in ("callers", "servers") if getattr(change, name) is verdict]
        if sides:
            yield f"{_WORDS[verdict]} {' and '.join(sides)}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 2 when there is nothing to compare with."""
    given = options(__doc__, arguments)
    try:
        spec = loaded(given.root / SPEC_PATH)
        with base(given.root, given.base) as released:
            if released is not None:
                sys.stdout.write(summary(released.name, contract_changes(released.spec, spec)))
                return 0
        print("error: there is no release yet: name what to compare with, such as BASE=main", file=sys.stderr)
    except (BaseError, SpecError) as error:
        print(f"error: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
