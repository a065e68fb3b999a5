"""Requests that deserve a refusal: which fault decides, whatever is sent along, and whatever was asked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, product
from typing import Any

import pytest

from ._customers import Customers, Expectation
from ._spec import Claim
from ._wire import JSON_TYPE, LONGEST_BODY, Exchange, basic, dump, encode_id
from .test_access import NO_PARAMETER, NOBODY, OTHER_METHODS, SCHEME, UNNAMED, in_case
from .test_identifiers import encoded
from .test_tables import LEAST, SPEC, full, of_another

FAULTS: dict[int, list[dict[str, Any]]] = {
    405: [{"method": method} for method in OTHER_METHODS if method in {"PUT", "PATCH", "DELETE"}],
    401: [{"authorization": basic("wrong-user", "wrong-key")}, {"authorization": None}],
    415: [{"content_type": "text/plain"}, {"content_type": None}],
    413: [
        {"body": dump(LEAST) + b" " * LONGEST_BODY},
        {"body": dump(LEAST) + b" " * LONGEST_BODY, "headers": {"Transfer-Encoding": "chunked"}},
    ],
    400: [{"body": b"{"}, {"body": b"{}"}],
    404: [{"id": NOBODY}, {"id": "%2E%2E"}, {"id": ""}, {"id": "%FF"}],
}
"""Ways to deserve a status, in the order in which they are judged."""
_RISKS = {405: pytest.mark.other_method, 401: pytest.mark.lock_out, 413: pytest.mark.flood}
_IN_ORDER = [
    pytest.param(*pair, marks=[_RISKS[status] for status in pair if status in _RISKS])
    for pair in combinations(FAULTS, 2)
]


@pytest.mark.parametrize(("first", "second"), _IN_ORDER)
def test_of_two_faults_the_first_in_order_decides(first: int, second: int, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    for way, other_way in product(FAULTS[first], FAULTS[second]):
        request = other_way | way
        if {first, second} == {400, 413}:
            request["body"] = b"{" * (LONGEST_BODY + 1)
        expect = Expectation("precedence", first, f"what deserves {first} and {second}")
        exchange = _send(customers, one, request, expect)
        customers.read(one, "atomic-rejection", blamed=exchange)


def _send(customers: Customers, one: str, request: Mapping[str, Any], expect: Expectation) -> Exchange:
    """Send an update that is valid but for what a request says otherwise."""
    usual = {"method": SPEC.update.method, "id": encode_id(one), "body": dump(LEAST), "content_type": JSON_TYPE}
    parts: dict[str, Any] = {**usual, "query": "", **request}
    method, path = parts.pop("method"), customers.path(parts.pop("id")) + parts.pop("query")
    return customers.send(method, path, **parts, expect=expect)


_CLAIMS = {
    405: "methods",
    401: "basic-auth",
    415: "content-type",
    413: "body-limit",
    400: "strict-json",
    404: "unknown-id",
}


_Write = Callable[[Customers, str], dict[str, Any]]
_WRITTEN: dict[str, tuple[str | Claim, _Write]] = {
    "the scheme in small letters": (SCHEME, lambda customers, _: {"authorization": in_case(str.lower, customers)}),
    "the scheme in capitals": (SCHEME, lambda customers, _: {"authorization": in_case(str.upper, customers)}),
    "an encoded identifier": ("id-decoding", lambda _, one: {"id": encoded(one)}),
    "a charset": ("content-type", lambda *_: {"content_type": f"{JSON_TYPE}; charset=utf-8"}),
    "the media type in capitals": ("content-type", lambda *_: {"content_type": JSON_TYPE.upper()}),
    "a body in chunks": ("strict-json", lambda *_: {"headers": {"Transfer-Encoding": "chunked"}}),
}
"""Other ways to write what goes with a request."""


@pytest.mark.flood
@pytest.mark.lock_out
@pytest.mark.other_method
@pytest.mark.parametrize("kind", [*UNNAMED, *_WRITTEN])
def test_no_way_of_asking_keeps_a_fault_from_being_refused(
    kind: str, customers: Customers, one: str, other: str
) -> None:
    customers.update(one, full(1))
    claim: str | Claim = NO_PARAMETER
    usual: dict[str, Any] = {}
    if kind in UNNAMED:
        usual["headers"], usual["query"] = UNNAMED[kind](customers.target, customers.path(encode_id(other)))
    else:
        claim, write = _WRITTEN[kind]
        usual |= write(customers, one)
    for status, (way, *_) in FAULTS.items():
        claims: list[str | Claim] = [claim, _CLAIMS[status]]
        expect = Expectation(claims, status, f"what deserves {status}, with {kind}")
        exchange = _send(customers, one, {**usual, **way}, expect)
        customers.read(one, claims, blamed=exchange)


_READ = {"method": SPEC.read.method, "body": None}
_REQUESTS: dict[str, dict[str, Any]] = {
    "a read": _READ,
    "a read without credentials": {**_READ, "authorization": None},
    "a read of nobody": {**_READ, "id": NOBODY},
    "an update": {},
    **{f"what deserves {status}": way for status, (way, *_) in FAULTS.items()},
}
_STATUSES = {"a read without credentials": 401, "a read of nobody": 404}
_STATUSES |= {f"what deserves {status}": status for status in FAULTS}


@pytest.mark.flood
@pytest.mark.lock_out
@pytest.mark.other_method
@pytest.mark.parametrize("first", _REQUESTS)
def test_each_request_is_answered_the_same_whatever_was_asked_before(
    first: str, customers: Customers, one: str, other: str
) -> None:
    for who, second in product((one, other), _REQUESTS):
        customers.update(one, full(1))
        for whose, kind in ((who, first), (one, second)):
            _ask(customers, whose, kind, f"{second} after {first}")
        customers.read(one)


def _ask(customers: Customers, who: str, kind: str, what: str) -> None:
    """Send a request of some kind, and hold the answer against what that kind is answered with."""
    if kind == "a read":
        customers.read(who)
    elif kind == "an update":
        is_first = who == customers.target.ids[0]
        customers.update(who, full() if is_first else of_another(full()), what=what)
    else:
        status = _STATUSES[kind]
        _send(customers, who, _REQUESTS[kind], Expectation(_CLAIMS[status], status, what))
