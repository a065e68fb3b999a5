"""What users write: it must satisfy the strict type checker, and is never run."""

from __future__ import annotations

from typing import assert_type

import httpx

from trustly_customers import (
    SPEC_VERSION,
    UNSET,
    Address,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncTrustly,
    AuthenticationError,
    BadRequestError,
    ClientOptions,
    ConflictError,
    CustomData,
    Customer,
    CustomerUpdate,
    DriverLicense,
    ErrorDetail,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    RawResponse,
    RequestInfo,
    ResponseShapeError,
    ServerError,
    Trustly,
    TrustlyError,
    Unset,
    __version__,
)


def promote(customer_id: str) -> str | None:
    """Read a customer, change it, send it back."""
    with Trustly("id", "key", environment="sandbox", timeout=10) as client:
        customer = client.customers.get(customer_id)
        assert_type(customer, Customer)
        customer.vip = "2"
        customer.email = "joe@example.test"
        customer.address.city = "Redwood City"
        updated = client.customers.update(customer_id, customer)
        assert_type(updated, Customer)
        assert_type(updated.vip, str | Unset)
        assert_type(updated.updated_at, int)
        return updated.vip or None


async def demote(customer_id: str) -> Customer:
    """Do the same with an update of one's own, awaited."""
    async with AsyncTrustly.from_env(environment="production", max_response_bytes=1024) as client:
        customer = assert_type(await client.customers.get(customer_id), Customer)
        update = CustomerUpdate(
            name=customer.name,
            address=Address(country="US", address2=UNSET, zip_="94063"),
            phone=customer.phone,
            email=customer.email,
            vip=None,
            enroll_date=1555696836548,
            driver_license=DriverLicense(number="A1", state="CA"),
            external_tier=UNSET,
        )
        return await client.customers.update(customer_id, update)


def narrow(customer: Customer, update: CustomerUpdate) -> tuple[str, int | None]:
    """Tell a value from one that is left out, and from one that is removed."""
    if isinstance(update.tax_id, Unset):
        assert_type(update.tax_id, Unset)
    elif update.tax_id is None:
        assert_type(update.tax_id, None)
    else:
        assert_type(update.tax_id, str)
    tier = "" if isinstance(customer.vip, Unset) else customer.vip
    return tier, customer.enroll_date or None


def extend(update: CustomerUpdate) -> dict[str, object]:
    """Carry properties that the specification does not name."""
    custom = CustomData()
    custom["points"] = 10
    update.custom_data = custom
    update["newProperty"] = [1, 2]
    assert_type(update.additional_keys, list[str])
    assert "newProperty" in update
    return update.to_dict()


def handle(client: Trustly, customer_id: str) -> str:  # noqa: PLR0911 - one for each error
    """Catch each error, and use what it carries."""
    try:
        return client.customers.get(customer_id).name
    except NotFoundError:
        return "nobody"
    except (BadRequestError, AuthenticationError, RateLimitError, ServerError) as error:
        assert_type(error.status, int)
        assert_type(error.codes, tuple[int, ...])
        assert_type(error.domain, str | None)
        assert_type(error.message, str | None)
        assert_type(error.request_id, str | None)
        assert_type(error.errors, tuple[ErrorDetail, ...])
        assert_type(error.response, RawResponse)
        return error.response.headers.get("retry-after", "")
    except APIStatusError as error:
        return str(error.response.content[:10], "latin-1")
    except APITimeoutError as error:
        return error.request.path
    except APIConnectionError as error:
        assert_type(error.may_have_been_applied, bool)
        assert_type(error.request, RequestInfo)
        return error.request.method
    except ConflictError as error:
        return ", ".join(error.mine)
    except ResponseShapeError as error:
        return str(error.response.status)
    except InvalidRequestError:
        return "refused"
    except TrustlyError as error:
        return str(error)


def configure(base_url: str | None, transport: httpx.BaseTransport, async_transport: httpx.AsyncBaseTransport) -> None:
    """Make clients with each option, and with options kept apart."""
    options: ClientOptions = {"base_url": base_url, "timeout": 2.5}
    client = Trustly("id", "key", transport=transport, **options)
    client.close()
    AsyncTrustly("id", "key", transport=async_transport, **options)
    Trustly("id", "key", transport=httpx.MockTransport(lambda _: httpx.Response(200)))


VERSIONS: tuple[str, str] = (__version__, SPEC_VERSION)
