"""Every fault of the table, with every client, for a read and for an update."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from trustly_customers import APIConnectionError, Customer, Trustly

from ._calls import CREDENTIALS, FLAVOURS, METHODS, Flavour, Method, attempt
from ._examples import CUSTOMER, IDENTIFIER
from ._faults import FAULTS, LIMIT, NETWORK, Fault
from ._server import Server

SHORT = 0.08  # seconds for a try of a fault that ends when the time is over
AMPLE = 10.0  # seconds for a try of any other
SLACK = 5  # seconds of wall time beyond, on a busy machine

# What trio does in its own way is the network; and an update is where a mistake costs most.
CASES = [
    pytest.param(flavour, method, fault, id=f"{flavour}-{method}-{fault}")
    for fault in FAULTS
    for flavour in FLAVOURS
    for method in METHODS
    if flavour != "trio" or (fault in NETWORK and method == "update")
]


@contextmanager
def playing(fault: Fault) -> Iterator[tuple[str, Server | None]]:
    if fault.play is None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound and not listening: refused, and nobody else gets the port
            yield f"http://127.0.0.1:{unused.getsockname()[1]}/api", None
        return
    with Server(fault.play) as server:
        yield server.url(), server


@pytest.mark.parametrize(("flavour", "method", "fault"), CASES)
def test_a_fault_ends_in_its_documented_error_within_the_time(flavour: Flavour, method: Method, fault: Fault) -> None:
    timeout = SHORT if fault.is_slow else AMPLE
    tries = fault.again.value[METHODS.index(method)]
    with playing(fault) as (url, server):
        (ended,) = attempt(flavour, method, base_url=url, timeout=timeout, max_retries=1, max_response_bytes=LIMIT)

    assert ended.seconds < (SHORT * tries if fault.is_slow else 0) + SLACK
    if server is not None:
        assert server.tries == tries
    if fault.error is None:
        assert isinstance(ended.result, Customer), repr(ended.result)
        assert ended.result.to_dict() == CUSTOMER
        return
    assert type(ended.error) is fault.error, repr(ended.error)
    assert ended.error.tries == tries
    if fault.maybe is not None:
        assert isinstance(ended.error, APIConnectionError)
        assert ended.error.may_have_been_applied is fault.maybe
    assert IDENTIFIER not in str(ended.error)


def test_an_error_whose_causes_form_a_circle_ends() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        error = httpx.ReadError("broken")
        error.__cause__ = ValueError("why")
        error.__cause__.__cause__ = error
        raise error

    client = Trustly(*CREDENTIALS, transport=httpx.MockTransport(answer), max_retries=0)
    with client, pytest.raises(APIConnectionError) as caught:
        client.customers.get(IDENTIFIER)
    assert caught.value.may_have_been_applied


def test_the_table_holds_at_least_forty_faults() -> None:
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS) >= 40
