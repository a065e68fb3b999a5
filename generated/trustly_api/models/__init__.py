# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 833fc6d0abd858aa3c676149cdc74cbfb1ae6d46a49a23607b66f421b13c6a88. Do not edit.
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
