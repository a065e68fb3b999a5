"""Concurrent writers of one customer against the sandbox: the measurement of `make bench` in small."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from bench.lost_updates import Case, Shared, no_lock, run, text_fields
from demo import sandbox
from trustly_customers.locks import InProcessLock, PostgresLock


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with sandbox() as found:
        yield found


def test_there_are_fields_for_eight_writers() -> None:
    for required in (True, False):
        assert len(set(text_fields(required=required)[:8])) == 8
    assert all(len(path) == 1 for path in text_fields(required=True)[:3])


@pytest.mark.parametrize("writers", [2, 8])
def test_no_update_of_an_optional_field_is_lost_without_a_lock(writers: int, base_url: str) -> None:
    outcome = run(Case("optional", writers, "none", no_lock), base_url, rounds=8)
    assert (outcome.updates, outcome.lost) == (8 * writers, 0)


def test_without_a_lock_updates_of_required_fields_are_lost_and_seen_to_be(base_url: str) -> None:
    """Else the tests below would hold whatever the locks do."""
    assert sum(run(Case("required", 8, "none", no_lock), base_url, rounds=8).lost for _ in range(2)) > 0


@pytest.mark.parametrize("writers", [2, 8])
def test_no_update_is_lost_with_the_lock_of_a_process(writers: int, base_url: str) -> None:
    outcome = run(Case("required", writers, "in process", Shared(InProcessLock())), base_url, rounds=8)
    assert (outcome.updates, outcome.lost, outcome.conflicts) == (8 * writers, 0, 0)


@pytest.mark.thorough
def test_no_update_is_lost_with_the_lock_of_a_database_from_separate_processes(base_url: str, conninfo: str) -> None:
    make_lock = partial(PostgresLock, conninfo)
    outcome = run(Case("required", 3, "PostgreSQL", make_lock, in_processes=True), base_url, rounds=5)
    assert (outcome.updates, outcome.lost, outcome.conflicts) == (15, 0, 0)
