"""The specification's own examples, and answers made of them."""

from __future__ import annotations

import json
from typing import Any

from trustly_api.models import CustomerUpdate
from trustly_api.resources.customers import GET_CUSTOMER
from trustly_customers._spec import document, resolve, response_schema

_EXAMPLES = document()["components"]["examples"]
ANSWER: dict[str, Any] = _EXAMPLES["CustomerResponse"]["value"]
(WRAPPER,) = ANSWER
CUSTOMER: dict[str, Any] = ANSWER[WRAPPER]
REQUIRED: list[str] = resolve(resolve(response_schema(GET_CUSTOMER.operation_id, 200))["properties"][WRAPPER])[
    "required"
]
IDENTIFIER: str = document()["components"]["parameters"]["CustomerId"]["example"]
GOOD = json.dumps(ANSWER).encode()
ERRORS = json.dumps(_EXAMPLES["InvalidParameter"]["value"]).encode()


def update() -> CustomerUpdate:
    return CustomerUpdate.from_dict(_EXAMPLES["CustomerUpdate"]["value"])


def without(name: str) -> bytes:
    return json.dumps({WRAPPER: {key: value for key, value in CUSTOMER.items() if key != name}}).encode()


def head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


def answer(status: str, body: bytes, *headers: str) -> bytes:
    return head(status, *headers, f"Content-Length: {len(body)}") + body
