"""The strict type checker over code as users write it: right code has no error, each mistake has its own."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
from mypy import api

HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "user_code.py", HERE / "wrong_code.py"
# Kept between runs, since a first one takes seconds; in what git ignores, and apart from what other runs use.
CACHE = HERE.parents[1] / ".mypy_cache" / "user_code" / os.environ.get("PYTEST_XDIST_WORKER", "main")

Errors = dict[int, list[str]]


@pytest.fixture(scope="module")
def found() -> dict[str, Errors]:
    """Check both files at once, away from the project's own settings and folders, as a user's project would be."""
    arguments = [
        "--strict",
        "--config-file=",
        f"--cache-dir={CACHE}",
        "--no-error-summary",
        "--no-pretty",
        "--no-color",
    ]
    output, problems, status = api.run([*arguments, "--hide-error-context", str(RIGHT), str(WRONG)])
    assert (problems, status) == ("", 1), output
    errors: dict[str, Errors] = {RIGHT.name: defaultdict(list), WRONG.name: defaultdict(list)}
    for line in output.splitlines():
        place = re.match(r"(?P<file>.+?):(?P<line>\d+): (?P<kind>\w+): .*?(\[(?P<code>[\w-]+)\])?$", line)
        assert place, line
        if place["kind"] == "error":
            errors[Path(place["file"]).name][int(place["line"])].append(place["code"])
    return errors


def expected(path: Path) -> Errors:
    """Return the codes that each line of a file says it must be given."""
    marked = (re.search(r"# error: ([\w, -]+)$", line) for line in path.read_text(encoding="utf-8").splitlines())
    return {number: mark[1].split(", ") for number, mark in enumerate(marked, start=1) if mark}


def test_right_code_has_no_error(found: dict[str, Errors]) -> None:
    assert found[RIGHT.name] == {}


def test_each_mistake_has_its_error_and_nothing_else_has_one(found: dict[str, Errors]) -> None:
    assert found[WRONG.name] == expected(WRONG)
    assert len(expected(WRONG)) > 50
