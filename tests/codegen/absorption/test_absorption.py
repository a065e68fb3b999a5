"""An edit of the specification, and everything follows: no other edit, anywhere.

For each group of edits, the copy of the project is generated, type-checked strictly as a whole with the code that
callers write afterwards, and held to its own contract; then the project's tests of the client run over it, as they
are, and the callers' code, and each edit is judged.
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
    with subtests.test("the project's own tests"):
        failed = project.test()
        assert failed == "", failed
    told = project.call()
    for edit in project.edits:
        with subtests.test(edit.name):
            assert told[edit.name] == "", told[edit.name]
    if group != "operations":
        assert result["status"] == "passed", result["said"]
        return
    # What an operation does is no part of the specification: all that is wrong is that nobody has written it.
    broken = {(failure["claim"], failure["message"]) for failure in result["failures"]}
    new = ("listCustomers", "createOrUpdateCustomer", "getMerchant")
    assert broken == {("implemented", f"{each} is not implemented") for each in new}, result["said"]
    for each in new:
        assert result["counts"]["by_operation_and_status"][f"{each} 401"] > 0
