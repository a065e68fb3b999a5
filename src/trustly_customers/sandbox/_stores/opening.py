"""From what a user names to a store."""

from __future__ import annotations

from pathlib import Path

from trustly_customers.sandbox._errors import SandboxError

from .protocol import Store
from .sqlite import Durability, SQLiteStore

_MEMORY = "memory"


def open_store(store: str | Path = _MEMORY, *, durability: Durability | str = Durability.NORMAL) -> Store:
    """Open a store: `memory`, or the name of an SQLite file, which is made when it is not there.

    Raises SandboxError when it cannot be used.
    """
    if durability not in set(Durability):
        raise SandboxError(f"the durability must be one of {', '.join(Durability)}")
    return SQLiteStore.open(None if store == _MEMORY else Path(store), Durability(durability))
