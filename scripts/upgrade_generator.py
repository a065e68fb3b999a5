"""The steps of `make upgrade-generator VERSION=...`: pin another version, and hold our edits against its templates."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.edits import EDITS, ensure_fit
from codegen.generator import PIN
from codegen.spec import ROOT, SpecError


def main(arguments: list[str] | None = None) -> int:
    """Run one step; 1 when the templates have drifted, 2 when nothing was pinned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", default="", help="the version to pin, such as 0.30.0")
    parser.add_argument(
        "--templates", type=Path, nargs="?", const=_installed(), help="compare with these, or what is installed"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    given = parser.parse_args(arguments)
    return _pin(given.root / "pyproject.toml", given.version) if given.templates is None else _compare(given.templates)


def _installed() -> Path:
    """The generator's templates. It is not imported: what it has renamed since is no matter here."""
    found = find_spec("openapi_python_client")
    return Path(((found and found.submodule_search_locations) or ["."])[0], "templates")


def _compare(templates: Path) -> int:
    try:
        ensure_fit(lambda name: _text(templates / name))
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"all {len(EDITS)} edits fit the generator's templates")
    return 0


def _text(path: Path) -> str:
    # A template that is gone is one in which nothing is found.
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _pin(path: Path, wanted: str) -> int:
    text = path.read_text(encoding="utf-8")
    pinned = PIN.search(text)
    try:
        version = Version(wanted)
    except InvalidVersion:
        print(f"error: VERSION={wanted} is no version: say one, such as VERSION=0.30.0", file=sys.stderr)
        return 2
    if pinned is None:
        print(f'error: {path} has no "openapi-python-client==..." to change', file=sys.stderr)
        return 2
    path.write_text(PIN.sub(rf"\g<1>{version}\g<3>", text), encoding="utf-8")
    print(f"openapi-python-client {pinned[2]} → {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
