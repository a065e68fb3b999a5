"""Locks for `modify(..., lock=...)`, which keep writers that share one from a customer until it is another's turn.

| Writers                               | For `Trustly`   | For `AsyncTrustly`   |
| ------------------------------------- | --------------- | -------------------- |
| threads, or tasks, of one process     | `InProcessLock` | `AsyncInProcessLock` |
| several processes or machines         | `PostgresLock`  | `AsyncPostgresLock`  |

A lock is made once and shared by all who write. Called with an id, it gives a context manager:

    lock = InProcessLock()
    client.customers.modify(customer_id, vip="2", lock=lock)

Anything else that gives a context manager for an id is as good. What goes wrong with a lock is a `LockError`; what is
raised while one is held passes through unchanged. `timeout` is how long to wait for a turn, in seconds. The locks are
not reentrant: who holds one and asks for it again waits for nothing until that time is over.

`PostgresLock` needs the extra `trustly-customers[postgres]`.
"""

from __future__ import annotations

from ._errors import LockError
from ._postgres import AsyncPostgresLock, PostgresLock
from ._turns import AsyncInProcessLock, InProcessLock

__all__ = ["AsyncInProcessLock", "AsyncPostgresLock", "InProcessLock", "LockError", "PostgresLock"]
