"""What every store of customers does. A store keeps texts under keys and knows nothing of what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Change = Callable[[bytes], bytes]
"""From the stored text to the new one. Pure: a store may call it again when another writer came first."""


class Store(Protocol):
    """Texts by key. Every method may raise what its database raises; the caller then knows nothing was answered."""

    async def get(self, key: str) -> bytes | None:
        """The text under a key, or None."""

    async def update(self, key: str, change: Change) -> bytes | None:
        """Change the text under a key, alone; return the new text once it is committed, or None without the key.

        What `change` raises is raised here, and nothing has changed then.
        """

    async def close(self) -> None:
        """Let go of the database. Everything acknowledged is in it."""
