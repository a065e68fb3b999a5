"""That the sandbox follows the specification it is given, and that every clause a server can break has a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from trustly_customers.sandbox import _app, create_app, open_store
from trustly_customers.sandbox._api.customers import Customers
from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._api.parameters import ParameterReader
from trustly_customers.sandbox._http import Event
from trustly_customers.sandbox._spec import Spec

pytestmark = pytest.mark.anyio

NOT_A_SERVERS_TO_BREAK = {
    "https-only",  # the sandbox listens on loopback, without TLS; the client refuses other addresses without it
}


async def request(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, method: str, url: str, **options: Any
) -> httpx.Response:
    """One request to a sandbox that was given another specification."""
    monkeypatch.setattr(_app, "load_spec", lambda: Spec(document))
    store = open_store()
    transport = httpx.ASGITransport(create_app(store))
    async with httpx.AsyncClient(transport=transport, base_url="http://s", auth=("sandbox", "sandbox")) as api:
        answer = await api.request(method, url, **options)
    await store.close()
    return answer


def citations() -> Iterator[tuple[str, bool]]:
    """The clauses that tests cite, and whether the test runs over every store and in both ways."""
    for file in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                in_every_setting = any(argument.arg == "api" for argument in node.args.args)
                for decorator in map(ast.unparse, node.decorator_list):
                    for clause in re.findall(r"^pytest\.mark\.clause\('([a-z0-9-]+)'\)", decorator):
                        yield clause, in_every_setting


def test_every_clause_that_a_server_can_break_is_cited_by_a_test_over_both_stores_and_in_both_ways(
    spec: dict[str, Any],
) -> None:
    clauses = {clause["id"] for clause in spec["x-contract"]} - NOT_A_SERVERS_TO_BREAK
    assert {clause for clause, _ in citations()} <= clauses
    assert {clause for clause, in_every_setting in citations() if in_every_setting} == clauses


async def test_a_new_optional_field_is_checked_without_another_edit(
    document: dict[str, Any], update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["components"]["schemas"]["CustomerUpdate"]["properties"]["shoeSize"] = {"type": ["integer", "null"]}
    url = "/api/v1/customers/1002580963"
    bad = await request(document, monkeypatch, "POST", url, json={**update, "shoeSize": "x"})
    good = await request(document, monkeypatch, "POST", url, json={**update, "shoeSize": 42})
    assert bad.json()["errors"][0]["location"] == "/shoeSize"
    assert good.json()["customer"]["shoeSize"] == 42


async def test_a_new_format_is_checked_without_another_edit(
    document: dict[str, Any], update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = {"type": ["string", "null"], "format": "date"}
    document["components"]["schemas"]["CustomerUpdate"]["properties"]["verifiedOn"] = new
    url = "/api/v1/customers/1002580963"
    bad = await request(document, monkeypatch, "POST", url, json={**update, "verifiedOn": "yesterday"})
    good = await request(document, monkeypatch, "POST", url, json={**update, "verifiedOn": "2027-01-02"})
    assert bad.json()["errors"][0]["location"] == "/verifiedOn"
    assert good.json()["customer"]["verifiedOn"] == "2027-01-02"


async def test_a_new_provider_set_field_is_ignored_without_another_edit(
    document: dict[str, Any], update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    response = document["components"]["examples"]["CustomerResponse"]["value"]["customer"]
    document["components"]["schemas"]["Customer"]["properties"]["risk"] = {"type": "string", "readOnly": True}
    response["risk"] = "low"
    url = "/api/v1/customers/1002580963"
    answer = await request(document, monkeypatch, "POST", url, json={**update, "risk": "none"})
    assert answer.json()["customer"]["risk"] == "low"


async def test_a_provider_set_field_of_which_the_examples_say_nothing_is_just_not_there(
    document: dict[str, Any], update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["components"]["schemas"]["Customer"]["properties"]["risk"] = {"type": "string", "readOnly": True}
    for customer_id in ("1002580963", "1001165729"):
        answer = await request(document, monkeypatch, "POST", f"/api/v1/customers/{customer_id}", json=update)
        assert answer.status_code == 200
        assert "risk" not in answer.json()["customer"]


@pytest.mark.parametrize(("kind", "value"), [("string", "low"), ("integer", 4)])
async def test_a_provider_set_field_that_must_be_there_is_as_in_the_example_where_the_operator_gives_none(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, kind: str, value: object
) -> None:
    customer = document["components"]["schemas"]["Customer"]
    customer["properties"]["risk"] = {"type": kind, "readOnly": True}
    customer["required"].append("risk")
    document["components"]["examples"]["CustomerResponse"]["value"]["customer"]["risk"] = value
    body = {**document["components"]["examples"]["CustomerUpdate"]["value"], "customerId": "another"}
    answer = await request(document, monkeypatch, "POST", "/_sandbox/customers", json=body)
    assert answer.status_code == 201
    made = answer.json()["customer"]
    assert made["risk"] == value
    assert made["createdAt"] == made["updatedAt"] > 1_700_000_000_000


async def test_a_key_that_the_caller_chose_is_never_shown_even_where_a_rule_speaks_of_it(
    document: dict[str, Any], update: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["components"]["schemas"]["Address"]["additionalProperties"] = {"type": "string"}
    update["address"]["Jane Doe"] = 1
    answer = await request(document, monkeypatch, "POST", "/api/v1/customers/1002580963", json=update)
    assert answer.json()["errors"][0]["location"] == "/address/*"
    assert "Jane" not in answer.text


async def test_the_name_of_a_property_is_escaped_in_a_pointer(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["components"]["schemas"]["CustomerUpdate"]["properties"]["a/b~c"] = {"type": "integer"}
    body = {**document["components"]["examples"]["CustomerUpdate"]["value"], "a/b~c": "secret"}
    answer = await request(document, monkeypatch, "POST", "/api/v1/customers/1002580963", json=body)
    assert answer.json()["errors"][0]["location"] == "/a~1b~0c"
    assert "secret" not in answer.text


async def test_a_status_that_the_specification_gains_is_told_in_its_words(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["paths"]["/customers/{customerId}"]["get"]["responses"]["409"] = {"description": "Too late."}
    headers = {"Prefer": "code=409"}
    answer = await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (409, "Too late.")


async def test_a_resource_may_come_without_a_wrapper(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    customer = document["components"]["examples"]["CustomerResponse"]["value"]["customer"]
    schema, examples = {"$ref": "#/components/schemas/Customer"}, {"customer": {"value": customer}}
    content = {"application/json": {"schema": schema, "examples": examples}}
    document["paths"]["/customers/{customerId}"]["get"]["responses"]["200"]["content"] = content
    answer = await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963")
    assert answer.json() == customer


def test_a_reference_may_name_what_is_escaped(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["a/b~c"] = {"type": "string"}
    assert Spec(document).follow({"$ref": "#/components/schemas/a~1b~0c"}) == {"type": "string"}


def test_the_providers_numbers_are_known_by_what_they_mean(document: dict[str, Any]) -> None:
    assert Spec(document).error_codes[330] == "invalid account"


async def test_the_paths_are_those_of_the_specification(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["servers"][0]["url"] = "https://example.com/v9/"
    document["paths"] = {"/people/{id}": document["paths"]["/customers/{customerId}"]}
    # Seeds are stored under the property that the path's parameter names.
    document["components"]["examples"]["CustomerUpdate"]["value"]["id"] = "two"
    document["components"]["examples"]["CustomerResponse"]["value"]["customer"]["id"] = "one"
    assert (await request(document, monkeypatch, "GET", "/v9/people/two")).json()["customer"]["name"] == "John Smith"
    assert (await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963")).status_code == 404


async def test_an_operation_that_the_sandbox_does_not_know_is_501_and_the_others_go_on(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = document["paths"]["/customers/{customerId}"]
    document["paths"]["/customers/search"] = {"get": {**known["get"], "operationId": "searchCustomers"}}
    answer = await request(document, monkeypatch, "GET", "/api/v1/customers/search")
    assert answer.status_code == 501
    (error,) = answer.json()["errors"]
    assert error["message"] == "Nobody has written what searchCustomers does: it is not among Customers.handlers."
    refused = await request(document, monkeypatch, "DELETE", "/api/v1/customers/search")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963")).status_code == 200


async def test_what_answers_a_new_operation_is_given_its_valid_parameters(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    async def find(*arguments: object) -> bytes:
        given.extend(arguments)
        return b"{}"

    get = document["paths"]["/customers/{customerId}"]["get"]
    parameters = [{"name": "limit", "in": "query", "schema": LIMIT}, {"name": "q", "in": "query", "schema": {}}]
    document["paths"]["/customers"] = {"get": {**get, "operationId": "find", "parameters": parameters}}
    monkeypatch.setattr(Customers, "handlers", property(lambda _self: {"find": find}))
    answer = await request(document, monkeypatch, "GET", "/api/v1/customers?limit=7")
    assert (answer.status_code, answer.json()) == (200, {"customer": {}})
    assert given == ["", "", None, {"limit": 7}]


@pytest.mark.parametrize(
    "success",
    [
        {"204": {"description": "Gone."}},
        {"200": {"description": "A table.", "content": {"text/csv": {}}}},
        {"200": {"description": "Anything.", "content": {"application/json": {}}}},
    ],
    ids=["nothing", "no JSON", "any JSON"],
)
async def test_an_operation_may_answer_with_what_has_no_schema(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, success: dict[str, Any]
) -> None:
    known = document["paths"]["/customers/{customerId}"]
    known["delete"] = {**known["get"], "operationId": "deleteCustomer", "responses": success}
    answer = await request(document, monkeypatch, "DELETE", "/api/v1/customers/1002580963")
    assert (answer.status_code, "deleteCustomer" in answer.text) == (501, True)
    assert (await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963")).status_code == 200


LIMIT = {"type": "integer", "minimum": 1, "maximum": 100}
COUNTRY = "#/components/schemas/Address/properties/country"


@pytest.mark.parametrize(
    ("parameter", "sent", "status", "told"),
    [
        ({"in": "query", "schema": LIMIT}, {"params": {"Limit": "7"}}, 200, None),
        ({"in": "query", "schema": LIMIT}, {}, 200, None),
        ({"in": "query", "schema": LIMIT}, {"params": {"another": "x"}}, 200, None),
        ({"in": "query", "schema": LIMIT}, {"params": {"Limit": "0"}}, 400, "/query/Limit: minimum"),
        ({"in": "query", "schema": LIMIT}, {"params": {"Limit": "secret"}}, 400, "/query/Limit: type"),
        ({"in": "query", "schema": LIMIT}, {"params": {"Limit": ["1", "2"]}}, 400, "/query/Limit: type"),
        ({"in": "query", "schema": LIMIT, "required": True}, {}, 400, "/query/Limit: required"),
        ({"in": "query", "schema": {"type": "boolean"}}, {"params": {"Limit": "true"}}, 200, None),
        ({"in": "query", "schema": {"type": "boolean"}}, {"params": {"Limit": "yes"}}, 400, "/query/Limit: type"),
        ({"in": "query", "schema": {"type": "number"}}, {"params": {"Limit": "1.5"}}, 200, None),
        ({"in": "query", "schema": {"type": "number"}}, {"params": {"Limit": "secret"}}, 400, "/query/Limit: type"),
        ({"in": "query", "schema": {"type": "string"}}, {"params": {"Limit": "7"}}, 200, None),
        ({"in": "query", "schema": {"type": "string"}}, {"params": {"Limit": "1.5"}}, 200, None),
        ({"in": "query", "schema": {"type": "string"}}, {"params": {"Limit": "true"}}, 200, None),
        ({"in": "query", "schema": LIMIT}, {"params": {"Limit": ""}}, 400, "/query/Limit: type"),
        ({"in": "query", "schema": {"type": "string"}, "required": True}, {"params": {"Limit": ""}}, 200, None),
        ({"in": "query", "schema": LIMIT}, {"params": {"another": b"\xff"}}, 200, None),
        ({"in": "query", "schema": {"type": ["integer", "null"]}}, {"params": {"Limit": "7"}}, 200, None),
        ({"in": "query", "schema": {"pattern": "^[A-Z]+$"}}, {"params": {"Limit": "secret"}}, 400, "Limit: pattern"),
        ({"in": "query", "schema": {"$ref": COUNTRY}}, {"params": {"Limit": "secret"}}, 400, "Limit: pattern"),
        (
            {"in": "query", "schema": {"type": "array", "items": {"$ref": COUNTRY}}},
            {"params": {"Limit": ["US", "secret"]}},
            400,
            "/query/Limit: pattern",
        ),
        ({"in": "query", "schema": {"type": "array", "items": LIMIT}}, {"params": {"Limit": ["1", "2"]}}, 200, None),
        (
            {"in": "query", "schema": {"type": "array", "items": LIMIT}},
            {"params": {"Limit": ["1", "0"]}},
            400,
            "/query/Limit: minimum",
        ),
        (
            {"in": "header", "schema": {"type": "string", "format": "date"}},
            {"headers": {"LIMIT": "2027-01-01"}},
            200,
            None,
        ),
        (
            {"in": "header", "schema": {"type": "string", "format": "date"}},
            {"headers": {"LIMIT": "secret"}},
            400,
            "/header/Limit: format",
        ),
    ],
)  # fmt: skip
async def test_a_new_parameter_is_checked_without_another_edit(  # noqa: PLR0913, PLR0917 - the columns of the table
    document: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    parameter: dict[str, Any],
    sent: dict[str, Any],
    status: int,
    told: str | None,
) -> None:
    document["paths"]["/customers/{customerId}"]["get"]["parameters"] = [{"name": "Limit", **parameter}]
    answer = await request(document, monkeypatch, "GET", "/api/v1/customers/1002580963", **sent)
    assert answer.status_code == status
    assert told is None or told in answer.text
    assert "secret" not in answer.text


async def test_a_query_of_any_bytes_is_read(document: dict[str, Any]) -> None:
    get = document["paths"]["/customers/{customerId}"]["get"]
    get["parameters"] = [{"name": "Limit", "in": "query", "schema": LIMIT}]
    spec = Spec(document)
    reader = ParameterReader(spec.operation("getCustomer"), spec)

    async def receive() -> Event:
        raise AssertionError("parameters need no body")

    exchange = Exchange("GET", b"/", (), receive, query=b"\xff=1&Limit=7&\xe9")
    assert reader.read(exchange) == ({"Limit": 7}, [])


async def test_a_parameter_of_the_path_is_checked_for_each_of_its_operations(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parameter = {"name": "Limit", "in": "query", "schema": LIMIT}
    document["paths"]["/customers/{customerId}"]["parameters"].append(parameter)
    for method in ("GET", "POST"):
        body = {"json": document["components"]["examples"]["CustomerUpdate"]["value"]} if method == "POST" else {}
        for limit, status in (("7", 200), ("0", 400)):
            path = f"/api/v1/customers/1002580963?Limit={limit}"
            answer = await request(document, monkeypatch, method, path, **body)
            assert answer.status_code == status, (method, limit)


@pytest.mark.parametrize(
    "example",
    [
        {"reason": "being closed"},
        ["closing"],
        "closing",
        7,
        False,
        {"errors": "one"},
        {"errors": []},
        {"errors": ["one"]},
    ],
)
async def test_a_fault_answers_in_the_form_that_the_specification_gives_the_status(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, example: Any
) -> None:
    content = {"schema": {}, "examples": {"closing": {"value": example}}}
    post = document["paths"]["/customers/{customerId}"]["post"]
    post["responses"]["409"] = {"description": "Closing.", "content": {"application/json": content}}
    url = "/api/v1/customers/1002580963"
    answer = await request(document, monkeypatch, "GET", url, headers={"Prefer": "code=409"})
    assert (answer.status_code, answer.json()) == (409, example)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")
