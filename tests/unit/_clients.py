"""Either client behind awaited calls, so that one test holds for both."""

from __future__ import annotations

import inspect
import pkgutil
import ssl
from collections.abc import Coroutine
from importlib import import_module
from typing import Any, Literal, Protocol, TypeVar, Unpack, assert_never, get_type_hints

import httpx
import pytest

from trustly_api import resources
from trustly_api.operation import Operation
from trustly_customers import AsyncTrustly, ClientOptions, Customer, CustomerUpdate, Trustly

from . import _spec

T = TypeVar("T")
Flavour = Literal["sync", "asyncio", "trio"]

ACCESS_ID, ACCESS_KEY = "zqaccessid", "zqaccesskey"
CUSTOMER_ID = "zqcustomer77"

# The generators inside httpx and respx are left unfinished when a body is read no further, of which trio warns.
ABANDONED_BODY = pytest.mark.filterwarnings("ignore:Async generator '(http|unit):ResourceWarning")

# Knows no authority, so a request that escapes the mock fails; and one for all tests, since each costs 20 ms.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Client:
    """A client of either kind; what a test awaits is the call of the kind that it runs with."""

    def __init__(self, inner: Trustly | AsyncTrustly) -> None:
        self.inner = inner

    async def get(self, customer_id: str = CUSTOMER_ID) -> Customer:
        result = self.inner.customers.get(customer_id)
        return result if isinstance(result, Customer) else await result

    async def update(self, customer_id: str = CUSTOMER_ID, body: CustomerUpdate | Customer | None = None) -> Customer:
        result = self.inner.customers.update(customer_id, an_update() if body is None else body)
        return result if isinstance(result, Customer) else await result

    async def call(self, operation_id: str) -> Any:
        """Carry out an operation of the specification, on the customer of these tests where it has one."""
        known = {_spec.GET: self.get, _spec.UPDATE: self.update}
        if operation_id in known:
            return await known[operation_id]()
        operation = _operation(operation_id)
        return await self.send(operation, **_arguments(operation))

    async def send(self, operation: Operation[T], **arguments: Any) -> T:
        """Carry out an operation that the specification need not hold."""
        result = self.inner.customers._call(operation, **arguments)
        return await result if isinstance(result, Coroutine) else result

    async def close(self) -> None:
        if isinstance(self.inner, Trustly):
            self.inner.close()
        else:
            await self.inner.close()


class Connect(Protocol):
    """Makes a client of the kind that the test runs with; it is closed after the test."""

    def __call__(
        self,
        access_id: str = ACCESS_ID,
        access_key: str = ACCESS_KEY,
        *,
        transport: httpx.MockTransport | None = None,
        **options: Unpack[ClientOptions],
    ) -> Client: ...


def make(
    flavour: Flavour,
    access_id: str,
    access_key: str,
    transport: httpx.MockTransport | None,
    options: ClientOptions,
) -> Client:
    """Make a client over a transport given, or over one of httpx's own; it tries once where nothing else is said."""
    options = {"max_retries": 0, **options}
    match flavour:
        case "sync":
            over = transport or httpx.HTTPTransport(verify=_TLS)
            return Client(Trustly(access_id, access_key, transport=over, **options))
        case "asyncio" | "trio":
            async_over = transport or httpx.AsyncHTTPTransport(verify=_TLS)
            return Client(AsyncTrustly(access_id, access_key, transport=async_over, **options))
        case _:
            assert_never(flavour)


def _operation(operation_id: str) -> Operation[Any]:
    """Find an operation of whatever tag."""
    names = [each.name for each in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}.")]
    values = [value for name in names for value in vars(import_module(name)).values()]
    return next(each for each in values if isinstance(each, Operation) and each.operation_id == operation_id)


def _arguments(operation: Operation[Any]) -> dict[str, Any]:
    """Return what an operation cannot do without: the identifier for all but the body."""
    hints = get_type_hints(operation.request)
    signature = inspect.signature(operation.request).parameters.values()
    found: dict[str, Any] = {each.name: CUSTOMER_ID for each in signature if each.default is each.empty}
    if "body" in found:
        found["body"] = hints["body"].from_dict(_spec.Planted(hints["body"].__name__).value)
    return found


def an_update() -> CustomerUpdate:
    """Return the provider's own example of an update."""
    return CustomerUpdate.from_dict(_spec.example("CustomerUpdate"))


def a_customer() -> Customer:
    """Return the provider's own example of a customer."""
    return Customer.from_dict(_spec.example("CustomerResponse")["customer"])
