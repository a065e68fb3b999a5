"""What every store of customers does. A store keeps texts under keys and knows nothing of what they hold.

Keys live in namespaces, which never see each other. What is called often has a method of its own; the rest is written
once for all stores, in `operations`, as generators of SQL statements that `read` and `write` carry out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

T = TypeVar("T")

Change = Callable[[bytes], bytes]
"""From the stored text to the new one. Pure: a store may call it again when another writer came first."""


class Update(NamedTuple):
    """A change of the text under a key."""

    namespace: bytes
    key: bytes
    change: Change


Statement = tuple[str, Sequence[bytes | int]]
"""SQL that every store understands, with `?` for each value."""
Row = tuple[Any, ...]
Steps = Generator[Statement, list[Row], T]
"""Statements one after the other; each is answered with its rows."""


class Store(Protocol):
    """Texts by namespace and key. Every method may raise what its database raises; nothing was acknowledged then."""

    def get(self, namespace: str, key: str) -> Awaitable[bytes | None]:
        """The text under a key, or None."""

    def update(self, namespace: str, key: str, change: Change) -> Awaitable[bytes | None]:
        """Change the text under a key, alone; return the new text once it is committed, or None without the key.

        What `change` raises is raised here, and nothing has changed then.
        """

    async def read(self, steps: Steps[T]) -> T:
        """Carry out statements that change nothing, and return what the generator does."""

    async def write(self, steps: Steps[T]) -> T:
        """Carry out statements in one transaction, and return what the generator does once it is committed."""

    def is_detached(self) -> bool:
        """Whether its name no longer leads to what it writes to, so that what is acknowledged may be lost."""

    async def close(self) -> None:
        """Let go of the database. Everything acknowledged is in it."""
