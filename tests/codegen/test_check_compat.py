"""The gate: what a release is compared with, and when versions or the changelog say too little."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

import changes
import check_compat
from codegen.spec import ROOT, SPEC_PATH
from compat.change import Level
from compat.verdict import called_for, changelog_problem

VERSION = Path("src/trustly_customers/_version.py")
FILES = {
    "CHANGELOG.md": "# Changelog\n\n## 0.1.0\n\n### Added\n\n- All.\n",
    "src/trustly_customers/__init__.py": "",
    "src/trustly_customers/_version.py": '__version__ = "0.1.0"\n',
    "src/trustly_customers/_public.py": "__all__ = []\n",
    "src/trustly_customers/fast.py": '__all__ = ["FastTransport"]\nclass FastTransport: ...\n',
    "generated/trustly_api/__init__.py": "",
    "generated/trustly_api/models/__init__.py": "__all__ = ()\n",
}


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.com"]
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's specification with a small package around it, without any history."""
    root = tmp_path / "a project"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for file in (SPEC_PATH, Path("generated/trustly_api/openapi.json")):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, root / file)
    return root


@pytest.fixture
def released(project: Path) -> Path:
    """The copy, with 0.1.0 released from it."""
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "Release 0.1.0")
    git(project, "tag", "v0.1.0")
    return project


def gate(root: Path, *arguments: str) -> int:
    return check_compat.main(["--root", str(root), *arguments])


def break_the_contract(root: Path) -> None:
    replace(root / SPEC_PATH, "          minLength: 1\n", "          minLength: 2\n")


def break_a_name(root: Path) -> None:
    replace(root / "src" / "trustly_customers" / "fast.py", '__all__ = ["FastTransport"]', "__all__ = []")


def bump(root: Path, version: str, contract: str, *entries: str) -> None:
    replace(root / VERSION, "0.1.0", version)
    replace(root / SPEC_PATH, "version: 1.0.0", f"version: {contract}")
    listed = "".join(f"### {entry}\n\n- Something.\n\n" for entry in entries)
    replace(root / "CHANGELOG.md", "## 0.1.0", f"## Unreleased\n\n{listed}## 0.1.0")


def test_nothing_changed_and_nothing_is_called_for(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(released) == 0
    assert capsys.readouterr().out == "0 changes since v0.1.0, 0 problems\n"


def test_a_broken_contract_wants_both_versions_and_the_changelog(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_the_contract(released)
    assert gate(released) == 1
    told = capsys.readouterr()
    assert "breaking  breaking  major      Tightened: CustomerUpdate.name: minLength: 1 → 2\n" in told.out
    assert "error: __version__ in _version.py is 0.1.0, and the changes since 0.1.0 call for 0.2.0\n" in told.err
    assert "info.version in openapi/customers.yaml is 1.0.0, and the changes since 1.0.0 call for 2.0.0\n" in told.err
    assert "CHANGELOG.md begins with 0.1.0, and what came after it is told nowhere\n" in told.err
    bump(released, "0.2.0", "2.0.0", "Breaking")
    assert gate(released) == 0


def test_a_broken_python_name_leaves_the_specifications_version_alone(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_a_name(released)
    bump(released, "0.1.1", "1.0.0", "Breaking")
    assert gate(released) == 1
    told = capsys.readouterr()
    assert "Removed: trustly_customers.fast.FastTransport: class" in told.out
    assert "_version.py is 0.1.1" in told.err
    assert told.err.count("error:") == 1


def test_a_breaking_change_wants_its_own_heading(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_the_contract(released)
    bump(released, "0.2.0", "2.0.0", "Changed")
    assert gate(released) == 1
    assert "CHANGELOG.md has no `### Breaking` under Unreleased" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["wheel", "folder"])
def test_without_a_history_a_file_stands_for_the_release(
    project: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "trustly_customers-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(base, "w") as wheel:
        for folder in ("src", "generated"):
            for path in (project / folder).rglob("*.*"):
                wheel.write(path, path.relative_to(project / folder))
    if form == "folder":
        with zipfile.ZipFile(base) as wheel:
            wheel.extractall(tmp_path / "unpacked")
        base = tmp_path / "unpacked"
    assert gate(project, "--base", str(base)) == 0
    break_the_contract(project)
    assert gate(project, "--base", str(base)) == 1
    assert "CustomerUpdate.name: minLength: 1 → 2" in capsys.readouterr().out
    assert changes.main(["--root", str(project), "--base", str(base)]) == 0
    assert "`CustomerUpdate.name`: minLength: 1 → 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("", "git rev-parse failed"),
        ("nowhere.whl", "BASE=nowhere.whl cannot be read"),
        ("nowhere.tar.gz", "BASE=nowhere.tar.gz cannot be read"),
        ("openapi", "it is no release of this project"),
        ("v9", "git archive failed"),
    ],
)
def test_nothing_to_compare_with_is_told_and_is_not_green(
    project: Path, monkeypatch: pytest.MonkeyPatch, base: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    monkeypatch.chdir(project)
    for command in (check_compat, changes):
        assert command.main(["--root", str(project), "--base", base]) == 2
        assert told in capsys.readouterr().err


def test_a_history_that_is_cut_short_is_not_taken_for_one_without_releases(
    released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(released, "commit", "--quiet", "--allow-empty", "-m", "More")
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-tags", released.as_uri(), "shallow")
    assert gate(tmp_path / "shallow") == 2
    assert "git fetch --unshallow" in capsys.readouterr().err


def test_without_a_history_a_changelog_that_tells_of_no_release_is_believed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    replace(project / "CHANGELOG.md", "## 0.1.0", "## Unreleased")
    assert gate(project) == 0
    assert "no release yet" in capsys.readouterr().out


def test_before_the_first_release_nothing_can_be_broken(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(released, "tag", "--delete", "v0.1.0")
    assert gate(released) == 0
    assert "no release yet" in capsys.readouterr().out
    assert changes.main(["--root", str(released)]) == 2
    assert "BASE=main" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["v0.1.0rc1", "v0.2.0.dev1", "v0.0.9", "v1-notes", "v2024-plans"])
def test_the_last_release_is_the_newest_tag_that_names_one(
    released: Path, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    break_the_contract(released)
    git(released, "commit", "--quiet", "--all", "-m", "Break it")
    git(released, "tag", other)
    assert gate(released) == 1
    assert "changes since v0.1.0," in capsys.readouterr().out


def test_a_tag_of_ten_is_newer_than_one_of_nine(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for tag in ("v0.9.0", "v0.10.0"):
        git(released, "tag", tag)
    assert gate(released) == 0
    assert "changes since v0.10.0," in capsys.readouterr().out


def test_a_version_that_is_none_is_told(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replace(released / VERSION, "0.1.0", "0.1.x")
    assert gate(released) == 2
    assert "'0.1.x', which is no version" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("released_as", "level", "least"),
    [
        ("1.2.3", None, "1.2.3"),
        ("1.2.3", Level.NEUTRAL, "1.2.4"),
        ("1.2.3", Level.ADDITIVE, "1.3.0"),
        ("1.2.3", Level.BREAKING, "2.0.0"),
        ("0.2.3", Level.NEUTRAL, "0.2.4"),
        ("0.2.3", Level.ADDITIVE, "0.2.4"),
        ("0.2.3", Level.BREAKING, "0.3.0"),
    ],
)
def test_the_least_version_follows_from_the_greatest_change(released_as: str, level: Level | None, least: str) -> None:
    assert called_for(Version(released_as), level) == Version(least)


@pytest.mark.parametrize(
    ("text", "level", "told"),
    [
        ("## Unreleased\n\n### Fixed\n\n- A bug.\n", Level.ADDITIVE, "tells of nothing new under Unreleased"),
        ("## 1.1.0\n\n### Added\n\n", Level.ADDITIVE, "tells of nothing new under 1.1.0"),
        ("## 1.1.0 - 2027-01-01\n\n### Added\n\n- A thing.\n", Level.ADDITIVE, None),
        ("## 1.0.0\n\n### Added\n\n- A thing.\n", Level.ADDITIVE, "begins with 1.0.0"),
        ("", Level.ADDITIVE, "begins with nothing"),
        ("", Level.NEUTRAL, None),
        ("## Unreleased\n\n## 1.0.0\n\n### Breaking\n\n- Old.\n", Level.BREAKING, "has no `### Breaking`"),
    ],
)
def test_the_changelogs_newest_section_tells_of_what_there_is(text: str, level: Level, told: str | None) -> None:
    problem = changelog_problem(text, Version("1.0.0"), level)
    assert (told is None and problem is None) or (told is not None and told in str(problem))
