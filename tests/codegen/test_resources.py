"""The resource classes follow the specification's operations."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import Any

import pytest
from tests.codegen._documents import PATH, add_list

from codegen import render, soundness
from codegen.spec import SPEC_PATH, Spec, SpecError

RESOURCE = PurePosixPath("trustly_api/resources/customers.py")


def generated(document: dict[str, Any], path: PurePosixPath = RESOURCE) -> str:
    return render.render(Spec(path=str(SPEC_PATH), document=document, sha256="0")).get(path, b"").decode()


def signatures(source: str, class_name: str) -> dict[str, str]:
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    return {
        node.name: f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}({ast.unparse(node.args)}) -> "
        f"{node.returns and ast.unparse(node.returns)}"
        for node in classes[class_name].body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__"
    }


def test_each_operation_is_a_method_named_without_the_noun_sync_and_async(document: dict[str, Any]) -> None:
    plain = {method: {**document["paths"][PATH][method], "parameters": []} for method in ("get", "post")}
    document["paths"] = {PATH: {"parameters": document["paths"][PATH]["parameters"], **plain}}
    source = generated(document)
    assert signatures(source, "CustomersResource") == {
        "get": "(self, customer_id: str) -> Customer",
        "update": "(self, customer_id: str, body: CustomerUpdate) -> Customer",
    }
    assert signatures(source, "AsyncCustomersResource") == {
        "get": "async (self, customer_id: str) -> Customer",
        "update": "async (self, customer_id: str, body: CustomerUpdate) -> Customer",
    }


def test_a_new_operation_becomes_a_method_even_if_it_hides_a_built_in(document: dict[str, Any]) -> None:
    add_list(document)
    source = generated(document)
    assert signatures(source, "CustomersResource")["list"] == (
        "(self, *, external_id: str | Unset=UNSET, email: str | Unset=UNSET) -> builtins.list[Customer]"
    )
    assert "external_id: Whose id is this." in source


def test_an_operation_says_where_its_parameters_go(document: dict[str, Any]) -> None:
    operation = document["paths"]["/customers/{customerId}"]["post"]
    operation["parameters"] = [
        {"name": name, "in": place, "description": "New.", "schema": {"type": "string"}}
        for name, place in (("Idempotency-Key", "header"), ("sendTo", "query"))
    ]
    wanted = {"send_to": ("query", "sendTo"), "idempotency_key": ("header", "Idempotency-Key")}
    found = [node for node in ast.walk(ast.parse(generated(document))) if isinstance(node, ast.keyword)]
    assert wanted in [ast.literal_eval(node.value) for node in found if node.arg == "parameters"]


def test_without_x_unwrap_the_method_returns_the_answers_schema(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["CustomerResponse"]["x-unwrap"]
    assert signatures(generated(document), "CustomersResource")["get"].endswith("-> CustomerResponse")


def test_x_unwrap_that_names_no_required_property_is_told(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["CustomerResponse"]["x-unwrap"] = "client"
    with pytest.raises(SpecError, match="x-unwrap names 'client'"):
        generated(document)


def test_two_operations_of_one_method_name_are_told(document: dict[str, Any]) -> None:
    document["paths"]["/customers/{customerId}"]["post"]["operationId"] = "getCustomers"
    with pytest.raises(SpecError, match="two methods 'get'"):
        generated(document)


def test_an_operation_that_is_only_its_noun_is_told(document: dict[str, Any]) -> None:
    document["paths"]["/customers/{customerId}"]["get"]["operationId"] = "customer"
    with pytest.raises(SpecError, match="use a verb and the noun"):
        generated(document)


def test_an_operation_that_the_generator_would_skip_is_an_error(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "ensure", lambda _spec: None)  # which would have told it first
    document["paths"]["/customers/{id}"] = document["paths"].pop("/customers/{customerId}")
    with pytest.raises(SpecError, match="Path parameters do not match with path"):
        generated(document)


def test_a_property_marked_sensitive_shows_no_value_in_a_repr(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Address"]["properties"]["geo"] = {"type": "string", "x-sensitive": True}
    source = generated(document, PurePosixPath("trustly_api/models/address.py"))
    assert "geo: str | Unset = _attrs_field(default=UNSET, repr=redacted)" in source
