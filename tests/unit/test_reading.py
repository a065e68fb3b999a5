"""An answer part by part, without a connection: encodings, limits, and when the next try comes."""

from __future__ import annotations

import gzip
import zlib
from typing import Any
from unittest.mock import Mock

import pytest

from trustly_customers import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    InvalidRequestError,
    RawResponse,
    RequestInfo,
    ResponseShapeError,
    TrustlyError,
)
from trustly_customers._config import Settings
from trustly_customers._exchange import Request
from trustly_customers._flow import Outcome, Try
from trustly_customers._hidden import Hidden
from trustly_customers._reading import Reading
from trustly_customers._retry import may_have_been_applied, pause_before_next

INFO = RequestInfo("updateCustomer", "POST", "/customers/{customerId}")
BODY = b"x" * 100


def read(*parts: bytes, encoding: str = "", status: int = 200, limit: int = 1000) -> Outcome:
    reading = Reading(Try(Request(INFO, "POST", "https://h/", {}, None), 60.0, limit))
    reading.begin(status, [(b"Content-Encoding", encoding.encode())])
    for part in parts:
        if not reading.add(part):
            break
    return reading.outcome()


def problem(outcome: Outcome) -> str:
    assert isinstance(outcome, ResponseShapeError)
    start, _, rest = str(outcome).partition(", yet ")
    assert start == "POST /customers/{customerId} was answered with 200"
    return rest.partition(". The update was probably applied")[0]


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_a_plain_body_is_taken_as_it_is(encoding: str) -> None:
    answer = read(BODY[:50], BODY[50:], encoding=encoding)
    assert answer == RawResponse(200, {"content-encoding": encoding}, BODY)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP ", "deflate"])
@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_compressed_body_is_decompressed(encoding: str, compress: Any) -> None:
    data = compress(BODY)
    answer = read(data[:5], data[5:], encoding=encoding, limit=100)
    assert isinstance(answer, RawResponse)
    assert answer.content == BODY


@pytest.mark.parametrize(
    ("parts", "encoding", "told"),
    [
        ([BODY], "br", "the body is encoded in a way that was not asked for"),
        ([b"no gzip"], "gzip", "the body could not be decompressed"),
        ([gzip.compress(BODY)[:-1]], "gzip", "the body could not be decompressed"),
        ([gzip.compress(BODY) * 2], "gzip", "the body could not be decompressed"),
        ([gzip.compress(BODY), b"more"], "gzip", "the body could not be decompressed"),
        ([BODY, b"x"], "", "the body is longer than the 100 bytes allowed"),
        ([gzip.compress(BODY + b"x")], "gzip", "the body is longer than the 100 bytes allowed"),
    ],
    ids=["unknown", "none", "cut off", "two", "trailing", "long", "long when decompressed"],
)
def test_a_body_that_cannot_be_taken_says_why(parts: list[bytes], encoding: str, told: str) -> None:
    assert problem(read(*parts, encoding=encoding, limit=100)) == told
    failure = read(*parts, encoding=encoding, limit=100, status=500)
    assert isinstance(failure, RawResponse)
    assert failure.status == 500


def test_a_body_may_be_as_long_as_allowed() -> None:
    answer = read(BODY[:99], b"x", limit=100)
    assert isinstance(answer, RawResponse)
    assert answer.content == BODY


def test_headers_are_known_in_lower_case_and_joined_in_their_order() -> None:
    reading = Reading(Try(Request(INFO, "POST", "https://h/", {}, None), 60.0, 10))
    reading.begin(204, [(b"X-A", b"1"), (b"B\xe9", b"\xe9"), (b"x-a", b"2")])
    answer = reading.outcome()
    assert answer == RawResponse(204, {"x-a": "1, 2", "bé": "é"}, b"")


def test_what_arrives_after_the_try_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Mock(return_value=100.0)
    monkeypatch.setattr("trustly_customers._reading.time", Mock(monotonic=clock))
    reading = Reading(Try(Request(INFO, "POST", "https://h/", {}, None), 7.0, 10))
    assert reading.ends == 107.0
    reading.begin(200, [])
    clock.return_value = 107.0
    assert reading.add(b"1")
    clock.return_value = 107.5
    assert not reading.add(b"2")
    late = reading.outcome()
    assert isinstance(late, APITimeoutError)
    assert late.may_have_been_applied
    assert late.request is INFO
    assert "within 7 seconds" in str(late)


def test_a_failure_carries_its_request_and_whether_it_was_sent() -> None:
    reading = Reading(Try(Request(INFO, "POST", "https://h/", {}, None), 7.0, 10))
    for make in (reading.timed_out, lambda **how: reading.broken("it broke", **how)):
        for never_sent in (True, False):
            error = make(never_sent=never_sent)
            assert isinstance(error, APIConnectionError)
            assert (error.request, error.may_have_been_applied) == (INFO, not never_sent)


def settings(**options: Any) -> Settings:
    return Settings.checked(Hidden(("id", "key")), options)  # type: ignore[arg-type] # any options at all


def answered(status: int, **headers: str) -> RawResponse:
    return RawResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize(("tries", "most"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 8), (50, 8)])
def test_the_pause_is_drawn_from_nothing_to_twice_the_one_before(
    tries: int, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: (low, high))
    drawn: Any = pause_before_next(settings(max_retries=50), answered(500), reads=True, tries=tries)
    assert drawn == (0, most)


@pytest.mark.parametrize(("status", "after"), [(429, "5"), (503, "5"), (503, "0")])
def test_what_a_server_asks_for_is_obeyed_up_to_what_is_allowed(status: int, after: str) -> None:
    for outcome in (
        answered(status, retry_after=after),
        APIStatusError.of(INFO, answered(status, retry_after=after), ()),
    ):
        for reads in (True, False):
            assert pause_before_next(settings(max_retry_after=5), outcome, reads=reads, tries=1) == float(after)
            assert pause_before_next(settings(), outcome, reads=reads, tries=3) is None
    if after != "0":
        assert pause_before_next(settings(max_retry_after=4.9), outcome, reads=True, tries=1) is None


NO_ANSWER = APIConnectionError("", request=INFO, may_have_been_applied=True)
NEVER_SENT = APIConnectionError("", request=INFO, may_have_been_applied=False)
WRONG_SHAPE = ResponseShapeError("", request=INFO, response=answered(200))


@pytest.mark.parametrize(
    ("outcome", "read_again", "update_again", "doubt"),
    [
        (NEVER_SENT, True, True, False),
        (NO_ANSWER, True, False, True),
        (answered(429), True, True, False),
        (answered(503, retry_after="1"), True, True, False),
        (answered(503), True, False, True),
        (answered(408), True, False, True),
        (answered(500), True, False, True),
        (answered(502), True, False, True),
        (answered(504), True, False, True),
        (answered(501), False, False, True),
        (answered(599), False, False, True),
        (answered(400), False, False, False),
        (answered(499), False, False, False),
        (answered(302), False, False, False),
        (WRONG_SHAPE, False, False, True),
        (InvalidRequestError(""), False, False, False),
    ],
)
def test_what_is_tried_again_and_what_may_have_been_applied(
    outcome: RawResponse | TrustlyError,
    read_again: bool,  # noqa: FBT001 - columns of the table
    update_again: bool,  # noqa: FBT001
    doubt: bool,  # noqa: FBT001
) -> None:
    def again(*, reads: bool, **options: Any) -> bool:
        return pause_before_next(settings(**options), outcome, reads=reads, tries=1) is not None

    assert again(reads=True) is read_again
    assert again(reads=False) is update_again
    assert again(reads=False, retry_updates=True) is read_again
    assert not again(reads=True, max_retries=0)
    error = APIStatusError.of(INFO, outcome, ()) if isinstance(outcome, RawResponse) else outcome
    assert may_have_been_applied(error) is doubt
