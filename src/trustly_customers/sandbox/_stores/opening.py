"""From what a user names to a store."""

from __future__ import annotations

import os
import re
from pathlib import Path

from trustly_customers.sandbox._errors import SandboxError

from .protocol import Store
from .sqlite import Durability, SQLiteStore

_MEMORY = "memory"
_POSTGRES = re.compile(r"postgres(?:ql)?://|\w+\s*=")
# A URL of another kind, or one that is misspelt: a drive of Windows has one letter, and no password before an @.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|[^/\\]*:[^/\\]*@")


def open_store(store: str | Path = _MEMORY, *, durability: Durability | str = Durability.NORMAL) -> Store:
    """Open a store: `memory`, the name of an SQLite file, or the URL or conninfo string of a PostgreSQL database.

    A file that is not there is made. Of PostgreSQL, the durability is the server's own.

    Raises SandboxError when the store cannot be used.
    """
    if durability not in set(Durability):
        raise SandboxError(f"the durability must be one of {', '.join(Durability)}")
    if isinstance(store, Path):
        return SQLiteStore.open(store, Durability(durability))
    store = store.strip()  # as libpq has it
    if _POSTGRES.match(store):
        return _postgres(store)
    if _URL.match(store):
        # Not repeated: it may hold a password.
        raise SandboxError(
            "the store is named by a URL of an unknown kind; use memory, an SQLite file or postgresql://"
        )
    if store in {"", ":memory:"}:
        raise SandboxError("the store has no name; use memory, an SQLite file or postgresql://")
    return SQLiteStore.open(None if store == _MEMORY else Path(store), Durability(durability))


def open_to_read(store: str) -> Store:
    """Open a store as `open_store` does, but an SQLite file also where it or its folder may not be written to.

    Raises SandboxError when the store cannot be used.
    """
    file = Path(store.strip())
    if is_file(store) and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return SQLiteStore.open_to_read(file)
    return open_store(store)


def is_file(store: str) -> bool:
    """Whether a store is named as a file is. What is not may hold a password."""
    store = store.strip()
    return store != _MEMORY and not _POSTGRES.match(store) and not _URL.match(store)


def _postgres(conninfo: str) -> Store:
    try:
        from .postgres import PostgresStore  # noqa: PLC0415 - an extra
    except ImportError:
        raise SandboxError(
            "a store in PostgreSQL needs psycopg, which is not installed; pip install 'trustly-customers[postgres]'"
        ) from None
    return PostgresStore.open(conninfo)
