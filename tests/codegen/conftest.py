"""A copy of what generation reads and writes, for tests to spoil."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from codegen.spec import ROOT, SPEC_PATH, Spec, load


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load(ROOT / SPEC_PATH)


@pytest.fixture
def document(spec: Spec) -> dict[str, Any]:
    return copy.deepcopy(spec.document)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "a project"
    shutil.copytree(ROOT / "openapi", root / "openapi")
    shutil.copytree(ROOT / "generated", root / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    return root
