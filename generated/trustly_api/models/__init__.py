# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 089142012b684bb0c355b201c46e3745fb6cb17cc06cd80a18e3a51b1f8d1eee. Do not edit.
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
