"""Hatchling's build hook: writes into what is built which commit it was built from.

A source distribution carries that along, so a wheel made of one says the same.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FILE = Path("trustly_customers", "provenance.json")
_BUILT = ("src", "generated", "openapi", "scripts/release/hook.py", "README.md", "CHANGELOG.md")
_WHERE = {"wheel": _FILE, "sdist": "src" / _FILE}


class ProvenanceHook(BuildHookInterface):  # type: ignore[type-arg] # of no configuration
    """Adds `trustly_customers/provenance.json`, where there is a history to tell it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See BuildHookInterface. An editable installation is no release, and gets none."""
        root = Path(self.root)
        if version == "editable" or (root / "src" / _FILE).exists() or not (root / ".git").exists():
            return
        self._folder = TemporaryDirectory()
        file = Path(self._folder.name, _FILE.name)
        file.write_text(json.dumps(_provenance(root), indent=1) + "\n", encoding="utf-8")
        build_data["force_include"][str(file)] = str(_WHERE[self.target_name])

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """See BuildHookInterface."""
        del version, build_data, artifact_path
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def differing(root: Path) -> list[str]:
    """Name the files that differ from the commit, those among them that git was told not to show but a build takes."""
    shown = [line[3:] for line in _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()]
    # As the build backend does it: the folder's own .gitignore counts, and no other setting.
    own = ["--exclude-from=.gitignore"] if (root / ".gitignore").is_file() else []
    taken = _git(root, "ls-files", "--others", "--exclude=__pycache__/", *own, "--", *_BUILT).splitlines()
    return list(dict.fromkeys([*shown, *taken]))


def _provenance(root: Path) -> dict[str, object]:
    commit, committed = _git(root, "log", "-1", "--format=%H %cI").split()
    return {"commit": commit, "committed": committed, "modified": bool(differing(root))}


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S607 - the one on the PATH
    return done.stdout
