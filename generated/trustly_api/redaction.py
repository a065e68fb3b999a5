# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 4d7f80beaba2e474921fb6eb4cd3fec2ad21963aeededca80846b895f41dc58a. Do not edit.
"""How values that the specification marks sensitive are shown."""

from __future__ import annotations

from .types import Unset


def redacted(value: object) -> str:
    """Say whether a value is set, and nothing of the value."""
    return "UNSET" if isinstance(value, Unset) else "***"
