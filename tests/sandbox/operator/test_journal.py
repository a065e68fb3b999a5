"""The journal by itself: what it holds, what it lets go, and whom it wakes."""

from __future__ import annotations

from typing import Any

import pytest

from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._operator.journal import MAX_BYTES, MAX_REQUESTS, Journal, Query

pytestmark = pytest.mark.anyio


def exchange(identifier: str = "1", *, namespace: str | None = "one", **properties: Any) -> Exchange:
    async def receive() -> Any:
        raise AssertionError

    properties = {"method": "GET", "raw_path": b"/", "headers": (), **properties}
    return Exchange(receive=receive, namespace=namespace, identifier=identifier, **properties)


def ids(journal: Journal, namespace: str = "one", **query: Any) -> list[str | None]:
    return [entry.identifier for entry in journal.find(namespace, Query(**query))]


def test_it_holds_so_many_requests_and_the_oldest_go_first_whosever_they_are() -> None:
    journal = Journal(max_requests=3)
    for number, namespace in enumerate(["one", "other", "one", "other", "other"]):
        journal.record(exchange(str(number), namespace=namespace), 200, 0.001)
    assert (ids(journal), ids(journal, "other")) == (["2"], ["3", "4"])
    assert len(journal) == 3


def test_it_holds_so_many_bytes_whatever_the_size_of_a_body() -> None:
    journal = Journal()
    for number in range(1000):
        journal.record(exchange(str(number), body=b"x" * 60_000), 200, 0.001)
        assert journal.bytes <= MAX_BYTES
    assert ids(journal)[-1] == "999"
    assert len(journal) == MAX_BYTES // 60_600


def test_requests_that_are_small_are_bounded_by_their_number_and_by_what_each_takes() -> None:
    journal = Journal()
    for _ in range(MAX_REQUESTS + 5000):
        journal.record(exchange("é" * 100), None, 0.001)
    assert len(journal) < MAX_REQUESTS
    assert journal.bytes <= MAX_BYTES


def test_a_long_identifier_counts() -> None:
    journal = Journal(max_bytes=100_000)
    for number in range(10):
        journal.record(exchange(str(number) * 10_000), 200, 0.001)
    assert [identifier and identifier[0] for identifier in ids(journal)] == ["8", "9"]


def test_a_request_larger_than_everything_is_not_held() -> None:
    journal = Journal(max_bytes=1000)
    journal.record(exchange(), 200, 0.001)
    journal.record(exchange(body=b"x" * 1000), 200, 0.001)
    assert (len(journal), journal.bytes) == (0, 0)


def test_a_method_that_http_does_not_know_is_not_kept_as_it_is() -> None:
    journal = Journal()
    journal.record(exchange(method="ZQSECRET"), 405, 0.001)
    assert [entry.method for entry in journal.find("one", Query())] == ["OTHER"]


def test_clearing_a_namespace_gives_back_its_bytes_and_leaves_the_others() -> None:
    journal = Journal()
    for namespace in ("one", "other", "one"):
        journal.record(exchange(namespace=namespace, body=b"x" * 1000), 200, 0.001)
    whole = journal.bytes
    journal.clear("one")
    assert (ids(journal), ids(journal, "other")) == ([], ["1"])
    assert journal.bytes == whole // 3


def test_it_stays_bounded_when_namespaces_come_and_are_cleared_behind_an_old_request() -> None:
    journal = Journal(max_requests=100)
    journal.record(exchange("old"), 200, 0.001)
    for number in range(1000):
        journal.record(exchange(namespace=f"space{number}"), 200, 0.001)
        if number % 2:
            journal.clear(f"space{number}")
    assert len(journal._turns) == 100
    assert len(journal._namespaces) == len(journal) == 50
    assert ids(journal) == []
    assert journal.bytes == 50 * (512 + 4)


def test_a_namespace_that_was_cleared_begins_anew() -> None:
    journal = Journal(max_requests=3)
    journal.record(exchange("1"), 200, 0.001)
    journal.record(exchange("2"), 200, 0.001)
    journal.clear("one")
    for number in "345":
        journal.record(exchange(number), 200, 0.001)
    assert ids(journal) == ["3", "4", "5"]


def test_what_has_no_namespace_belongs_to_the_one_without_a_name() -> None:
    journal = Journal()
    journal.record(exchange(namespace=None), 401, 0.001)
    assert (ids(journal, ""), ids(journal)) == (["1"], [])


async def test_only_requests_that_are_meant_are_counted_for_who_waits() -> None:
    journal = Journal()
    journal.record(exchange("1"), 200, 0.001)
    with journal.expecting("one", Query(identifier="1"), 3) as come:
        journal.record(exchange("2"), 200, 0.001)
        journal.record(exchange("1", namespace="other"), 200, 0.001)
        journal.record(exchange("1"), 200, 0.001)
        assert not come.is_set()
        journal.record(exchange("1"), 200, 0.001)
        assert come.is_set()


async def test_what_is_cleared_meanwhile_does_not_count() -> None:
    journal = Journal()
    journal.record(exchange(), 200, 0.001)
    with journal.expecting("one", Query(), 2) as come:
        journal.clear("one")
        journal.record(exchange(), 200, 0.001)
        assert not come.is_set()
        journal.record(exchange(), 200, 0.001)
        assert come.is_set()


async def test_nothing_is_left_of_who_waited() -> None:
    journal = Journal()
    with journal.expecting("one", Query(), 1), journal.expecting("one", Query(), 1):
        pass
    assert journal._expected == {}
