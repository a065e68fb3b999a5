"""What is built: the same bytes wherever and whenever, and what they say of themselves."""

from __future__ import annotations

import json
import os
import tarfile
import time
import zipfile
from pathlib import Path
from unittest.mock import Mock

import pytest

import build_release
from release.artifacts import BuildError, bill_of_materials, build, emptied, sha256, version

from ._project import copied, git, set_version

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("release")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("one place"))


@pytest.fixture(scope="module")
def files(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build(project, tmp_path_factory.mktemp("built"))


def test_two_builds_in_different_folders_and_at_different_times_are_the_same_bytes(
    files: list[Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = copied(tmp_path_factory.mktemp("elsewhere"))
    for number, path in enumerate(sorted(other.rglob("*"))):
        os.utime(path, (number, number))
        path.chmod(path.stat().st_mode & 0o700)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(time.time())))
    monkeypatch.setenv("HATCH_BUILD_NO_HOOKS", "true")
    mask = os.umask(0o077)
    try:
        again = build(other, tmp_path_factory.mktemp("built again"))
    finally:
        os.umask(mask)
    assert [sha256(file) for file in again] == [sha256(file) for file in files]


def test_the_source_distribution_builds_the_same_wheel_where_there_is_no_history(
    files: list[Path], tmp_path: Path
) -> None:
    source, wheel = files
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    _, again = build(unpacked, tmp_path / "dist")
    assert sha256(again) == sha256(wheel)


def test_both_say_which_commit_they_are_of(project: Path, files: list[Path]) -> None:
    source, wheel = files
    said = {"commit": git(project, "rev-parse", "HEAD"), "committed": "2026-01-02T03:04:05+00:00", "modified": False}
    with zipfile.ZipFile(wheel) as archive:
        assert json.loads(archive.read("trustly_customers/provenance.json")) == said
    with tarfile.open(source) as archive:
        member = archive.extractfile(f"{source.name[:-7]}/src/trustly_customers/provenance.json")
        assert member is not None
        assert json.load(member) == said


def test_the_source_distribution_holds_the_specification_and_no_tests(files: list[Path]) -> None:
    with tarfile.open(files[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"openapi/customers.yaml", "CHANGELOG.md", "scripts/release/hook.py"} <= names
    folders = {name.partition("/")[0] for name in names if "/" in name}
    assert folders == {"src", "generated", "openapi", "scripts"}


def test_a_tree_that_was_changed_says_so(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    (project / "src" / "trustly_customers" / "more.py").touch()
    _, wheel = build(project, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        assert json.loads(archive.read("trustly_customers/provenance.json"))["modified"] is True


def test_the_version_is_the_one_in_the_code(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    set_version(project, "12.3.4")
    assert version(project) == "12.3.4"
    assert [file.name for file in build(project, tmp_path / "dist")] == [
        "trustly_customers-12.3.4.tar.gz",
        "trustly_customers-12.3.4-py3-none-any.whl",
    ]


def test_what_cannot_be_built_is_said_to_be(tmp_path: Path) -> None:
    project = copied(tmp_path / "project")
    (project / "README.md").unlink()
    with pytest.raises(BuildError, match=r"README\.md"):
        build(project, tmp_path / "dist")


def test_the_bill_of_materials_names_what_is_pinned_with_its_hashes_and_is_the_same_twice(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "again").mkdir()
    bill = bill_of_materials(project, tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(time.time())))
    again = bill_of_materials(project, tmp_path / "again")
    assert bill.read_bytes() == again.read_bytes()
    document = json.loads(bill.read_bytes())
    assert document["metadata"]["component"]["version"] == version(project)
    components = {each["name"]: each for each in document["components"]}
    pinned = (project / "requirements" / "sandbox.txt").read_text(encoding="utf-8")
    for name in ("httpx", "attrs", "anyio", "jsonschema-rs", "uvicorn", "psycopg"):
        assert f"{name}=={components[name]['version']}" in pinned
        hashes = [each["content"] for each in components[name]["externalReferences"][0]["hashes"]]
        assert hashes
        assert all(each in pinned for each in hashes)


@pytest.mark.parametrize("kind", ["link", "dangling link", "file"])
def test_a_link_or_a_file_in_the_place_of_the_folder_is_left_alone(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_release, "ROOT", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "somebody's").touch()
    dist = tmp_path / "dist"
    if kind == "file":
        dist.touch()
    else:
        dist.symlink_to(tmp_path / ("elsewhere" if kind == "link" else "nowhere"))
    assert build_release.main() == 1
    noun = kind.rpartition(" ")[2]
    words = f"error: {dist} is a {noun}, and a new folder is made there: move the {noun} away\n"
    assert capsys.readouterr().err == words
    assert [each.name for each in (tmp_path / "elsewhere").iterdir()] == ["somebody's"]


def test_a_folder_that_cannot_be_made_anew_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dist").mkdir()
    monkeypatch.setattr("shutil.rmtree", Mock(side_effect=PermissionError(13, "Permission denied")))
    with pytest.raises(BuildError, match=r"dist cannot be made anew \(Permission denied\): delete it"):
        emptied(tmp_path / "dist")


def test_a_folder_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "old").touch()
    assert list(emptied(tmp_path / "dist").iterdir()) == []
