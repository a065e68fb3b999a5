"""What can be done with a store besides reading and updating one text: written once, for all of them.

Everything is bytes in the tables, since no text of PostgreSQL's can hold NUL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from .protocol import Row, Steps

T = TypeVar("T")

SCHEMA_VERSION = 2
TABLES = """
CREATE TABLE namespaces (
  name {bytes} NOT NULL PRIMARY KEY
);
CREATE TABLE customers (
  namespace {bytes} NOT NULL, id {bytes} NOT NULL, document {bytes} NOT NULL,
  PRIMARY KEY (namespace, id)
);
CREATE TABLE snapshots (
  namespace {bytes} NOT NULL, name {bytes} NOT NULL, id {bytes} NOT NULL, document {bytes},
  PRIMARY KEY (namespace, name, id)
)
"""
"""The schema, but for what the database calls bytes."""

_ROWS_A_STATEMENT = 250
_PUT = """
INSERT INTO customers (namespace, id, document) VALUES {rows}
ON CONFLICT (namespace, id) DO UPDATE SET document = excluded.document
"""
_CREATE = """
INSERT INTO customers (namespace, id, document) VALUES (?, ?, ?)
ON CONFLICT (namespace, id) DO NOTHING RETURNING id
"""
_COPY_TO_SNAPSHOT = """
INSERT INTO snapshots (namespace, name, id, document)
SELECT namespace, ?, id, document FROM customers WHERE namespace = ?
"""
_COPY_FROM_SNAPSHOT = """
INSERT INTO customers (namespace, id, document)
SELECT namespace, id, document FROM snapshots WHERE namespace = ? AND name = ? AND id <> ?
"""
# A snapshot is there though it holds nothing: no customer has this id.
_MARK = b""


def carried_out(steps: Steps[T], execute: Callable[[str, Sequence[bytes | int]], list[Row]]) -> T:
    """Carry out statements by a function that executes one and returns its rows; return what the generator does."""
    try:
        statement, values = next(steps)
        while True:
            statement, values = steps.send(execute(statement, values))
    except StopIteration as end:
        value: T = end.value
        return value


def exists(namespace: str) -> Steps[bool]:
    """Whether a namespace has been begun."""
    rows = yield "SELECT 1 FROM namespaces WHERE name = ?", (namespace.encode(),)
    return bool(rows)


def begin(namespace: str, documents: Mapping[str, bytes]) -> Steps[bool]:
    """Make a namespace that holds these; False where there is one already, which is left as it is."""
    made = yield (
        "INSERT INTO namespaces (name) VALUES (?) ON CONFLICT (name) DO NOTHING RETURNING name",
        (namespace.encode(),),
    )
    if made:
        yield from put(namespace, documents.items())
    return bool(made)


def put(namespace: str, documents: Iterable[tuple[str, bytes]]) -> Steps[int]:
    """Set texts, whether or not their keys are there; all or none. Return how many were given."""
    remaining = iter(documents)
    count = 0
    while rows := list(islice(remaining, _ROWS_A_STATEMENT)):
        # The last of two with the same key wins, which one statement could not do.
        unique = dict(rows)
        values = [value for key, document in unique.items() for value in (namespace.encode(), key.encode(), document)]
        yield _PUT.format(rows=", ".join(["(?, ?, ?)"] * len(unique))), values
        count += len(rows)
    return count


def create(namespace: str, key: str, document: bytes) -> Steps[bool]:
    """Set a text under a new key; False where the key is there already."""
    made = yield _CREATE, (namespace.encode(), key.encode(), document)
    return bool(made)


def delete(namespace: str, key: str) -> Steps[bool]:
    """Forget a key; False where it is not there."""
    gone = yield (
        "DELETE FROM customers WHERE namespace = ? AND id = ? RETURNING id",
        (namespace.encode(), key.encode()),
    )
    return bool(gone)


def page(namespace: str, after: str | None, limit: int) -> Steps[list[tuple[str, bytes]]]:
    """Some keys with their texts, in the order of their UTF-8, from after a key on."""
    rows = yield (
        "SELECT id, document FROM customers WHERE namespace = ? AND id > ? ORDER BY id LIMIT ?",
        (namespace.encode(), b"" if after is None else after.encode(), limit),
    )
    return [(bytes(key).decode(), bytes(document)) for key, document in rows]


def count(namespace: str) -> Steps[int]:
    """How many keys a namespace has."""
    ((number,),) = yield "SELECT count(*) FROM customers WHERE namespace = ?", (namespace.encode(),)
    return int(number)


def reset(namespace: str, documents: Mapping[str, bytes]) -> Steps[None]:
    """Put a namespace, which need not be there, into a state of just these. Snapshots stay."""
    yield "DELETE FROM customers WHERE namespace = ?", (namespace.encode(),)
    yield "INSERT INTO namespaces (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (namespace.encode(),)
    yield from put(namespace, documents.items())


def remove(namespace: str) -> Steps[bool]:
    """Forget a namespace and all that is in it; False where there is none."""
    gone = yield "DELETE FROM namespaces WHERE name = ? RETURNING name", (namespace.encode(),)
    yield "DELETE FROM customers WHERE namespace = ?", (namespace.encode(),)
    yield "DELETE FROM snapshots WHERE namespace = ?", (namespace.encode(),)
    return bool(gone)


def namespaces() -> Steps[list[str]]:
    """The names of all namespaces that have been begun."""
    rows = yield "SELECT name FROM namespaces ORDER BY name", ()
    return [bytes(name).decode() for (name,) in rows]


def snapshot(namespace: str, name: str) -> Steps[None]:
    """Keep what a namespace holds under a name; one of that name is replaced."""
    at = (namespace.encode(), name.encode())
    yield "DELETE FROM snapshots WHERE namespace = ? AND name = ?", at
    yield "INSERT INTO snapshots (namespace, name, id, document) VALUES (?, ?, ?, NULL)", (*at, _MARK)
    yield _COPY_TO_SNAPSHOT, at[::-1]


def restore(namespace: str, name: str) -> Steps[bool]:
    """Put a namespace back to what a snapshot holds; False, and nothing changed, where there is none of that name."""
    at = (namespace.encode(), name.encode())
    found = yield "SELECT 1 FROM snapshots WHERE namespace = ? AND name = ? AND id = ?", (*at, _MARK)
    if not found:
        return False
    yield "DELETE FROM customers WHERE namespace = ?", at[:1]
    yield _COPY_FROM_SNAPSHOT, (*at, _MARK)
    return True


def snapshots(namespace: str) -> Steps[list[str]]:
    """The names of a namespace's snapshots."""
    rows = yield (
        "SELECT name FROM snapshots WHERE namespace = ? AND id = ? ORDER BY name",
        (namespace.encode(), _MARK),
    )
    return [bytes(name).decode() for (name,) in rows]


def forget(namespace: str, name: str) -> Steps[bool]:
    """Delete a snapshot; False where there is none of that name."""
    gone = yield (
        "DELETE FROM snapshots WHERE namespace = ? AND name = ? RETURNING id",
        (namespace.encode(), name.encode()),
    )
    return bool(gone)
