"""The files of a release, made so that the same commit gives the same bytes wherever and whenever it is built."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from compat.release import BaseError, version_of

_REASON = re.compile(r"\w+Error: ")  # the last line of a traceback


class BuildError(Exception):
    """The files cannot be made; the text says why."""


def version(root: Path) -> str:
    """Return the version that the tree states.

    Raises:
        BuildError: it states none.
    """
    try:
        return str(version_of(root))
    except BaseError as error:
        raise BuildError(str(error)) from None


def emptied(folder: Path) -> Path:
    """Make a folder that holds nothing, whatever one of its name holds.

    Raises:
        BuildError: it is a link, which may lead to somebody else's files, or cannot be made anew.
    """
    if folder.is_symlink() or folder.is_file():
        kind = "link" if folder.is_symlink() else "file"
        raise BuildError(f"{folder} is a {kind}, and a new folder is made there: move the {kind} away")
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
    except OSError as error:
        raise BuildError(f"{folder} cannot be made anew ({error.strerror}): delete it") from None
    return folder


def build(root: Path, folder: Path) -> list[Path]:
    """Make the wheel and the source distribution; return them, the source distribution first.

    The wheel is made of the source distribution, so what is in neither cannot be missing unnoticed.

    Raises:
        BuildError: the build backend refused.
    """
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        reasons = [line for line in said if _REASON.match(line)] or said
        raise BuildError(f"nothing could be built: {reasons[-1].strip()}")
    name = f"trustly_customers-{version(root)}"
    return [folder / f"{name}.tar.gz", folder / f"{name}-py3-none-any.whl"]


def bill_of_materials(root: Path, folder: Path) -> Path:
    """Write down what the package and its extras bring along, pinned as it was tested, in CycloneDX's JSON.

    Raises:
        BuildError: the generator refused.
    """
    number = version(root)
    bill = folder / f"trustly_customers-{number}.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", "pyproject.toml"]
    options = ["--mc-type", "library", "--output-reproducible", "--output-format", "JSON", "--output-file", str(bill)]
    done = subprocess.run(
        [*command, *options, "requirements/sandbox.txt"],
        cwd=root,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"the bill of materials could not be written: {done.stderr.strip().splitlines()[-1]}")
    document = json.loads(bill.read_text(encoding="utf-8"))
    document["metadata"]["component"]["version"] = number  # which pyproject.toml leaves to the code
    bill.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return bill


def _environment() -> dict[str, str]:
    """The environment variables, but for what could make two builds differ.

    That is the time, what the build backend is told by variables of its own, and where Python looks for modules: what
    it finds there may be named like the front end.
    """
    told = ("SOURCE_DATE_EPOCH", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in told and not name.startswith("HATCH_")}


def sha256(file: Path) -> str:
    """Return the hash by which installers know a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
