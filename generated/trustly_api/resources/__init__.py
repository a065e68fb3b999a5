# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 4d7f80beaba2e474921fb6eb4cd3fec2ad21963aeededca80846b895f41dc58a. Do not edit.
"""One class a tag of the specification, for sync and for async code."""

from .customers import AsyncCustomersResource, CustomersResource

__all__ = [
    "AsyncCustomersResource",
    "CustomersResource",
]
