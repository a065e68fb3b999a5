# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
"""Contains all the data models used in inputs/outputs"""

from .address import Address
from .custom_data import CustomData
from .customer import Customer
from .customer_response import CustomerResponse
from .customer_update import CustomerUpdate
from .driver_license import DriverLicense
from .error_detail import ErrorDetail
from .error_envelope import ErrorEnvelope

__all__ = (
    "Address",
    "CustomData",
    "Customer",
    "CustomerResponse",
    "CustomerUpdate",
    "DriverLicense",
    "ErrorDetail",
    "ErrorEnvelope",
)
