"""What either client does with a specification that holds what this one does not hold yet."""

from __future__ import annotations

from typing import Any

import pytest
import respx

from trustly_customers import Customer, InvalidRequestError

from . import _spec
from ._clients import Client, a_customer
from .conftest import EditSpec

pytestmark = pytest.mark.anyio


def add_contact(document: _spec.Json) -> None:
    forms = [{"type": "object", "required": ["number"]}, {"type": "object", "required": ["mail"]}]
    for name in ("CustomerUpdate", "Customer"):
        document["components"]["schemas"][name]["properties"]["contact"] = {"oneOf": [*forms, {"type": "null"}]}


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
