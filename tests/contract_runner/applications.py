"""Applications for runs in process, and for servers of the tests' own: the sandbox, and the sandbox with a defect."""

from __future__ import annotations

from tests.contract._asgi import ASGIApp

from trustly_customers.sandbox import create_app, open_store


def sandbox() -> ASGIApp:
    """Return the sandbox as it is, over a store in memory of its own."""
    return create_app(open_store("memory"))
