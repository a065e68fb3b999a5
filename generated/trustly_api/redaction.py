# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 e885a490836e2c9b3b09be4ce1e12469b98436c6f35db23a9f3bc454635a0d27. Do not edit.
"""How values that the specification marks sensitive are shown."""

from __future__ import annotations

from .types import Unset


def redacted(value: object) -> str:
    """Say whether a value is set, and nothing of the value."""
    return "UNSET" if isinstance(value, Unset) else "***"
