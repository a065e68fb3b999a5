"""An edit of the specification, and everything follows: no other edit, anywhere.

For each group of edits, the copy of the project is generated, type-checked strictly as a whole with the code that
callers write afterwards, and held to its own contract; then the callers' code runs, and each edit is judged.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ._edits import GROUPS
from ._project import Project

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mypy's memory, for all the copies of one process."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("group", GROUPS)
def test_each_edit_is_absorbed(group: str, tmp_path: Path, cache: Path, subtests: pytest.Subtests) -> None:
    project = Project(tmp_path / "a project", GROUPS[group])
    assert project.lint() == []
    project.generate()
    assert project.typecheck(cache) == ""
    result = project.check()
    told = project.call()
    for edit in project.edits:
        with subtests.test(edit.name):
            assert told[edit.name] == "", told[edit.name]
    if group != "operations":
        assert result["status"] == "passed", result["said"]
        return
    # What an operation does is no part of the specification: all that is wrong is that nobody has written it.
    broken = {(failure["claim"], failure["message"]) for failure in result["failures"]}
    assert broken == {
        ("implemented", "listCustomers is not implemented"),
        ("implemented", "createOrUpdateCustomer is not implemented"),
    }, result["said"]
    assert result["counts"]["by_operation_and_status"]["listCustomers 401"] > 0
    assert result["counts"]["by_operation_and_status"]["createOrUpdateCustomer 401"] > 0
