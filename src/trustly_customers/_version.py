"""The package's version, in the one place that states it, and which commit it was built from."""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from typing import NamedTuple

__version__ = "0.1.0"


class Provenance(NamedTuple):
    """Where an installed package comes from. Written by the build; its parts are None in a working tree."""

    commit: str | None = None
    """The whole hash."""
    committed: str | None = None
    """When, in ISO 8601."""
    modified: bool | None = None
    """Whether anything differed from the commit. Never so in what `make publish` uploads."""

    def __str__(self) -> str:
        """In words."""
        if self.commit is None:
            return "a working tree"
        changed = ", modified" if self.modified else ""
        return f"commit {self.commit} of {self.committed}{changed}"


@cache
def provenance() -> Provenance:
    """Return which commit the installed package was built from."""
    try:
        found = pkgutil.get_data(__package__, "provenance.json")
    except FileNotFoundError:
        found = None
    return Provenance(**json.loads(found)) if found else Provenance()
