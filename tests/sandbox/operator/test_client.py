"""The operator's client, without a socket: each method asks for what its name says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from trustly_customers import InvalidRequestError, Trustly
from trustly_customers._operator_client import OperatorClient, OperatorError, operator_client
from trustly_customers.sandbox import Sandbox

ONE = "1002580963"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(params=["http://sandbox", "http://sandbox/api/v1/"])
def operator(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[OperatorClient]:
    # Whatever the path of the URL: that of the API is what tests have at hand.
    with httpx.Client(transport=sandbox.transport(), base_url=request.param, auth=("sandbox~one", "sandbox")) as http:
        yield OperatorClient(http)


def test_the_state_is_seen_set_and_brought_back(operator: OperatorClient, components: Any) -> None:
    assert operator.health() == operator.ready() == {"status": "ok"}
    before = list(operator.customers())
    operator.take_snapshot("before")
    update = components["examples"]["CustomerUpdate"]["value"]
    created = operator.create_customer({**update, "customerId": "a/b.. é\0?#%41"})
    assert operator.show_customer(created["customerId"]) == created
    assert list(operator.customers(page=1)) == [*before, created]
    assert operator.replace_customer("new", {**update, "customerId": "new"})["customerId"] == "new"
    operator.delete_customer(created["customerId"])
    assert operator.snapshots() == ["before"]
    operator.restore_snapshot("before")
    assert list(operator.customers()) == before
    operator.delete_snapshot("before")
    operator.delete_customer(ONE)
    operator.reset()
    assert list(operator.customers()) == before
    operator.delete_namespace()
    assert operator.snapshots() == []


def test_the_journal_is_searched_waited_for_and_emptied(sandbox: Sandbox, operator: OperatorClient) -> None:
    with Trustly("sandbox~one", "sandbox", transport=sandbox.transport()) as client:
        client.customers.modify(ONE, tax_id="zqsecret")
    assert operator.requests(wait=60, count=2)["count"] == 2
    found = operator.requests(
        operation="updateCustomer", customer_id=ONE, status=200, method="POST", since=1, after=1, limit=5, unmask=True
    )
    (entry,) = found["requests"]
    assert entry["body"]["taxId"] == "zqsecret"
    assert "trustly_sandbox_updates_committed_total 1.0" in operator.metrics()
    operator.clear_requests()
    assert operator.requests() == {"requests": [], "count": 0}


def test_faults_are_added_listed_and_dropped(operator: OperatorClient) -> None:
    first = operator.add_fault("reset-before", {"name": "latency", "seconds": 0.1}, times=2)
    second = operator.add_rule({"faults": ["no-answer"]})
    assert operator.faults() == [first, second]
    operator.delete_fault(first["id"])
    assert operator.faults() == [second]
    operator.clear_faults()
    assert operator.faults() == []
    assert {"answer-lost", "latency"} <= {fault["name"] for fault in operator.fault_catalogue()}


def test_what_is_refused_is_an_error_with_its_status_and_the_servers_sentence(operator: OperatorClient) -> None:
    for customer_id, sentence in (("nobody", "There is no such customer."), ("..", "The path holds what cannot be")):
        with pytest.raises(OperatorError, match=sentence) as raised:
            operator.show_customer(customer_id)
        assert raised.value.status == 404


def test_a_connection_that_fails_is_an_error_that_holds_no_credentials() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"zqsecret {request.headers}", request=request)

    with (
        httpx.Client(transport=httpx.MockTransport(broken), base_url="http://sandbox", auth=("a", "zqsecret")) as http,
        pytest.raises(OperatorError, match="no sandbox answers at http://sandbox") as raised,
    ):
        OperatorClient(http).reset()
    assert raised.value.status is None
    assert "zqsecret" not in str(raised.value)
    assert raised.value.__context__ is None


ANSWERED_WITH_MEMBERS: list[Callable[[OperatorClient], object]] = [
    lambda operator: operator.health(),
    lambda operator: operator.ready(),
    lambda operator: list(operator.customers()),
    lambda operator: operator.show_customer(ONE),
    lambda operator: operator.create_customer({}),
    lambda operator: operator.replace_customer(ONE, {}),
    lambda operator: operator.snapshots(),
    lambda operator: operator.requests(),
    lambda operator: operator.faults(),
    lambda operator: operator.add_fault("latency"),
    lambda operator: operator.fault_catalogue(),
]
NUMBERS = dict.fromkeys(["status", "customers", "customer", "snapshots", "requests", "rules", "rule", "faults"], 7)


@contextmanager
def answering(answer: httpx.Response) -> Iterator[OperatorClient]:
    """The client of a server that gives one answer to whatever it is asked."""
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer), base_url="http://sandbox") as http:
        yield OperatorClient(http)


@pytest.mark.parametrize("content", [{"ok": 1}, NUMBERS, {"customers": []}, {"requests": []}])
@pytest.mark.parametrize("ask", ANSWERED_WITH_MEMBERS)
def test_an_answer_without_the_members_it_must_have_is_said_to_be_no_sandboxs(
    ask: Callable[[OperatorClient], object], content: dict[str, object]
) -> None:
    with (
        answering(httpx.Response(200, json=content)) as operator,
        pytest.raises(OperatorError, match="with status 200, is no sandbox") as raised,
    ):
        ask(operator)
    assert raised.value.status == 200


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_is_nested_too_deeply_is_said_to_be_no_sandboxs(status: int) -> None:
    with (
        answering(httpx.Response(status, content=b"[" * 200_000)) as operator,
        pytest.raises(OperatorError, match=f"with status {status}, is no sandbox"),
    ):
        operator.health()


def test_metrics_are_utf_8_whatever_their_header_says() -> None:
    headers = {"Content-Type": "text/plain; charset=undefined"}
    with answering(httpx.Response(200, content="é".encode() + b"\xff", headers=headers)) as operator:
        assert operator.metrics() == "é\ufffd"


def test_an_identifier_that_no_url_can_hold_is_an_error_that_does_not_repeat_it(operator: OperatorClient) -> None:
    for ask in (operator.show_customer, operator.take_snapshot, lambda name: operator.requests(customer_id=name)):
        with pytest.raises(OperatorError, match="too long") as raised:
            ask("zqsecret" * 10_000)
        assert raised.value.status is None
        assert "zqsecret" not in str(raised.value)
        assert raised.value.__context__ is None


@pytest.mark.parametrize(("access_id", "access_key"), [("zqsecret\udcff", "sandbox"), ("sandbox", "zqsecret\udcff")])
def test_credentials_that_are_no_unicode_are_refused_without_their_value(access_id: str, access_key: str) -> None:
    with (
        pytest.raises(InvalidRequestError, match="must be valid Unicode") as raised,
        operator_client("http://127.0.0.1", access_id, access_key),
    ):
        pass
    assert "zqsecret" not in str(raised.value)
    assert raised.value.__context__ is None
