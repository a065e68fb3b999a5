"""A copy of what a release is made of, as a git repository of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from codegen.spec import ROOT

PARTS = (
    "src",
    "generated",
    "openapi",
    "scripts/release",
    "requirements",
    "README.md",
    "CHANGELOG.md",
    "pyproject.toml",
)
_GIT = shutil.which("git") or "git"
_IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
_IDENTITY |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
_WHEN = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05+00:00", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00"}


def copied(folder: Path) -> Path:
    """Copy the project into a folder and commit it, at a time that is always the same; so the hash is too."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "a")
    git(folder, "config", "user.email", "a@example.com")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "Release")


def git(folder: Path, *arguments: str) -> str:
    environment = _IDENTITY | _WHEN | {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run([_GIT, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def set_version(folder: Path, number: str) -> None:
    file = folder / "src" / "trustly_customers" / "_version.py"
    text = file.read_text(encoding="utf-8")
    before, _, rest = text.partition('__version__ = "')
    file.write_text(f'{before}__version__ = "{number}{rest[rest.index(chr(34)) :]}', encoding="utf-8")
    commit(folder)
