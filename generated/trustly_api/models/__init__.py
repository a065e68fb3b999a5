# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 4d7f80beaba2e474921fb6eb4cd3fec2ad21963aeededca80846b895f41dc58a. Do not edit.
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
