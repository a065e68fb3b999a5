"""What there is to compare with: the last release, or whatever is named in its place, as a folder of files."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import InvalidVersion, Version

from codegen.spec import ROOT, Spec

_VERSION = re.compile(r"""^__version__ = ["']([^"']+)["']""", re.MULTILINE)
_RELEASED = re.compile(r"^## \d", re.MULTILINE)


class BaseError(Exception):
    """There is nothing to compare with, or it is no release of this project; the text says what to do."""


@dataclass(frozen=True)
class Release:
    """A state of the project: its name, its files, its specification and its version."""

    name: str
    folder: Path
    spec: Spec
    version: Version


def options(description: str | None, arguments: list[str] | None) -> argparse.Namespace:
    """Read what a command is to compare with what."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--base", default=os.environ.get("BASE", ""), help="a wheel, an sdist, a folder or a commit")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    return parser.parse_args(arguments)


def here(root: Path, spec: Spec) -> Release:
    """Return the project as it is now; `spec` is what its YAML holds."""
    return Release("now", root, spec, version_of(root))


@contextmanager
def base(root: Path, named: str) -> Iterator[Release | None]:
    """Give what to compare with: what is named, or the last release; None before the first one.

    Named may be a wheel, a source distribution, a folder or anything that git knows as a commit.

    Raises:
        BaseError: it is not there, or the history that would tell is not.
    """
    name = named or _last_release(root)
    if name is None:
        yield None
        return
    with TemporaryDirectory() as folder:
        path = Path(name) if Path(name).is_dir() else _unpacked(root, name, Path(folder))
        yield Release(name, path, _spec(path), version_of(path))


def _last_release(root: Path) -> str | None:
    try:
        return _last_tag(root)
    except BaseError:
        # A copy without its history still says whether anything was released.
        if _RELEASED.search((root / "CHANGELOG.md").read_text(encoding="utf-8")):
            raise
        return None


def _last_tag(root: Path) -> str | None:
    if _git(root, "rev-parse", "--is-shallow-repository").decode().strip() != "false":
        raise BaseError("the history is not all here, so nobody knows the last release: run `git fetch --unshallow`")
    tags = _git(root, "tag", "--merged", "HEAD", "--list", "v[0-9]*").decode().split()
    releases = {version: tag for tag in tags if (version := _of_release(tag)) is not None}
    return releases[max(releases)] if releases else None


def _of_release(tag: str) -> Version | None:
    """The version that a tag names; None for other tags, and for what came before a release and promised nothing."""
    try:
        version = Version(tag)
    except InvalidVersion:
        return None
    return None if version.is_prerelease else version


def _unpacked(root: Path, name: str, folder: Path) -> Path:
    try:
        if name.endswith(".whl"):
            with zipfile.ZipFile(name) as wheel:
                wheel.extractall(folder)  # noqa: S202 - zipfile keeps every member inside the folder
        elif name.endswith(".tar.gz"):
            with tarfile.open(name) as distribution:
                distribution.extractall(folder, filter="data")
            (folder,) = folder.iterdir()
        else:
            archive = _git(root, "archive", "--format=tar", name, "--", "src", "generated")
            with tarfile.open(fileobj=io.BytesIO(archive)) as files:
                files.extractall(folder, filter="data")
    except (OSError, zipfile.BadZipFile, tarfile.TarError, ValueError) as error:
        raise BaseError(f"BASE={name} cannot be read: {error}") from None
    return folder


def _git(root: Path, *arguments: str) -> bytes:
    remedy = "name what to compare with, such as BASE=v1.0.0 or BASE=trustly_customers-1.0.0-py3-none-any.whl"
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)  # noqa: S607 - the user's own git
    except OSError:
        raise BaseError(f"git is not installed: {remedy}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BaseError(f"git {arguments[0]} failed ({said[-1] if said else 'it said nothing'}): {remedy}")
    return done.stdout


def _spec(folder: Path) -> Spec:
    """The specification that the generated package holds, of which every form of a release has one."""
    path = _found(folder, "trustly_api/openapi.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    return Spec(path=str(path), document=document, sha256="")


def version_of(folder: Path) -> Version:
    """Return the version that a release, or the project's folder, states in its code; raise BaseError without one."""
    path = _found(folder, "trustly_customers/_version.py")
    found = _VERSION.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise BaseError(f"{path} states no version")
    try:
        return Version(found[1])
    except InvalidVersion:
        raise BaseError(f"{path} states {found[1]!r}, which is no version; say three numbers, such as 1.0.0") from None


def _found(folder: Path, name: str) -> Path:
    for parent in ("", "src", "generated"):
        path = folder / parent / name
        if path.is_file():
            return path
    raise BaseError(f"{folder} holds no {name}: it is no release of this project")
