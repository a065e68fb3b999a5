"""Pins another version of the generator in pyproject.toml: the one line of `make upgrade-generator VERSION=...`."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.spec import ROOT

_PIN = re.compile(r'("openapi-python-client==)([^"]*)(")')


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 2 when nothing was pinned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", default="", help="such as 0.30.0")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    given = parser.parse_args(arguments)
    path = given.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    pinned = _PIN.search(text)
    try:
        version = Version(given.version)
    except InvalidVersion:
        print(f"error: VERSION={given.version} is no version: say one, such as VERSION=0.30.0", file=sys.stderr)
        return 2
    if pinned is None:
        print(f'error: {path} has no "openapi-python-client==..." to change', file=sys.stderr)
        return 2
    path.write_text(_PIN.sub(rf"\g<1>{version}\g<3>", text), encoding="utf-8")
    print(f"openapi-python-client {pinned[2]} → {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
