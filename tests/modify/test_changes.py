"""What `modify` sends: the required properties and what changed, or nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.unit._spec import Planted

from trustly_api.changes import JSON_NAMES
from trustly_customers import UNSET, Address, CustomData, Customer, CustomerUpdate, _merge

from ._server import REQUIRED, SCHEMAS, Server, example
from .conftest import ID, Client

pytestmark = pytest.mark.anyio

OPTIONAL = {name: json_name for name, json_name in JSON_NAMES["CustomerUpdate"].items() if json_name not in REQUIRED}
PLANTED: dict[str, Any] = Planted("CustomerUpdate").value
"""A value of each property as JSON has it."""


def keyword(name: str) -> Any:
    """Return the planted value of a property as a keyword takes it."""
    return getattr(CustomerUpdate.from_dict(PLANTED), name)


def test_the_names_in_json_are_those_that_the_models_read() -> None:
    assert set(JSON_NAMES["CustomerUpdate"].values()) == set(SCHEMAS["CustomerUpdate"]["properties"])
    for name, json_name in OPTIONAL.items():
        read = CustomerUpdate.from_dict({**example(), json_name: "zqmark"})
        assert getattr(read, name) == "zqmark", name


def test_what_stands_for_a_value_is_written_whatever_its_type() -> None:
    """A property of a type that the specification has none of yet: a date, an enumeration, a list."""
    anything = _merge._ANYTHING
    assert anything.isoformat() is anything
    assert callable(anything.value)
    assert [each.to_dict() for each in anything] == []


@pytest.mark.parametrize("name", OPTIONAL)
async def test_a_keyword_is_sent_with_the_required_properties_alone(name: str, client: Client, server: Server) -> None:
    json_name = OPTIONAL[name]
    server.set(**{json_name: None})  # or the example might hold the very value
    result = await client.modify(ID, **{name: keyword(name)})
    assert server.methods == ["GET", "POST"]
    assert server.bodies == [{**{key: example()[key] for key in REQUIRED}, json_name: PLANTED[json_name]}]
    assert result.to_dict()[json_name] == PLANTED[json_name]
    assert type(getattr(result, name)) is type(keyword(name))


@pytest.mark.parametrize("name", OPTIONAL)
async def test_none_removes_and_what_is_not_there_needs_no_removing(name: str, client: Client, server: Server) -> None:
    server.set(**{OPTIONAL[name]: PLANTED[OPTIONAL[name]]})
    result = await client.modify(ID, **{name: None})
    assert server.changes() == [{OPTIONAL[name]: None}]
    assert getattr(result, name) is UNSET
    await client.modify(ID, **{name: None})
    assert server.methods == ["GET", "POST", "GET"]


async def test_a_required_property_is_changed_among_the_required(client: Client, server: Server) -> None:
    await client.modify(ID, email="new@mail.example")
    assert server.bodies == [{**{key: example()[key] for key in REQUIRED}, "email": "new@mail.example"}]


@pytest.mark.parametrize("keywords", [{}, {"vip": UNSET}, {"name": UNSET, "address": UNSET}])
async def test_nothing_changed_is_nothing_sent(keywords: dict[str, Any], client: Client, server: Server) -> None:
    result = await client.modify(ID, **keywords)
    assert server.methods == ["GET"]
    assert result.to_dict() == example()


async def test_the_value_that_is_there_already_is_not_sent(client: Client, server: Server) -> None:
    before = Customer.from_dict(example())
    server.set(customData={"a": {"b": [1, {"c": None}]}})
    await client.modify(
        ID,
        name=before.name,
        address=copy.deepcopy(before.address),
        enroll_date=before.enroll_date,
        custom_data=CustomData.from_dict({"a": {"b": (1.0, {"c": None})}}),
    )
    assert server.methods == ["GET"]


@pytest.mark.parametrize(
    ("there", "wanted"),
    [(1, True), (True, 1), (0, False), (1, 2), (1, 1.5), ("1", 1), (None, 0), ([1], [1, 2]), ([True], [1]), ({}, [])],
)
async def test_values_that_json_tells_apart_are_changes(
    there: Any, wanted: Any, client: Client, server: Server
) -> None:
    server.set(customData={"deep": {"value": there}})
    await client.modify(ID, custom_data=CustomData.from_dict({"deep": {"value": wanted}}))
    (change,) = server.changes()
    assert repr(change) == repr({"customData": {"deep": {"value": wanted}}})


async def test_whole_numbers_of_any_size_are_compared_exactly(client: Client, server: Server) -> None:
    server.set(customData={"large": 2**70})
    await client.modify(ID, custom_data=CustomData.from_dict({"large": 2**70}))
    assert server.bodies == []
    await client.modify(ID, custom_data=CustomData.from_dict({"large": 2**70 + 1}))
    assert server.changes() == [{"customData": {"large": 2**70 + 1}}]


async def test_a_nested_object_is_sent_whole(client: Client, server: Server) -> None:
    def move(update: CustomerUpdate) -> None:
        update.address.city = "Elsewhere"
        update.address["floor"] = 3

    await client.edit(move)
    assert server.changes() == [{"address": {**example()["address"], "city": "Elsewhere", "floor": 3}}]


async def test_an_edit_deep_inside_the_free_form_is_seen(client: Client, server: Server) -> None:
    server.set(customData={"a": {"b": [1]}, "other": 1}, loyalty={"points": [1]})

    def edit(update: CustomerUpdate) -> None:
        assert isinstance(update.custom_data, CustomData)
        update.custom_data["a"]["b"].append(2)
        update["loyalty"]["points"].append(2)

    base = Customer.from_dict(server.customer)
    kept = copy.deepcopy(base)
    await client.edit(edit, base=base)
    assert server.changes() == [{"customData": {"a": {"b": [1, 2]}, "other": 1}, "loyalty": {"points": [1, 2]}}]
    assert base == kept


async def test_keywords_are_applied_before_the_edit_and_left_as_they_are(client: Client, server: Server) -> None:
    address = Address(country="US", city="First")

    def edit(update: CustomerUpdate) -> None:
        assert (update.vip, update.address.city) == ("1", "First")
        update.vip = "2"
        update.address.city = "Second"

    await client.edit(edit, vip="1", external_tier="Gold", address=address)
    assert server.changes() == [
        {"vip": "2", "externalTier": "Gold", "address": {"country": "US", "city": "Second"}},
    ]
    assert address.city == "First"


async def test_unknown_properties_are_kept_unless_an_edit_sets_or_removes_them(client: Client, server: Server) -> None:
    server.set(kept=[1], changed=1, gone=1, deleted=1)

    def edit(update: CustomerUpdate) -> None:
        update["changed"] = 2
        update["gone"] = None
        del update["deleted"]
        update["customerId"] = "another"

    await client.edit(edit)
    assert server.changes() == [{"changed": 2, "gone": None}]
    assert {"kept": [1], "changed": 2, "deleted": 1}.items() <= server.customer.items()
    assert "gone" not in server.customer


async def test_what_only_the_provider_sets_is_no_change(client: Client, server: Server) -> None:
    await client.edit(lambda update: update.additional_properties.update(customerId="another"))
    assert server.methods == ["GET"]


async def test_what_an_edit_unsets_is_left_alone(client: Client, server: Server) -> None:
    server.set(vip="1")

    def edit(update: Any) -> None:
        update.vip = update.name = update.address = UNSET
        update.external_tier = "Gold"

    await client.edit(edit)
    assert server.changes() == [{"externalTier": "Gold"}]


async def test_an_edit_is_called_once_and_followed_by_another_look(client: Client, server: Server) -> None:
    seen = []

    def edit(update: CustomerUpdate) -> None:
        seen.append(update)
        update.vip = "2"
        server.set(currency="EUR", phone="+1 999")

    result = await client.edit(edit)
    assert len(seen) == 1
    assert server.methods == ["GET", "GET", "POST"]
    assert server.bodies[0].keys() == REQUIRED | {"vip"}
    assert server.bodies[0]["phone"] == "+1 999"
    assert (result.currency, result.phone, result.vip) == ("EUR", "+1 999", "2")


async def test_an_edit_that_changes_nothing_sends_nothing(client: Client, server: Server) -> None:
    await client.edit(lambda update: update)
    assert server.methods == ["GET"]


async def test_with_a_base_only_what_differs_from_it_is_a_change(client: Client, server: Server) -> None:
    base = Customer.from_dict(example())
    server.set(phone="+1 999", externalTier="Silver")
    await client.modify(ID, base=base, vip="2", phone=base.phone, external_tier=UNSET)
    assert server.bodies[0].keys() == REQUIRED | {"vip"}
    assert server.customer["phone"] == "+1 999"
