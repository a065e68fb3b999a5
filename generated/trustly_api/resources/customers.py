# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
"""The operations tagged `customers`, as methods over an injected `send`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ..api.customers import get_customer, update_customer
from ..models.customer import Customer
from ..models.customer_response import CustomerResponse
from ..models.customer_update import CustomerUpdate
from ..operation import AsyncSend, Operation, Send


def _parse_get_customer(data: Mapping[str, Any]) -> Customer:
    return CustomerResponse.from_dict(data).customer


GET_CUSTOMER: Operation[Customer] = Operation(
    operation_id="getCustomer",
    method="GET",
    path="/customers/{customerId}",
    path_parameters=("customer_id",),
    parameters={},
    request=get_customer._get_kwargs,
    parse=_parse_get_customer,
    success=frozenset((200,)),
)


class GetCustomerParameters(TypedDict, total=False):
    """What `get` takes by keyword."""


def _parse_update_customer(data: Mapping[str, Any]) -> Customer:
    return CustomerResponse.from_dict(data).customer


UPDATE_CUSTOMER: Operation[Customer] = Operation(
    operation_id="updateCustomer",
    method="POST",
    path="/customers/{customerId}",
    path_parameters=("customer_id",),
    parameters={},
    request=update_customer._get_kwargs,
    parse=_parse_update_customer,
    success=frozenset((200,)),
)


class UpdateCustomerParameters(TypedDict, total=False):
    """What `update` takes by keyword."""


class CustomersResource:
    """The operations tagged `customers`."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get(self, customer_id: str) -> Customer:
        """Get a customer.

        Returns the customer as the provider holds it. Read before updating: the update sends the whole
        object back.

        Args:
            customer_id: The provider's identifier of the customer.
        """
        return self._send(GET_CUSTOMER, customer_id=customer_id)

    def update(self, customer_id: str, body: CustomerUpdate) -> Customer:
        """Update a customer.

        Sets the properties that are sent to the values that are sent, and returns the customer as it is
        afterwards. A property that is left out keeps its value; an optional one sent as `null` is removed.

        Args:
            customer_id: The provider's identifier of the customer.
            body: The properties to set, the four required ones always among them.
        """
        return self._send(UPDATE_CUSTOMER, customer_id=customer_id, body=body)


class AsyncCustomersResource:
    """The operations tagged `customers`, awaited."""

    def __init__(self, send: AsyncSend) -> None:
        self._send = send

    async def get(self, customer_id: str) -> Customer:
        """Get a customer.

        Returns the customer as the provider holds it. Read before updating: the update sends the whole
        object back.

        Args:
            customer_id: The provider's identifier of the customer.
        """
        return await self._send(GET_CUSTOMER, customer_id=customer_id)

    async def update(self, customer_id: str, body: CustomerUpdate) -> Customer:
        """Update a customer.

        Sets the properties that are sent to the values that are sent, and returns the customer as it is
        afterwards. A property that is left out keeps its value; an optional one sent as `null` is removed.

        Args:
            customer_id: The provider's identifier of the customer.
            body: The properties to set, the four required ones always among them.
        """
        return await self._send(UPDATE_CUSTOMER, customer_id=customer_id, body=body)
