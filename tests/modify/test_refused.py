"""What `modify` refuses before anything is sent, and before a lock is taken."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import attrs
import pytest

from trustly_customers import Address, CustomData, Customer, CustomerUpdate, DriverLicense, InvalidRequestError
from trustly_customers.locks import AsyncInProcessLock, InProcessLock

from ._server import Server, example
from .conftest import ID, Client, Lock

pytestmark = pytest.mark.anyio

UNFIT: list[Any] = [
    object(),
    b"zq",
    {1, 2},
    CustomData.from_dict({"a": object()}),
    CustomData.from_dict({"a": {("zq",): 1}}),
]


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"external_teir": "zq"}, "external_teir is no property of a customer; did you mean external_tier?"),
        ({"externalTier": "zq"}, "did you mean external_tier?"),
        ({"zzz": 1}, "there are name, address"),
        ({"customer_ID": "zq"}, "is no property"),
        ({"vip": 2}, "vip is not of type string or null"),
        ({"vip": True}, "vip is not of type string or null"),
        ({"enroll_date": "zq"}, "enroll_date is not of type integer or null"),
        ({"enroll_date": -1}, "enroll_date does not fit minimum 0"),
        ({"name": None}, "name is not of type string"),
        ({"name": ""}, "name does not fit minLength 1"),
        ({"email": ""}, "email does not fit minLength 1"),
        ({"external_id": ""}, "external_id does not fit minLength"),
        ({"address": None}, "address must be of type Address"),
        ({"address": {"country": "zq"}}, "address must be of type Address"),
        ({"address": Address(country="zq")}, "address.country does not fit pattern"),
        ({"driver_license": DriverLicense(number="1", state="zq")}, "driver_license.state does not fit pattern"),
        ({"driver_license": {"number": "zq"}}, "driver_license.state is missing"),
        ({"custom_data": [1]}, "custom_data is not of type"),
        *[({"custom_data": value}, "custom_data must be of type CustomData | None") for value in UNFIT],
    ],
)
async def test_a_wrong_keyword_is_refused_before_anything_is_done(
    keywords: dict[str, Any], words: str, client: Client, server: Server, lock: Lock
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await client.modify(ID, lock=lock, **keywords)
    assert words in str(caught.value)
    assert str(caught.value).endswith("; nothing was sent")
    assert "zq" not in str(caught.value)
    assert server.methods == lock.events == []


@pytest.mark.parametrize("customer_id", ["", ".", "..", None, 7, "a\ud800"])
async def test_a_wrong_id_is_refused_before_the_lock(
    customer_id: Any, client: Client, server: Server, lock: Lock
) -> None:
    with pytest.raises(InvalidRequestError, match=r"^customer_id must be"):
        await client.modify(customer_id, lock=lock, vip="2")
    assert server.methods == lock.events == []


@pytest.mark.parametrize(
    ("arguments", "named", "name"),
    [
        ((), {"customer_id": ID}, "customer_id"),
        ((), {"customer_id": ID, "edit": lambda _: None}, "customer_id"),
        ((ID,), {"customer_id": "zq"}, "customer_id"),
        ((ID,), {"edit": lambda _: None}, "edit"),
    ],
)
async def test_what_goes_by_its_place_is_not_taken_for_a_property(  # noqa: PLR0913, PLR0917 - fixtures
    arguments: tuple[str, ...], named: dict[str, Any], name: str, client: Client, server: Server, lock: Lock
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await client.plainly(*arguments, **named, vip="2", lock=lock)
    assert str(caught.value) == (
        f"{name} goes by its place, without its name: modify(customer_id, edit, ...); nothing was sent"
    )
    assert server.methods == lock.events == []


async def test_without_any_id_python_says_so_itself(client: Client) -> None:
    with pytest.raises(TypeError, match="customer_id"):
        await client.plainly(vip="2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"base": example()}, "base must be a Customer"),
        ({"base": CustomerUpdate.from_dict(example())}, "base must be a Customer"),
        ({"lock": InProcessLock}, "lock must give"),
        ({"lock": object()}, "lock must give"),
        ({"lock": lambda _: None}, "lock must give"),
    ],
)
async def test_a_wrong_argument_is_refused(
    arguments: dict[str, Any], words: str, client: Client, server: Server
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        await client.modify(ID, vip="2", **arguments)
    assert server.methods == []


async def test_a_lock_for_the_other_kind_of_code_is_refused(flavour: str, client: Client, server: Server) -> None:
    wrong: Any = AsyncInProcessLock() if flavour == "sync" else InProcessLock()
    with pytest.raises(InvalidRequestError, match="lock must give"):
        await client.modify(ID, vip="2", lock=wrong)
    assert server.methods == []


@pytest.mark.parametrize("edit", ["zq", 7, CustomerUpdate.from_dict(example())])
async def test_an_edit_must_be_a_function(edit: Any, client: Client, server: Server) -> None:
    with pytest.raises(
        InvalidRequestError, match=r"^edit must be a function that changes a CustomerUpdate; nothing was sent$"
    ):
        await client.edit(edit)
    assert server.methods == []


async def test_an_edit_that_would_be_awaited_is_refused(client: Client, server: Server) -> None:
    async def edit(update: CustomerUpdate) -> None:
        update.vip = "2"

    with pytest.raises(InvalidRequestError, match=r"edit must change .* not awaited"):
        await client.edit(edit)
    assert server.bodies == []


async def test_an_edit_that_makes_another_update_is_refused(client: Client, server: Server) -> None:
    with pytest.raises(InvalidRequestError, match="nor its result used"):
        await client.edit(lambda update: attrs.evolve(update, vip="2"))
    assert server.bodies == []


def _set(update: CustomerUpdate, name: str, value: Any) -> None:
    setattr(update, name, value)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (partial(_set, name="vip", value=2), "vip is not of type"),
        (partial(_set, name="name", value=None), "name is not of type"),
        (partial(_set, name="address", value=None), "address must be of type Address"),
        (partial(_set, name="currency", value=b"zq"), "currency must be of type None | str"),
        (lambda update: update.__delattr__("name"), "name must be of type str"),
        (lambda update: update.__delattr__("currency"), "currency must be of type None | str"),
        (lambda update: update.__setitem__("zq", object()), "a property that the specification does not name"),
        (lambda update: update.__setitem__("zq", math.nan), "number that JSON has no form for"),
    ],
)
async def test_what_an_edit_makes_is_checked(edit: Any, words: str, client: Client, server: Server) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await client.edit(edit)
    assert words in str(caught.value)
    assert caught.value.tries == 0
    assert "zq" not in str(caught.value)
    assert server.bodies == []


async def test_what_an_edit_raises_is_raised_and_the_lock_given_back(
    client: Client, server: Server, lock: Lock
) -> None:
    class Oops(Exception):  # noqa: N818 - a user's own
        pass

    oops = Oops()

    def edit(update: CustomerUpdate) -> None:
        update.vip = "2"
        raise oops

    with pytest.raises(Oops) as caught:
        await client.edit(edit, lock=lock)
    assert caught.value is oops
    assert server.bodies == []
    assert lock.events == [f"held {ID}", "released"]


async def test_a_misspelt_attribute_in_an_edit_is_an_error(client: Client, server: Server) -> None:
    def edit(update: Any) -> None:
        update.external_teir = "Gold"

    with pytest.raises(AttributeError, match="external_teir"):
        await client.edit(edit)
    assert server.bodies == []


async def test_validation_switched_off_lets_values_through_but_not_names(client: Client, server: Server) -> None:
    lenient = client.with_options(validate=False)
    await lenient.modify(ID, external_id="", name="")
    assert server.changes() == [{"externalId": "", "name": ""}]
    with pytest.raises(InvalidRequestError, match="did you mean vip"):
        await lenient.modify(ID, vipp="2")
    with pytest.raises(InvalidRequestError, match="address must be of type Address"):
        await lenient.modify(ID, address="zq")


@pytest.mark.parametrize("edit", [None, lambda _: None])
@pytest.mark.parametrize("base", [None, Customer.from_dict(example())])
async def test_a_model_in_the_place_of_another_is_refused_without_validation_too(
    edit: Any, base: Customer | None, client: Client, server: Server
) -> None:
    server.set(address={"country": "CA"})
    with pytest.raises(InvalidRequestError, match="specification gives it; nothing was sent"):
        await client.with_options(validate=False).edit(edit, base=base, address=CustomData.from_dict({"zq": 1}))
    with pytest.raises(InvalidRequestError, match="specification gives it; nothing was sent"):
        await client.edit(partial(_set, name="address", value=CustomData()), base=base)
    assert server.bodies == []


async def test_a_base_that_was_spoilt_is_refused(client: Client, server: Server) -> None:
    base: Any = Customer.from_dict(example())
    base.address = None
    with pytest.raises(InvalidRequestError, match="base"):
        await client.modify(ID, base=base, vip="2")
    assert server.methods == []
