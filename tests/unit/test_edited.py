"""What either client does with a specification that holds what this one does not hold yet."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import respx

from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers import Customer, InvalidRequestError, ResponseShapeError

from . import _spec
from ._clients import CUSTOMER_ID, Client, a_customer
from .conftest import EditSpec

pytestmark = pytest.mark.anyio


def add_contact(document: _spec.Json) -> None:
    forms = [{"type": "object", "required": ["number"]}, {"type": "object", "required": ["mail"]}]
    for name in ("CustomerUpdate", "Customer"):
        document["components"]["schemas"][name]["properties"]["contact"] = {"oneOf": [*forms, {"type": "null"}]}


def add_times(document: _spec.Json) -> None:
    schemas = document["components"]["schemas"]
    schemas["Seen"] = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}
    schemas["Customer"]["properties"] |= {
        "bornOn": {"type": "string", "format": "date"},
        "seen": {"type": "array", "items": {"$ref": "#/components/schemas/Seen"}},
        "tags": {"type": "array"},
    }


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({"bornOn": "zqzq"}, "customer.bornOn"),
        ({"bornOn": "2027-01-02", "seen": [{}, {"at": "2027-12-31T23:59:60Z"}]}, "customer.seen.1.at"),
        ({"seen": [{"at": "2027-12-31t23:59:59z"}]}, "customer.seen.0.at"),
        ({"tags": ["zq"], "seen": [{"at": "2027-12-31T23:59:59Z"}]}, "the body"),
    ],
)
async def test_a_date_that_cannot_be_read_is_told_by_its_place(
    properties: dict[str, Any], place: str, edit_spec: EditSpec, client: Client, server: respx.MockRouter
) -> None:
    def parse(_: object) -> Customer:
        raise ValueError

    edit_spec(add_times)
    server["any"].respond(json={"customer": {**a_customer().to_dict(), **properties}})
    with pytest.raises(ResponseShapeError) as caught:
        await client.send(dataclasses.replace(GET_CUSTOMER, parse=parse), customer_id=CUSTOMER_ID)
    assert f"yet {place} could not be read as what the specification describes." in str(caught.value)
    assert "zq" not in str(caught.value)


def reached_by(contact: Any) -> Customer:
    customer = a_customer()
    customer["contact"] = contact
    return customer


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ({"number": "zq", "mail": "zq"}, "contact fits several of its forms, and must fit exactly one"),
        ({}, "contact.number is missing"),
        ("zq", "contact is not of type object or null"),
    ],
)
async def test_a_value_that_fits_not_one_form_is_refused_by_name(
    contact: Any, told: str, edit_spec: EditSpec, client: Client, server: respx.MockRouter
) -> None:
    edit_spec(add_contact)
    with pytest.raises(InvalidRequestError) as caught:
        await client.update(body=reached_by(contact))
    assert str(caught.value) == f"{told}; nothing was sent"
    assert not server.calls


async def test_an_answer_that_fits_several_forms_is_read_and_kept(
    edit_spec: EditSpec, client: Client, server: respx.MockRouter
) -> None:
    edit_spec(add_contact)
    answered = reached_by({"number": "1", "mail": "m"})
    server["any"].respond(json={"customer": answered.to_dict()})
    assert await client.get() == answered
