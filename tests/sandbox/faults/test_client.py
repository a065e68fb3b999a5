"""Each fault, by each way of asking for it: the error that the client raises, its tries, and what is stored then."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from trustly_customers import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    Customer,
    CustomerUpdate,
    NotFoundError,
    RateLimitError,
    ServerError,
    TrustlyError,
)
from trustly_customers.sandbox._faults.catalogue import STATUSES
from trustly_customers.sandbox._faults.requested import MAGIC

from ._calls import FIRST, FLAVOURS, ID, METHODS, UPDATE, Flavour, Method, Place, Preferring, attempt
from ._expected import EXPECTED, Expected

SHORT = 0.25  # seconds for a try that gets no answer
LONG = {"name": "latency", "seconds": 3600}


def patience(expected: Expected) -> dict[str, Any]:
    return {"max_retries": 1, "timeout": SHORT if expected.error is APITimeoutError else 10}


def hold(outcome: Customer | TrustlyError, method: Method, expected: Expected) -> None:
    """Hold the outcome of one call to what is expected of it."""
    if expected.error is None:
        assert isinstance(outcome, Customer), repr(outcome)
        return
    assert type(outcome) is expected.error, repr(outcome)
    assert outcome.tries == (2 if expected.again and method == "get" else 1)
    if expected.maybe is not None:
        assert isinstance(outcome, APIConnectionError)
        assert outcome.may_have_been_applied is expected.maybe


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_of_a_rule_ends_in_its_documented_error(
    place: Place, name: str, method: Method, flavour: Flavour
) -> None:
    expected = EXPECTED[name]
    place.ask(LONG if name == "latency" else name, times=None)
    hold(attempt(place, flavour, method, **patience(expected)), method, expected)
    assert place.is_applied() is (method == "update" and expected.applied)
    (rule,) = place.rules.list(place.namespace)
    assert rule["met"] == (2 if expected.again and method == "get" else 1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_magic_id_ends_in_the_error_of_its_fault(place: Place, name: str, method: Method) -> None:
    expected, customer_id = EXPECTED[name], f"{MAGIC}{name}"
    hold(attempt(place, "sync", method, customer_id, **patience(expected)), method, expected)
    assert place.is_applied(customer_id) is (method == "update" and expected.applied)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_preferred_fault_ends_in_its_documented_error(place: Place, name: str, method: Method) -> None:
    expected = EXPECTED[name]
    transport = Preferring(place.sandbox.transport(), f"fault={name}")
    with place.client(transport=transport, **patience(expected)) as client:
        outcome: Customer | TrustlyError
        try:
            if method == "get":
                outcome = client.customers.get(ID)
            else:
                outcome = client.customers.update(ID, CustomerUpdate.from_dict(UPDATE))
        except TrustlyError as error:
            outcome = error
    hold(outcome, method, expected)
    assert place.is_applied() is (method == "update" and expected.applied)


def test_the_table_knows_every_fault_there_is(place: Place) -> None:
    assert [each["name"] for each in place.rules._catalogue.described()] == list(EXPECTED)


CLASSES = {400: BadRequestError, 401: AuthenticationError, 404: NotFoundError, 429: RateLimitError}


@pytest.mark.parametrize("method", METHODS)
def test_every_magic_status_and_every_preferred_one_ends_in_its_error_and_applies_nothing(
    place: Place, method: Method
) -> None:
    def call(client: Any, customer_id: str) -> Any:
        if method == "get":
            return client.customers.get(customer_id)
        return client.customers.update(customer_id, CustomerUpdate.from_dict(UPDATE))

    for status in STATUSES:
        expected = CLASSES.get(status, ServerError if status >= 500 else APIStatusError)
        preferring = Preferring(place.sandbox.transport(), f"code={status}")
        with place.client(max_retries=0) as plain, place.client(max_retries=0, transport=preferring) as other:
            for client, customer_id in ((plain, f"{MAGIC}{status}"), (other, ID)):
                with pytest.raises(APIStatusError) as caught:
                    call(client, customer_id)
                assert type(caught.value) is expected
                assert caught.value.status == status
                assert len(caught.value.codes) == 1
                assert not place.is_applied(customer_id)


def test_a_magic_customer_is_a_copy_of_the_first_example_in_a_namespace_that_has_its_own(place: Place) -> None:
    with place.client() as client:
        appeared = client.customers.get("fault-reset-after")
        assert place.count() == 3
        assert appeared.to_dict() == {**FIRST, "customerId": "fault-reset-after"}
        assert client.customers.get(ID).to_dict() == FIRST
        with pytest.raises(NotFoundError):
            client.customers.get("fault-")
        with pytest.raises(NotFoundError):
            client.customers.get("fault-600")
    assert not Place(place.sandbox, f"{place.namespace}-other").holds("fault-reset-after")


def test_a_magic_customer_keeps_what_an_update_made_of_it(place: Place) -> None:
    with place.client(max_retries=0) as client:
        with pytest.raises(APIConnectionError):
            client.customers.modify("fault-answer-lost", vip="3")
        assert place.stored("fault-answer-lost")["customerId"] == "fault-answer-lost"
        client.customers.update("fault-reset-after", CustomerUpdate.from_dict(UPDATE))
        assert client.customers.get("fault-reset-after").name == UPDATE["name"]


def test_a_code_brings_its_meaning_and_a_domain_its_own_text(place: Place) -> None:
    place.ask({"name": "status", "status": 500, "code": 150, "domain": "com.trustly.somewhere"})
    with place.client(max_retries=0) as client, pytest.raises(ServerError) as caught:
        client.customers.get(ID)
    assert (caught.value.codes, caught.value.domain) == ((150,), "com.trustly.somewhere")
    assert caught.value.message == "Error of a remote system."


@pytest.mark.parametrize(("status", "header"), [(401, "www-authenticate"), (405, "allow")])
def test_a_status_brings_the_header_that_http_demands(place: Place, status: int, header: str) -> None:
    with place.client() as client, pytest.raises(APIStatusError) as caught:
        client.customers.get(f"{MAGIC}{status}")
    assert header in caught.value.response.headers


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_update_is_tried_again_after_a_refusal_that_says_when(place: Place, flavour: Flavour, status: int) -> None:
    place.ask({"name": "status", "status": status, "retryAfter": 0}, times=2)
    assert isinstance(attempt(place, flavour, "update", max_retries=2), Customer)
    assert place.is_applied()
    assert place.rules.list(place.namespace) == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_longer_wait_than_allowed_ends_the_call(place: Place, status: int) -> None:
    place.ask({"name": "status", "status": status, "retryAfter": 86_400}, times=None)
    outcome = attempt(place, "sync", "get", max_retries=2)
    assert isinstance(outcome, APIStatusError)
    assert (outcome.tries, outcome.response.headers["retry-after"]) == (1, "86400")


def test_an_answer_that_comes_late_but_in_time_is_an_answer(place: Place) -> None:
    place.ask({"name": "latency", "seconds": 0.02, "spread": 0.01})
    assert isinstance(attempt(place, "sync", "update", timeout=10), Customer)
    assert place.is_applied()


def test_latency_around_a_status_holds_the_status_back(place: Place) -> None:
    place.ask(LONG, "status")
    with pytest.raises(APITimeoutError), place.client(max_retries=0, timeout=SHORT) as client:
        client.customers.get(ID)
    place.ask({**LONG, "seconds": 0.01}, {"name": "status", "status": 502})
    with pytest.raises(ServerError) as caught, place.client(max_retries=0) as client:
        client.customers.get(ID)
    assert caught.value.status == 502


def test_what_breaks_off_earlier_wins(place: Place) -> None:
    for faults in (("reset-during", "answer-lost"), ("answer-lost", "reset-during"), ("reset-after", "answer-lost")):
        place.ask(*faults)
        with (
            httpx.Client(transport=place.sandbox.transport(), auth=place.credentials) as client,
            pytest.raises(httpx.ReadError, match="before the answer"),
        ):
            client.get(f"http://sandbox/api/v1/customers/{ID}")
