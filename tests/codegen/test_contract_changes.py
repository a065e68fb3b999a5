"""The table of changes to the contract: each with the verdict for callers and for servers that it must get."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.codegen._documents import PATH, Node, schemas

import changes as command
from codegen.spec import SPEC_PATH, Spec
from compat.change import Change, Kind, Level, reworded
from compat.contract import contract_changes

N, A, B = Level.NEUTRAL, Level.ADDITIVE, Level.BREAKING


@dataclass(frozen=True)
class Row:
    """An edit, and what it must be found to be; `version` is what it calls for."""

    name: str
    edit: Callable[[Node], object]
    kind: Kind
    place: str
    callers: Level
    servers: Level
    version: str


def properties(document: Node, schema: str) -> Node:
    found: Node = schemas(document)[schema]["properties"]
    return found


def operation(document: Node, method: str = "get") -> Node:
    found: Node = document["paths"][PATH][method]
    return found


def answer(document: Node, status: str = "200") -> Node:
    found: Node = operation(document)["responses"][status]
    return found


def add_parameter(document: Node, **more: Any) -> None:
    parameter = {"name": "fields", "in": "query", "description": "Which.", "schema": {"type": "string"}, **more}
    operation(document)["parameters"] = [parameter]


def clauses(document: Node) -> list[Node]:
    found: list[Node] = document["x-contract"]
    return found


GET, POST = f"GET {PATH}", f"POST {PATH}"
NEW = {"type": "string", "description": "A nickname."}
ADDED, REMOVED, CHANGED = Kind.ADDED, Kind.REMOVED, Kind.CHANGED
TIGHTENED, LOOSENED, REWORDED = Kind.TIGHTENED, Kind.LOOSENED, Kind.REWORDED

TABLE = [
    # What may be sent.
    Row("a new optional property may be sent",
        lambda d: properties(d, "CustomerUpdate").update(nick=NEW),
        ADDED, "CustomerUpdate.nick", A, A, "minor"),
    Row("a new required property must be sent",
        lambda d: [properties(d, "CustomerUpdate").update(nick=NEW),
                   schemas(d)["CustomerUpdate"]["required"].append("nick")],
        ADDED, "CustomerUpdate.nick", B, B, "major"),
    Row("an optional property must be sent from now on",
        lambda d: schemas(d)["CustomerUpdate"]["required"].append("vip"),
        TIGHTENED, "CustomerUpdate.vip", B, B, "major"),
    Row("a required property may be left out",
        lambda d: schemas(d)["CustomerUpdate"]["required"].remove("phone"),
        LOOSENED, "CustomerUpdate.phone", A, B, "minor"),
    Row("a property can no longer be sent",
        lambda d: properties(d, "CustomerUpdate").pop("vip"),
        REMOVED, "CustomerUpdate.vip", B, N, "major"),
    Row("a longer text is demanded",
        lambda d: properties(d, "CustomerUpdate")["name"].update(minLength=3),
        TIGHTENED, "CustomerUpdate.name", B, B, "major"),
    Row("a shorter text will do",
        lambda d: properties(d, "CustomerUpdate")["name"].update(minLength=0),
        LOOSENED, "CustomerUpdate.name", A, B, "minor"),
    Row("a text may no longer be as long as one likes",
        lambda d: properties(d, "CustomerUpdate")["vip"].update(maxLength=9),
        TIGHTENED, "CustomerUpdate.vip", B, B, "major"),
    Row("a number may be greater",
        lambda d: properties(d, "CustomerUpdate")["enrollDate"].pop("maximum"),
        LOOSENED, "CustomerUpdate.enrollDate", A, B, "minor"),
    Row("a property can no longer be removed",
        lambda d: properties(d, "CustomerUpdate")["vip"].update(type="string"),
        TIGHTENED, "CustomerUpdate.vip", B, B, "major"),
    Row("an object can no longer be removed",
        lambda d: properties(d, "CustomerUpdate")["driverLicense"]["oneOf"].pop(),
        TIGHTENED, "CustomerUpdate.driverLicense", B, B, "major"),
    Row("a text becomes a number",
        lambda d: properties(d, "CustomerUpdate")["vip"].update(type=["integer", "null"]),
        CHANGED, "CustomerUpdate.vip", B, B, "major"),
    Row("an integer becomes any number",
        lambda d: properties(d, "CustomerUpdate")["enrollDate"].update(type=["number", "null"]),
        LOOSENED, "CustomerUpdate.enrollDate", A, B, "minor"),
    Row("unknown properties are no longer allowed",
        lambda d: schemas(d)["CustomerUpdate"].update(additionalProperties=False),
        TIGHTENED, "CustomerUpdate", B, B, "major"),
    # What is answered.
    Row("a new optional property is answered",
        lambda d: properties(d, "Customer").update(nick=NEW),
        ADDED, "Customer.nick", A, A, "minor"),
    Row("a property is promised from now on",
        lambda d: schemas(d)["Customer"]["required"].append("vip"),
        TIGHTENED, "Customer.vip", A, B, "minor"),
    Row("a property is no longer promised",
        lambda d: schemas(d)["Customer"]["required"].remove("email"),
        LOOSENED, "Customer.email", B, A, "major"),
    Row("a property is no longer answered",
        lambda d: properties(d, "Customer").pop("currency"),
        REMOVED, "Customer.currency", B, N, "major"),
    Row("an answer may hold null",
        lambda d: properties(d, "Customer")["vip"].update(type=["string", "null"]),
        LOOSENED, "Customer.vip", B, A, "major"),
    Row("an answer keeps to a list of values",
        lambda d: properties(d, "Customer")["vip"].update(enum=["1", "2"]),
        TIGHTENED, "Customer.vip", A, B, "minor"),
    # Both ways at once.
    Row("what is sent and answered has a pattern",
        lambda d: properties(d, "Address")["zip"].update(pattern="^[0-9]+$"),
        TIGHTENED, "Address.zip", B, B, "major"),
    Row("what is sent and answered loses its pattern",
        lambda d: properties(d, "Address")["country"].pop("pattern"),
        LOOSENED, "Address.country", B, B, "major"),
    Row("what is sent and answered has another pattern",
        lambda d: properties(d, "Address")["country"].update(pattern="^[A-Z]{3}$"),
        CHANGED, "Address.country", B, B, "major"),
    Row("what is sent and answered has a format",
        lambda d: properties(d, "Address")["zip"].update(format="date"),
        TIGHTENED, "Address.zip", B, B, "major"),
    Row("a keyword that nobody here knows is taken for the worst",
        lambda d: properties(d, "Address")["zip"].update(unevaluatedItems=False),
        CHANGED, "Address.zip", B, B, "major"),
    # Operations.
    Row("a new operation",
        lambda d: d["paths"].update({"/customers": {"get": {**operation(d), "operationId": "listCustomers"}}}),
        ADDED, "GET /customers", A, A, "minor"),
    Row("an operation is gone", lambda d: d["paths"][PATH].pop("get"), REMOVED, GET, B, N, "major"),
    Row("an operation is renamed", lambda d: operation(d).update(operationId="readCustomer"),
        CHANGED, GET, B, N, "major"),
    Row("an operation is deprecated", lambda d: operation(d).update(deprecated=True), CHANGED, GET, A, N, "minor"),
    Row("an operation asks for no credentials", lambda d: operation(d).update(security=[]),
        CHANGED, GET, B, B, "major"),
    Row("a new optional parameter", add_parameter, ADDED, f"{GET}, query parameter fields", A, A, "minor"),
    Row("a new required parameter", lambda d: add_parameter(d, required=True),
        ADDED, f"{GET}, query parameter fields", B, B, "major"),
    Row("a parameter is gone", lambda d: d["paths"][PATH].update(parameters=[]),
        REMOVED, f"{GET}, path parameter customerId", B, N, "major"),
    Row("a parameter keeps to a pattern",
        lambda d: d["components"]["parameters"]["CustomerId"]["schema"].update(pattern="^[0-9]+$"),
        TIGHTENED, f"{GET}, path parameter customerId", B, B, "major"),
    Row("the body may be left out", lambda d: operation(d, "post")["requestBody"].update(required=False),
        LOOSENED, f"{POST}, body", A, B, "minor"),
    Row("the body may be of another type",
        lambda d: operation(d, "post")["requestBody"]["content"].update({"application/xml": {}}),
        LOOSENED, f"{POST}, body", A, B, "minor"),
    Row("another way to fail", lambda d: operation(d)["responses"].update({"429": {"description": "Too many."}}),
        ADDED, f"{GET}, 429", A, A, "minor"),
    Row("another way to succeed", lambda d: operation(d)["responses"].update({"202": {"description": "Later."}}),
        ADDED, f"{GET}, 202", B, A, "major"),
    Row("a failure that no longer happens", lambda d: operation(d)["responses"].pop("503"),
        REMOVED, f"{GET}, 503", N, B, "patch"),
    Row("a header is promised",
        lambda d: answer(d)["headers"].update(ETag={"required": True, "schema": {"type": "string"}}),
        ADDED, f"{GET}, 200, header ETag", A, B, "minor"),
    Row("a header is gone", lambda d: answer(d)["headers"].pop("Cache-Control"),
        REMOVED, f"{GET}, 200, header Cache-Control", B, N, "major"),
    Row("the method returns the wrapper", lambda d: schemas(d)["CustomerResponse"].pop("x-unwrap"),
        CHANGED, "CustomerResponse", B, N, "major"),
    Row("a property is from now on the provider's to set",
        lambda d: properties(d, "Customer")["vip"].update(readOnly=True), CHANGED, "Customer.vip", B, B, "major"),
    Row("a property may be set that only the provider did",
        lambda d: properties(d, "Customer")["createdAt"].pop("readOnly"), CHANGED, "Customer.createdAt", A, B, "minor"),
    Row("servers promise what they take for a property that is left out",
        lambda d: properties(d, "CustomerUpdate")["currency"].update(default="USD"),
        CHANGED, "CustomerUpdate.currency", A, B, "minor"),
    Row("a parameter is deprecated",
        lambda d: d["components"]["parameters"]["CustomerId"].update(deprecated=True),
        CHANGED, f"{GET}, path parameter customerId", A, N, "minor"),
    Row("a failure has no body any more",
        lambda d: d["components"]["responses"]["NotFound"].pop("content"), REMOVED, "NotFound", B, B, "major"),
    # The rest of the contract.
    Row("another address", lambda d: d["servers"][0].update(url="https://sandbox.example.com/api/v1"),
        CHANGED, "server sandbox", B, B, "major"),
    Row("a new promise", lambda d: clauses(d).append({**clauses(d)[0], "id": "rate-limit"}),
        ADDED, "clause rate-limit", A, B, "minor"),
    Row("a promise is taken back", lambda d: clauses(d).pop(0), REMOVED, "clause https-only", B, N, "major"),
    Row("a promise is confirmed", lambda d: clauses(d)[2].update(provenance="documented"),
        REWORDED, "clause exact-credentials", N, N, "patch"),
    Row("a new error code",
        lambda d: properties(d, "ErrorDetail")["code"]["x-known-codes"].update({"999": "new"}),
        CHANGED, "ErrorDetail.code", A, N, "minor"),
    Row("a property is shown as sensitive", lambda d: properties(d, "Address")["country"].pop("x-sensitive"),
        CHANGED, "Address.country", N, N, "patch"),
    Row("other words", lambda d: properties(d, "Customer")["vip"].update(description="The tier."),
        REWORDED, "Customer.vip", N, N, "patch"),
    Row("another example", lambda d: properties(d, "Customer")["vip"].update(examples=["7"]),
        REWORDED, "Customer.vip", N, N, "patch"),
]  # fmt: skip


def changes_of(spec: Spec, document: Node) -> list[Change]:
    return contract_changes(spec, Spec(path=str(SPEC_PATH), document=document, sha256="0"))


def test_a_specification_does_not_differ_from_itself(spec: Spec, document: Node) -> None:
    assert changes_of(spec, document) == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_change_gets_the_verdict_of_the_table(row: Row, spec: Spec, document: Node) -> None:
    row.edit(document)
    found = [change for change in changes_of(spec, document) if change.place == row.place]
    given = [(change.kind, change.callers, change.servers, change.version) for change in found]
    assert given == [(row.kind, row.callers, row.servers, row.version)], found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_change_is_told_once_and_nothing_else_with_it(row: Row, spec: Spec, document: Node) -> None:
    row.edit(document)
    places = [change.place for change in changes_of(spec, document)]
    # What belongs to the path belongs to both of its operations.
    assert {place.removeprefix("POST ").removeprefix("GET ") for place in places} == {
        row.place.removeprefix("POST ").removeprefix("GET ")
    }
    assert len(places) == len(set(places))


def test_an_enumeration_that_gains_and_loses_is_told_as_both(spec: Spec, document: Node) -> None:
    old = Spec(path=spec.path, document=copy.deepcopy(document), sha256="0")
    properties(old.document, "Customer")["vip"]["enum"] = ["1", "2"]
    properties(document, "Customer")["vip"]["enum"] = ["2", "3"]
    found = {change.kind: change.text for change in changes_of(old, document)}
    assert found == {TIGHTENED: 'no longer allows "1"', LOOSENED: 'now allows "3"'}


def test_what_changes_back_is_judged_in_its_turn(spec: Spec, document: Node) -> None:
    old = Spec(path=spec.path, document=copy.deepcopy(document), sha256="0")
    properties(old.document, "CustomerUpdate")["currency"]["default"] = "USD"
    del old.document["components"]["responses"]["NotFound"]["content"]
    properties(old.document, "Customer")["vip"]["readOnly"] = False  # which says nothing
    old.document["components"]["parameters"]["CustomerId"]["deprecated"] = True
    judged = {change.place: (change.kind, change.callers, change.servers) for change in changes_of(old, document)}
    assert judged == {
        "CustomerUpdate.currency": (CHANGED, B, N),
        "NotFound": (ADDED, A, B),
        f"{GET}, path parameter customerId": (CHANGED, N, N),
        f"{POST}, path parameter customerId": (CHANGED, N, N),
    }
    properties(document, "CustomerUpdate")["currency"]["default"] = "EUR"
    (told,) = (change for change in changes_of(old, document) if change.place == "CustomerUpdate.currency")
    assert (told.callers, told.servers) == (B, B)


def test_a_recursive_schema_under_another_name_is_no_change_and_has_an_end(spec: Spec, document: Node) -> None:
    old = Spec(path=spec.path, document=copy.deepcopy(document), sha256="0")
    for found, name in ((old.document, "Branch"), (document, "Twig")):
        reference = {"$ref": f"#/components/schemas/{name}"}
        schemas(found)[name] = {"type": "object", "description": "Both.", "properties": {"next": reference}}
        properties(found, "Customer")["tree"] = reference
    assert changes_of(old, document) == []


def test_the_summary_has_a_section_a_kind_and_the_contracts_own_words(spec: Spec, document: Node) -> None:
    properties(document, "CustomerUpdate")["nick"] = NEW
    properties(document, "CustomerUpdate")["name"]["minLength"] = 3
    told = command.summary("v1.0.0", changes_of(spec, document))
    assert told.startswith("## The contract since v1.0.0\n")
    assert "### Added\n\n- `CustomerUpdate.nick`: string: A nickname. — *new to callers and servers*\n" in told
    assert "### Tightened\n\n- `CustomerUpdate.name`: minLength: 1 → 3 — *breaks callers and servers*\n" in told
    assert told.endswith("For callers the contract calls for a **major** version; the Python names may for more.\n")


def test_the_summary_tells_the_limits_of_what_is_new(spec: Spec, document: Node) -> None:
    limited = {"type": ["integer", "null"], "minimum": 1, "x-sensitive": True, "description": "A rank."}
    properties(document, "CustomerUpdate")["rank"] = limited
    told = command.summary("v1.0.0", changes_of(spec, document))
    assert "`CustomerUpdate.rank`: integer or null (minimum: 1, x-sensitive: true): A rank. —" in told


def test_the_summary_tells_the_members_of_what_is_new_to_the_end_of_a_recursion(spec: Spec, document: Node) -> None:
    reference = {"$ref": "#/components/schemas/Branch"}
    schemas(document)["Branch"] = {
        "type": "object",
        "description": "A branch. It grows.",
        "required": ["leaves"],
        "properties": {
            "leaves": {"type": "array", "items": {"type": "string", "maxLength": 9}},
            "next": {"oneOf": [reference, {"type": "null"}]},
        },
    }
    properties(document, "Customer")["tree"] = reference
    (change,) = changes_of(spec, document)
    assert change.text == (
        "object of leaves (array of string (maxLength: 9), required), next (null or object): A branch."
    )


def test_the_summary_tells_the_choices_of_what_is_new_and_what_is_under_any_name(spec: Spec, document: Node) -> None:
    card = {"type": "object", "required": ["pan"], "properties": {"pan": {"type": "string", "x-sensitive": True}}}
    schemas(document)["Card"] = card
    labels = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}}
    choices = [{"$ref": "#/components/schemas/Card"}, labels, {"type": "null"}]
    properties(document, "CustomerUpdate")["method"] = {"oneOf": choices, "description": "How to pay."}
    (change,) = changes_of(spec, document)
    assert change.text == (
        "object of pan (string (x-sensitive: true), required), or object of any name (string (maxLength: 9)), or null: "
        "How to pay."
    )


def test_the_summary_tells_of_a_text_what_is_new_and_what_is_gone(spec: Spec, document: Node) -> None:
    old = Spec(path=spec.path, document=copy.deepcopy(document), sha256="0")
    properties(old.document, "Customer")["vip"]["description"] = "A tier. From 1 up.\nAs the merchant likes."
    properties(document, "Customer")["vip"]["description"] = "A tier. From 1 to 9. As the merchant likes."
    (change,) = changes_of(old, document)
    assert change.text == "description, no longer: From 1 up.; now: From 1 to 9."
    properties(document, "Customer")["vip"]["description"] = "As the merchant likes. A tier. From 1 up."
    (change,) = changes_of(old, document)
    assert change.text == "description, in another order"
    del properties(document, "Customer")["vip"]["description"]
    (change,) = changes_of(old, document)
    assert change.text == "description, no longer: A tier. From 1 up. As the merchant likes."


def test_the_summary_of_nothing_says_so() -> None:
    assert command.summary("v1.0.0", []) == "## The contract since v1.0.0\n\nNothing changed.\n"


def test_the_summary_shows_the_specifications_text_and_lets_it_do_nothing() -> None:
    told = command.summary("v1.0.0", [reworded("Customer.vip", "<script> *now* @everybody")])
    assert "&lt;script> \\*now\\* &#64;everybody" in told
