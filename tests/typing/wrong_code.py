"""Mistakes that users make: each line that ends in `# error: CODE` must be given that error, and no other line any.

Never run. A line that is wrong in two ways names both codes.
"""

from __future__ import annotations

from typing import Any

import httpx

import trustly_customers
from trustly_customers import (
    UNSET,
    Address,
    APIConnectionError,
    APIStatusError,
    AsyncTrustly,
    CustomData,
    Customer,
    CustomerUpdate,
    DriverLicense,
    NotFoundError,
    Trustly,
)


def construct() -> None:
    trustly_customers.Missing()  # error: attr-defined
    Trustly()  # error: call-arg
    Trustly("id")  # error: call-arg
    Trustly("id", 5)  # error: arg-type
    Trustly("id", b"key")  # error: arg-type
    Trustly("id", "key", "sandbox")  # error: call-arg, arg-type
    Trustly("id", "key", environment="staging")  # error: arg-type
    Trustly("id", "key", timeout="30")  # error: arg-type
    Trustly("id", "key", timeout=None)  # error: arg-type
    Trustly("id", "key", max_response_bytes=1.5)  # error: arg-type
    Trustly("id", "key", base_url=b"https://example.test")  # error: arg-type
    Trustly("id", "key", time_out=30)  # error: call-arg
    Trustly("id", "key", transport=httpx.AsyncHTTPTransport())  # error: arg-type
    AsyncTrustly("id", "key", transport=httpx.HTTPTransport())  # error: arg-type
    Trustly.from_env("id")  # error: call-arg, arg-type
    Trustly.from_env(environment="live")  # error: arg-type


def call(client: Trustly, customer: Customer) -> None:
    client.customers.get()  # error: call-arg
    client.customers.get(1002580963)  # error: arg-type
    client.customers.get(None)  # error: arg-type
    client.customers.get(customer.tax_id)  # error: arg-type
    client.customers.update("1")  # error: call-arg
    client.customers.update("1", {"name": "Joe"})  # error: arg-type
    client.customers.update("1", customer.address)  # error: arg-type
    client.customers.update(customer, "1")  # error: arg-type, arg-type
    client.customers.delete("1")  # error: attr-defined
    client.customer.get("1")  # error: attr-defined
    _text: str = client.customers.get("1")  # error: assignment


async def call_awaited(client: AsyncTrustly, customer: Customer) -> None:
    client.customers.get("1")  # error: unused-coroutine
    _ = client.customers.get("1").name  # error: attr-defined
    await client.customers.update("1", {})  # error: arg-type
    await Trustly("id", "key").customers.get("1")  # error: misc
    with client:  # error: attr-defined, attr-defined
        await client.customers.update("1", customer)


def model(customer: Customer, update: CustomerUpdate) -> None:
    CustomerUpdate(name="Joe")  # error: call-arg
    Address(city="X")  # error: call-arg
    Address(country=None)  # error: arg-type
    DriverLicense(number=5, state="CA")  # error: arg-type
    CustomData(points=1)  # error: call-arg
    customer.vip = 2  # error: assignment
    customer.vip = None  # error: assignment
    customer.name = UNSET  # error: assignment
    customer.taxId = "1"  # error: attr-defined
    customer.created_at = "now"  # error: assignment
    customer.address = {"country": "US"}  # error: assignment
    update.name = None  # error: assignment
    update.vip = 2  # error: assignment
    update.enroll_date = "2020-01-01"  # error: assignment
    update.customer_id = "1"  # error: attr-defined
    update.address.country = None  # error: assignment
    customer.vip.upper()  # error: union-attr
    update.vip.upper()  # error: union-attr, union-attr
    _tier: str = customer.vip  # error: assignment


def handle(error: APIStatusError, failure: APIConnectionError, missing: NotFoundError) -> Any:
    error.status = 200  # error: misc
    _ = error.code  # error: attr-defined
    _ = failure.status  # error: attr-defined
    _ = missing.may_have_been_applied  # error: attr-defined
    error.message.upper()  # error: union-attr
    return error.response.json()  # error: attr-defined
