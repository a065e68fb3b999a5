# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
"""What the specification states that code needs before it reads `openapi.json`."""

from __future__ import annotations

from typing import Final, Literal

SPEC_VERSION: Final = "1.0.0"
"""The version of the specification, its `info.version`."""

SPEC_SHA256: Final = "6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b"
"""The SHA-256 of the specification's text."""

SERVERS: Final[dict[str, str]] = {
    "sandbox": "https://sandbox.trustly.one/api/v1",
    "production": "https://api.trustly.one/api/v1",
}
"""The base URL of each environment."""

Environment = Literal["sandbox", "production"]
"""The name of an environment."""

ERROR_CODES: Final[dict[int, str]] = {
    100: "internal error",
    150: "error of a remote system",
    200: "invalid parameter",
    210: "duplicate",
    300: "security error",
    326: "split token expired",
    330: "invalid account",
    331: "not enough balance",
    375: "access denied",
    378: "bank request failed",
    380: "invalid split token",
    390: "refused by fraud analysis",
    397: "invalid split token",
}
"""What the provider's known error codes mean. Others may appear."""

PROVIDER_SET: Final[dict[str, frozenset[str]]] = {
    "Customer": frozenset(["createdAt", "customerId", "updatedAt"]),
}
"""By schema: the properties that only the provider sets, under their names in JSON."""
