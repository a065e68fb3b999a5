# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 089142012b684bb0c355b201c46e3745fb6cb17cc06cd80a18e3a51b1f8d1eee. Do not edit.
"""How values that the specification marks sensitive are shown."""

from __future__ import annotations

from .types import Unset


def redacted(value: object) -> str:
    """Say whether a value is set, and nothing of the value."""
    return "UNSET" if isinstance(value, Unset) else "***"
