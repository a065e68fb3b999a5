# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 833fc6d0abd858aa3c676149cdc74cbfb1ae6d46a49a23607b66f421b13c6a88. Do not edit.
"""One class a tag of the specification, for sync and for async code."""

from .customers import AsyncCustomersResource, CustomersResource

__all__ = [
    "AsyncCustomersResource",
    "CustomersResource",
]
