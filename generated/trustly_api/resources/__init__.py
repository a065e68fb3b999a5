# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 08da43f50bbfdc5cead1b407f4cc6a3a7d5c1d9471cbca411f8be74576ae8771. Do not edit.
"""One class a tag of the specification, for sync and for async code."""

from .customers import (
    AsyncCustomersResource,
    CustomersResource,
    GetCustomerParameters,
    UpdateCustomerParameters,
)

__all__ = [
    "AsyncCustomersResource",
    "CustomersResource",
    "GetCustomerParameters",
    "UpdateCustomerParameters",
]
