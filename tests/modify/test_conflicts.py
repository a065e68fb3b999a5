"""Somebody else changed the same property: an error with all three sides; or set it to the same: none."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from trustly_customers import Address, ConflictError, Customer, CustomerUpdate

from ._server import Server, answer, both, example, lost_after, lost_before, meanwhile
from .conftest import ID, Client, Lock

pytestmark = pytest.mark.anyio


def base() -> Customer:
    return Customer.from_dict({**example(), "externalTier": "zqbase"})


async def test_a_change_since_the_base_is_a_conflict(client: Client, server: Server, lock: Lock) -> None:
    server.set(externalTier="zqtheirs", vip="9")
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, base=base(), lock=lock, external_tier="zqmine", currency="USD")
    error = caught.value
    assert error.fields == ("external_tier",)
    assert error.base == {"external_tier": "zqbase"}
    assert error.mine == {"external_tier": "zqmine"}
    assert error.theirs == {"external_tier": "zqtheirs"}
    assert str(error) == "somebody else has changed external_tier meanwhile; nothing was sent"
    assert (error.tries, error.may_have_been_applied, error.__cause__) == (0, False, None)
    assert server.methods == ["GET"]
    assert lock.events == [f"held {ID}", "released"]
    assert "zq" not in repr(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - its own
    assert (str(again), again.fields, again.mine) == (str(error), error.fields, {})


async def test_what_mine_holds_can_be_given_to_modify_again(client: Client, server: Server) -> None:
    server.set(externalTier="theirs", address={"country": "CA"})
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, base=base(), external_tier=None, address=Address(country="US", city="Mine"))
    assert caught.value.fields == ("address", "external_tier")
    assert caught.value.base["address"] == base().address
    assert caught.value.theirs == {"external_tier": "theirs", "address": Address(country="CA")}
    await client.modify(ID, **caught.value.mine)
    assert server.changes() == [{"externalTier": None, "address": {"country": "US", "city": "Mine"}}]


async def test_what_somebody_else_removed_is_a_conflict_too(client: Client) -> None:
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, base=base(), external_tier="mine")
    assert caught.value.theirs == {"external_tier": None}


@pytest.mark.parametrize(("theirs", "mine"), [("same", "same"), (None, None)])
async def test_the_same_change_by_both_is_no_conflict(
    theirs: str | None, mine: str | None, client: Client, server: Server
) -> None:
    server.set(externalTier=theirs)
    result = await client.modify(ID, base=base(), external_tier=mine)
    assert server.methods == ["GET"]
    assert result.to_dict().get("externalTier") == mine


async def test_an_edit_that_takes_its_time_meets_what_changed_meanwhile(client: Client, server: Server) -> None:
    def edit(update: CustomerUpdate) -> None:
        update.vip = "2"
        server.set(vip="3")

    with pytest.raises(ConflictError) as caught:
        await client.edit(edit)
    assert (caught.value.fields, caught.value.theirs) == (("vip",), {"vip": "3"})
    assert server.methods == ["GET", "GET"]


async def test_a_change_between_two_tries_is_a_conflict(client: Client, server: Server) -> None:
    server.on("POST", both(meanwhile(vip="3"), lost_before))
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, vip="2")
    error = caught.value
    assert (error.base, error.mine, error.theirs) == ({"vip": None}, {"vip": "2"}, {"vip": "3"})
    assert server.methods == ["GET", "POST", "GET"]
    assert server.customer["vip"] == "3"


async def test_a_conflict_after_a_lost_answer_says_that_the_update_may_have_been_applied(
    client: Client, server: Server
) -> None:
    def overwritten(server: Server, _: Any) -> None:
        server.set(vip="3")

    server.on("POST", lost_after)
    server.on("GET", lambda *_: None, overwritten)
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, vip="2")
    error = caught.value
    assert str(error) == "somebody else has changed vip meanwhile; an update sent before may have been applied"
    assert (error.tries, error.may_have_been_applied) == (1, True)
    assert type(error.__cause__).__name__ == "APITimeoutError"


async def test_a_property_that_the_specification_does_not_name_is_not_named_in_the_text(
    client: Client, server: Server
) -> None:
    def edit(update: CustomerUpdate) -> None:
        update["zqunknown"] = {"a": 1}
        update.vip = "2"
        server.set(zqunknown={"a": 2}, vip="3")

    with pytest.raises(ConflictError) as caught:
        await client.edit(edit)
    assert "changed vip, a property that the specification does not name meanwhile" in str(caught.value)
    assert caught.value.fields == ("vip", "zqunknown")
    assert caught.value.mine["zqunknown"] == {"a": 1}
    assert caught.value.base["zqunknown"] is None
    assert caught.value.theirs["zqunknown"] == {"a": 2}


async def test_what_was_surely_refused_leaves_no_doubt_in_a_conflict(client: Client, server: Server) -> None:
    server.on("POST", both(meanwhile(vip="9"), answer(429)))
    with pytest.raises(ConflictError) as caught:
        await client.modify(ID, vip="2")
    assert not caught.value.may_have_been_applied
    assert str(caught.value) == "somebody else has changed vip meanwhile; nothing was sent"
    assert str(caught.value.request) == "POST /customers/{customerId}"
    assert caught.value.request.operation_id == "updateCustomer"
