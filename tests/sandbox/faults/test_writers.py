"""The two faults that matter most for an update: an answer that is lost, and another writer in between."""

from __future__ import annotations

from typing import Any

import pytest

from trustly_customers import APIConnectionError, ConflictError, Customer, CustomerUpdate

from ._calls import FIRST, FLAVOURS, ID, Flavour, Place, attempt

SOMEONE = {"name": "other-writer", "set": {"externalTier": "Gold"}}
DURING = [{"operation": "getCustomer"}, {"operation": "updateCustomer"}]


def test_a_lost_answer_says_that_the_update_may_have_been_applied_and_it_has(place: Place) -> None:
    place.ask("answer-lost", operation="updateCustomer")
    with place.client(max_retries=3) as client, pytest.raises(APIConnectionError) as caught:
        client.customers.update(ID, CustomerUpdate.from_dict({**FIRST, "vip": "3"}))
    assert (caught.value.may_have_been_applied, caught.value.tries) == (True, 1)
    assert place.stored()["vip"] == "3"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_lost_answer_converges_where_updates_are_tried_again(place: Place, flavour: Flavour) -> None:
    place.ask("answer-lost", times=2)
    outcome = attempt(place, flavour, "update", retry_updates=True, max_retries=2)
    assert isinstance(outcome, Customer)
    assert outcome.to_dict() == place.stored()
    assert place.is_applied()


def test_modify_finds_its_own_change_after_a_lost_answer_and_sends_nothing_more(place: Place) -> None:
    place.ask("answer-lost", operation="updateCustomer")
    seen = place.ask({"name": "latency", "seconds": 0}, operation="updateCustomer", times=None)
    with place.client() as client:
        assert client.customers.modify(ID, vip="3").vip == "3"
    (rule,) = place.rules.list(place.namespace)
    assert (rule["id"], rule["met"]) == (seen["id"], 1)


@pytest.mark.parametrize("when", DURING)
def test_modify_of_another_property_keeps_both(place: Place, when: dict[str, str]) -> None:
    place.ask(SOMEONE, **when)
    with place.client() as client:
        client.customers.modify(ID, vip="3")
    assert place.stored().items() >= {"vip": "3", "externalTier": "Gold"}.items()


def test_modify_of_the_same_property_with_a_base_is_a_conflict_that_changes_nothing(place: Place) -> None:
    place.ask(SOMEONE, operation="getCustomer")
    with place.client() as client:
        shown = client.customers.get(ID)
        with pytest.raises(ConflictError) as caught:
            client.customers.modify(ID, base=shown, external_tier="Silver")
    assert caught.value.fields == ("external_tier",)
    assert caught.value.theirs == {"external_tier": "Gold"}
    assert not caught.value.may_have_been_applied
    assert place.stored()["externalTier"] == "Gold"


@pytest.mark.parametrize("when", DURING)
def test_get_change_and_update_loses_what_the_other_writer_changed(place: Place, when: dict[str, str]) -> None:
    place.ask({"name": "other-writer", "set": {"phone": "+16505550199"}}, **when)
    with place.client() as client:
        customer = client.customers.get(ID)
        customer.vip = "3"
        client.customers.update(ID, customer)
    assert place.stored().items() >= {"vip": "3", "phone": FIRST["phone"]}.items()


def test_the_other_writer_is_seen_by_the_next_read_and_not_by_the_one_it_follows(place: Place) -> None:
    with place.client() as client:
        first = client.customers.get("fault-other-writer")
        second = client.customers.get("fault-other-writer")
    assert first.to_dict() == {**FIRST, "customerId": "fault-other-writer"}
    assert second.vip == place.stored("fault-other-writer")["vip"] != first.vip
    assert second.updated_at > first.updated_at


@pytest.mark.parametrize("faults", [(SOMEONE, "answer-lost"), ("answer-lost", SOMEONE)])
def test_another_writer_and_a_lost_answer_together_end_in_both_changes(place: Place, faults: tuple[Any, ...]) -> None:
    place.ask(*faults, operation="updateCustomer")
    with place.client() as client:
        assert client.customers.modify(ID, vip="3").vip == "3"
    assert place.stored().items() >= {"vip": "3", "externalTier": "Gold"}.items()


def test_another_writer_of_the_same_property_and_a_lost_answer_leave_the_later_change(place: Place) -> None:
    place.ask({"name": "other-writer", "set": {"vip": "9"}}, "answer-lost", operation="updateCustomer")
    with place.client(max_retries=0) as client, pytest.raises(APIConnectionError) as caught:
        client.customers.modify(ID, vip="3")
    assert caught.value.may_have_been_applied
    assert place.stored()["vip"] == "3"


def test_null_removes_in_another_writers_change_and_what_only_the_provider_sets_stays(place: Place) -> None:
    place.ask({"name": "other-writer", "set": {"taxId": None, "createdAt": 1, "more": [1]}})
    with place.client() as client:
        client.customers.get(ID)
    stored = place.stored()
    assert "taxId" not in stored
    assert (stored["createdAt"], stored["more"]) == (FIRST["createdAt"], [1])
