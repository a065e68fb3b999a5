"""The specification as tests edit it, and three operations that it has not."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]
PATH = "/customers/{customerId}"


def schemas(document: Node) -> Node:
    found: Node = document["components"]["schemas"]
    return found


CREDENTIALS: list[Node] = [{"basicAuth": []}]
LIST = {
    "operationId": "listCustomers",
    "summary": "List customers",
    "tags": ["customers"],
    "security": CREDENTIALS,
    "parameters": [
        {"name": "externalId", "in": "query", "description": "Whose id is this.", "schema": {"type": "string"}},
        {"name": "email", "in": "query", "description": "Whose address is this.", "schema": {"type": "string"}},
    ],
    "responses": {
        "200": {
            "description": "The customers found.",
            "headers": {"Cache-Control": {"$ref": "#/components/headers/NoStore"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CustomerList"}}},
        },
        **{status: {"$ref": f"#/components/responses/{name}"} for status, name in (
            ("400", "BadRequest"), ("401", "Unauthorized"), ("405", "MethodNotAllowed"),
            ("500", "InternalError"), ("503", "Unavailable"))},
    },
}  # fmt: skip
CUSTOMER_LIST = {
    "type": "object",
    "description": "Customers.",
    "x-unwrap": "customers",
    "required": ["customers"],
    "properties": {
        "customers": {
            "type": "array",
            "description": "Those found.",
            "items": {"$ref": "#/components/schemas/Customer"},
            "x-sensitive": True,
        }
    },
}
MERCHANT = {
    "type": "object",
    "description": "A merchant.",
    "additionalProperties": True,
    "required": ["merchantId"],
    "properties": {"merchantId": {"type": "string", "description": "The provider's identifier of the merchant."}},
}


def add_list(document: Node) -> None:
    schemas(document)["CustomerList"] = CUSTOMER_LIST
    document["paths"].setdefault("/customers", {})["get"] = LIST


def add_create(document: Node) -> None:
    update = document["paths"][PATH]["post"]
    responses = {status: {key: value for key, value in response.items() if key != "links"}
                 for status, response in update["responses"].items() if status != "404"}  # fmt: skip
    document["paths"].setdefault("/customers", {})["post"] = {
        **update,
        "operationId": "createOrUpdateCustomer",
        "summary": "Create or update a customer",
        "responses": responses,
    }


def add_merchant(document: Node) -> None:
    schemas(document)["Merchant"] = MERCHANT
    document["tags"].append({"name": "merchants", "description": "Those who sell."})
    get = document["paths"][PATH]["get"]
    success = {"description": "The merchant.", "headers": get["responses"]["200"]["headers"]}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Merchant"}}}
    parameter = {"name": "merchantId", "in": "path", "required": True, "description": "Which merchant."}
    document["paths"]["/merchants/{merchantId}"] = {
        "parameters": [{**parameter, "schema": {"type": "string"}, "example": "110005502"}],
        "get": {
            "operationId": "getMerchant",
            "summary": "Get a merchant",
            "tags": ["merchants"],
            "security": CREDENTIALS,
            "responses": {**get["responses"], "200": {**success, "content": content}},
        },
    }
