"""Arguments of a call that cannot be sent: refused by name, and nothing leaves."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any, cast

import pytest
import respx

from trustly_customers import UNSET, Address, CustomData, CustomerUpdate, InvalidRequestError

from . import _spec
from ._clients import Client, an_update

pytestmark = pytest.mark.anyio

NOT_IDENTIFIERS: list[Any] = [
    "",
    ".",
    "..",
    "...",
    "." * 50,
    None,
    5,
    0,
    True,
    b"1",
    1.5,
    [],
    {},
    UNSET,
    "\ud800",
    "zq\udfffb",
]


def itself() -> list[Any]:
    holder: list[Any] = ["zqsecret"]
    holder.append(holder)
    return holder


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


NOT_JSON = {
    "bytes": b"zqsecret",
    "set": {"zqsecret"},
    "object": object(),
    "class": Address,
    "function": len,
    "date": dt.date(2020, 1, 1),
    "decimal": decimal.Decimal("1.5"),
    "complex": 3j,
    "unset": UNSET,
    "model": Address(country="zqsecret"),
    "nan": math.nan,
    "infinity": -math.inf,
    "surrogate": "zqsecret\ud800",
    "surrogate in a key": {"zqsecret\ud800": 1},
    "key of bytes": {b"zqsecret": 1},
    "key of a tuple": {("zqsecret",): 1},
    "itself": itself(),
    "deep": nested(100_000),
    "long number": 10**5000,
}


async def refused(client: Client, server: respx.MockRouter, identifier: Any = "1", body: Any = None) -> str:
    """Return the text with which an update is refused."""
    with pytest.raises(InvalidRequestError) as caught:
        await client.update(identifier, body)
    assert not server.calls
    error = caught.value
    assert "zq" not in f"{error} {error!r} {error.__cause__!r} {error.__context__!r}"
    return str(error)


async def test_what_is_no_identifier_is_refused_and_nothing_is_sent(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for identifier in NOT_IDENTIFIERS:
        with subtests.test(repr(identifier)):
            assert (await refused(client, server, identifier)).startswith("customer_id must be ")
            with pytest.raises(InvalidRequestError, match=r"^customer_id must be "):
                await client.get(cast("str", identifier))
            assert not server.calls


async def test_an_identifier_too_long_for_any_url_is_refused(client: Client, server: respx.MockRouter) -> None:
    text = await refused(client, server, "zq" * 100_000)
    assert len(text) < 200


async def test_a_value_that_json_has_no_form_for_is_refused_wherever_it_stands(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for name, value in NOT_JSON.items():
        with subtests.test(name):
            update = an_update()
            update.custom_data = CustomData.from_dict({"a": [value]})
            assert "body" in await refused(client, server, body=update)
            update = an_update()
            update["unknown"] = value
            assert "body" in await refused(client, server, body=update)
            update = an_update()
            update.address["unknown"] = value
            assert "body" in await refused(client, server, body=update)


async def test_a_declared_property_that_json_has_no_form_for_is_refused(
    client: Client, server: respx.MockRouter, subtests: pytest.Subtests
) -> None:
    for field in _spec.fields("CustomerUpdate"):
        with subtests.test(str(field)):
            for value in (b"zqsecret", object(), math.nan, "zqsecret\ud800", {"zqsecret"}):
                update = CustomerUpdate.from_dict(_spec.Planted("CustomerUpdate").value)
                holder: Any = update
                for name in field.path[:-1]:
                    holder = getattr(holder, _spec.attribute(type(holder), name))
                setattr(holder, _spec.attribute(type(holder), field.path[-1]), value)
                told = await refused(client, server, body=update)
                assert told.startswith(
                    ("the body holds ", f"{_spec.attribute(CustomerUpdate, field.path[0])} must be ")
                )


@pytest.mark.parametrize(
    "body", [{}, {"name": "zqsecret"}, [], "zqsecret", b"", 5, True, UNSET, 3j, Address(country="US")], ids=repr
)
async def test_a_body_that_is_no_customer_is_refused(body: Any, client: Client, server: respx.MockRouter) -> None:
    assert await refused(client, server, body=body) == "body must be a CustomerUpdate or a Customer; nothing was sent"


@pytest.mark.parametrize("address", [None, "zqsecret", {"country": "US"}, UNSET], ids=repr)
async def test_an_address_that_is_no_address_is_refused(address: Any, client: Client, server: respx.MockRouter) -> None:
    update = an_update()
    update.address = address
    assert (await refused(client, server, body=update)).startswith("address ")
