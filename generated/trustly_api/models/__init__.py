# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 66950bae13efd410e72141e3c42de4c493c9973da5999b4891a0bb6213c27710. Do not edit.
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
