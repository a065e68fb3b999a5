"""The customers resource: the generated methods, and what the specification cannot say of them."""

from __future__ import annotations

from trustly_api.contract import PROVIDER_SET
from trustly_api.models import Customer, CustomerUpdate
from trustly_api.resources import AsyncCustomersResource, CustomersResource

from ._errors import InvalidRequestError


class Customers(CustomersResource):
    """Reads and updates customers."""

    def update(self, customer_id: str, body: CustomerUpdate | Customer) -> Customer:
        """Set the properties that the body holds, and return the customer as it is afterwards.

        A property that is `UNSET` keeps its value; an optional one that is `None` is removed; a nested object is
        replaced whole. A `Customer` as returned by `get` can be changed and passed back; what only the provider sets
        is left out. Properties that this version does not know are sent as they are.

        Raises:
            InvalidRequestError: the id is none, or the body cannot be written as JSON. Nothing was sent.
            APIConnectionError: no answer arrived; `may_have_been_applied` says whether the update can have been.
            APIStatusError: the provider refused or failed.
            ResponseShapeError: the update was accepted, but the answer is not what the specification promises.
        """
        return super().update(customer_id, without_provider_set(body))


class AsyncCustomers(AsyncCustomersResource):
    """Reads and updates customers, awaited."""

    async def update(self, customer_id: str, body: CustomerUpdate | Customer) -> Customer:
        """As `Customers.update`."""
        return await super().update(customer_id, without_provider_set(body))


def without_provider_set(body: CustomerUpdate | Customer) -> CustomerUpdate:
    """Return what of a customer may be sent, as an update of its own.

    Raises:
        InvalidRequestError: it is no customer, or a property holds what can be no value of it.
    """
    if not isinstance(body, CustomerUpdate | Customer):
        msg = "body must be a CustomerUpdate or a Customer"
        raise InvalidRequestError(msg)
    try:
        properties = body.to_dict()
        for name in PROVIDER_SET[Customer.__name__]:
            properties.pop(name, None)
        return CustomerUpdate.from_dict(properties)
    except (AttributeError, KeyError, TypeError, ValueError):
        # The original error would show the value.
        msg = "body holds a value that is not of the type the specification gives it, in address for one"
        raise InvalidRequestError(msg) from None
