# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 66950bae13efd410e72141e3c42de4c493c9973da5999b4891a0bb6213c27710. Do not edit.
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
