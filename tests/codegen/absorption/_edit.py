"""What an edit of the specification is, and the small ones that the rest are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.codegen._documents import PATH, Node, schemas


@dataclass(frozen=True)
class Edit:
    """One edit; `code` is the body of a function of `client` and `customer_id`."""

    name: str
    apply: Callable[[Node], object]
    code: str
    imports: str = ""


def examples(document: Node) -> list[Node]:
    """The two examples of a customer, as objects."""
    found = document["components"]["examples"]
    return [found["CustomerUpdate"]["value"], found["CustomerResponse"]["value"]["customer"]]


def add(name: str, schema: Node, components: Node | None = None) -> Callable[[Node], None]:
    """Give customers one more optional property, which an update may remove."""

    def edit(document: Node) -> None:
        schemas(document).update(components or {})
        sent = {**schema, "description": "Something new."}
        if "$ref" in schema:
            sent = {"oneOf": [schema, {"type": "null"}], "description": "Something new."}
        elif "type" in schema:
            sent["type"] = [schema["type"], "null"]
        schemas(document)["CustomerUpdate"]["properties"][name] = sent
        schemas(document)["Customer"]["properties"][name] = {**schema, "description": "Something new."}

    return edit


def add_to_address(name: str, schema: Node) -> Callable[[Node], None]:
    """Give addresses one more optional property."""

    def edit(document: Node) -> None:
        schemas(document)["Address"]["properties"][name] = {**schema, "description": "Something new."}

    return edit


def set_and_read(name: str, value: str, other: str) -> str:
    """Code that sets a property in each way that there is, reads it back, and removes it."""
    return f"""
    customer = client.customers.modify(customer_id, {name}={value})
    assert customer.{name} == {value}
    customer.{name} = {other}
    assert client.customers.update(customer_id, customer).{name} == {other}
    update = CustomerUpdate(name="Jo", address=Address(country="US"), phone="1", email="jo@example.com", {name}=None)
    assert client.customers.update(customer_id, update).{name} is UNSET
    assert client.customers.get(customer_id).{name} is UNSET
"""


def change(schema: str, name: str, **keywords: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        schemas(document)[schema]["properties"][name].update(keywords)

    return edit


def change_both(name: str, **keywords: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        for schema in ("CustomerUpdate", "Customer"):
            change(schema, name, **keywords)(document)

    return edit


def remove(name: str) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        for schema in ("CustomerUpdate", "Customer"):
            del schemas(document)[schema]["properties"][name]

    return edit


def require_segment(document: Node) -> None:
    for schema in ("CustomerUpdate", "Customer"):
        schemas(document)[schema]["properties"]["segment"] = {"type": "string", "description": "A segment of ours."}
        schemas(document)[schema]["required"].append("segment")
    for example in examples(document):
        example["segment"] = "retail"


def add_parameter(method: str, **parameter: Any) -> Callable[[Node], None]:
    def edit(document: Node) -> None:
        document["paths"][PATH][method].setdefault("parameters", []).append({"description": "New.", **parameter})

    return edit


def add_answer(method: str, status: str, name: str, example: Node) -> Callable[[Node], None]:
    """Let an operation answer with one more status, whose body is an object of its own kind."""

    def edit(document: Node) -> None:
        schemas(document)[name] = {
            "type": "object",
            "description": "Something new.",
            "additionalProperties": True,
            "required": ["reason"],
            "properties": {"reason": {"type": "string", "description": "Something new."}},
        }
        document["components"]["examples"][name] = {"summary": "Something new.", "value": example}
        document["paths"][PATH][method]["responses"][status] = {
            "description": "Something new.",
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{name}"},
                    "examples": {"new": {"$ref": f"#/components/examples/{name}"}},
                }
            },
        }

    return edit


def add_provider_set(document: Node) -> None:
    """Give customers a property that the provider sets, now and then; the examples show none."""
    risk = {"type": "string", "readOnly": True, "description": "What the provider thinks of the customer."}
    schemas(document)["Customer"]["properties"]["risk"] = risk


def add_server(document: Node) -> None:
    server = {"url": "https://eu.trustly.one/api/v1", "description": "Europe's.", "x-environment": "europe"}
    document["servers"].append(server)


def add_failure_without_body(document: Node) -> None:
    document["paths"][PATH]["post"]["responses"]["429"] = {"description": "Too many requests."}
