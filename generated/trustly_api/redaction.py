# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 08da43f50bbfdc5cead1b407f4cc6a3a7d5c1d9471cbca411f8be74576ae8771. Do not edit.
"""How values that the specification marks sensitive are shown."""

from __future__ import annotations

from .types import Unset


def redacted(value: object) -> str:
    """Say whether a value is set, and nothing of the value."""
    return "UNSET" if isinstance(value, Unset) else "***"
