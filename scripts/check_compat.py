"""Compares the contract and the public Python names with the last release, and says what that calls for.

Ends in 0 when the versions and CHANGELOG.md say enough, in 1 when they say less, in 2 when nothing could be compared.
"""

from __future__ import annotations

import sys

from packaging.version import Version

from codegen.soundness import loaded
from codegen.spec import SPEC_PATH, SpecError
from compat.change import Change
from compat.contract import contract_changes
from compat.release import BaseError, Release, base, here, options
from compat.surface import surface_changes
from compat.verdict import changelog_problem, level, version_problem


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    given = options(__doc__, arguments)
    try:
        now = here(given.root, loaded(given.root / SPEC_PATH))
        with base(given.root, given.base) as released:
            if released is None:
                print("There is no release yet, so nothing can be broken")
                return 0
            return _judge(released, now)
    except (BaseError, SpecError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _judge(released: Release, now: Release) -> int:
    contract = contract_changes(released.spec, now.spec)
    changes = [*contract, *surface_changes(released.folder, now.folder)]
    for row in _table(changes):
        print(row)
    specs = Version(released.spec.version), Version(now.spec.version)
    changelog = (now.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    said = (
        version_problem("__version__ in _version.py", released.version, now.version, level(changes)),
        version_problem(f"info.version in {SPEC_PATH.as_posix()}", *specs, level(contract)),
        changelog_problem(changelog, released.version, level(changes)),
    )
    problems = [problem for problem in said if problem is not None]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    print(f"{len(changes)} changes since {released.name}, {len(problems)} problems")
    return 1 if problems else 0


def _table(changes: list[Change]) -> list[str]:
    rows = [("callers", "servers", "calls for", "change")] if changes else []
    rows += [
        (each.callers.name.lower(), each.servers.name.lower(), each.version, f"{each.kind}: {each.place}: {each.text}")
        for each in sorted(changes, key=lambda change: -change.callers)
    ]
    return [f"{callers:10}{servers:10}{version:11}{text}" for callers, servers, version, text in rows]


if __name__ == "__main__":
    sys.exit(main())
