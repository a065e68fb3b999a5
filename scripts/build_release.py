"""Build the release into dist/: wheel, source distribution and bill of materials. Behind `make build`."""

from __future__ import annotations

import sys
from pathlib import Path

from release.artifacts import BuildError, bill_of_materials, build, emptied, sha256

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build, name each file with its hash, and return the exit status."""
    try:
        folder = emptied(ROOT / "dist")
        files = [*build(ROOT, folder), bill_of_materials(ROOT, folder)]
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for file in files:
        print(f"{sha256(file)}  dist/{file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
