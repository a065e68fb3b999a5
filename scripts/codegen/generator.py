"""The generator as an installed package: which version is pinned, and how to say that its Python API has moved."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Final

NAME: Final = "openapi-python-client"
PIN: Final = re.compile(rf'("{NAME}==)([^"]*)(")')
_PACKAGE: Final = "openapi_python_client"


def moved(error: ImportError | AttributeError, root: Path) -> str | None:
    """Say that the generator lacks what scripts/codegen asks of it, or return None where the error is another's."""
    module = (error.name or "") if isinstance(error, ImportError) else _module_of(error.obj)
    if module.partition(".")[0] != _PACKAGE:
        return None
    pinned = PIN.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    reason = str(error).partition(" (")[0]  # without the file's name, which says less
    return (
        f"{NAME} {_installed()} has not the Python API that scripts/codegen wants ({reason}): pyproject.toml pins "
        f"{pinned[2] if pinned else 'none'}, which `make install` brings; where that is this very version, mend "
        "scripts/codegen, or pin the one before by `make upgrade-generator VERSION=...`"
    )


def _module_of(owner: object) -> str:
    if isinstance(owner, ModuleType):
        return owner.__name__
    return (owner if isinstance(owner, type) else type(owner)).__module__


def _installed() -> str:
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "(not installed)"
