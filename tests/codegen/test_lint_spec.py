"""Every rule of the specification's linter goes red for what it guards against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.codegen._documents import Node, schemas

import lint_spec
from codegen.spec import ROOT, SPEC_PATH, Spec


def found(document: Node) -> list[str]:
    return lint_spec.findings(Spec(path=str(SPEC_PATH), document=document, sha256="0"))


def test_the_specification_has_no_findings(document: Node) -> None:
    assert found(document) == []


def invalid_document(document: Node) -> str:
    document["paths"]["/customers/{customerId}"]["get"]["responses"] = []
    return 'get/responses: [] is not of type "object"'


def example_that_does_not_fit(document: Node) -> str:
    document["components"]["examples"]["CustomerUpdate"]["value"]["address"]["country"] = "USA"
    return "the example 'update' does not fit its schema at address/country"


def inline_example_that_does_not_fit(document: Node) -> str:
    document["components"]["parameters"]["CustomerId"]["example"] = 1002580963
    return "components/parameters/CustomerId: the example 'example' does not fit"


def example_of_a_property_that_does_not_fit(document: Node) -> str:
    schemas(document)["Address"]["properties"]["zip"]["examples"] = ["90210", 90210]
    return "components/schemas/Address/properties/zip: the example 1 does not fit its schema at the whole"


def property_without_description(document: Node) -> str:
    del schemas(document)["Address"]["properties"]["zip"]["description"]
    return "components/schemas/Address/properties/zip: has no description"


def reference_without_description(document: Node) -> str:
    del schemas(document)["Address"]["description"]
    return "components/schemas/Customer/properties/address: has no description"


def operation_without_id(document: Node) -> str:
    del document["paths"]["/customers/{customerId}"]["get"]["operationId"]
    return "paths//customers/{customerId}/get: has no operationId"


def operation_without_security(document: Node) -> str:
    del document["paths"]["/customers/{customerId}"]["get"]["security"]
    return "paths//customers/{customerId}/get: has no security of its own"


def reference_to_nowhere(document: Node) -> str:
    schemas(document)["Customer"]["properties"]["driverLicense"] = {"$ref": "#/components/schemas/Licence"}
    return "'#/components/schemas/Licence'"


def unused_component(document: Node) -> str:
    schemas(document)["Orphan"] = {"type": "object", "description": "Nobody's."}
    return "components/schemas/Orphan: nobody uses it"


def field_that_cannot_be_read_back(document: Node) -> str:
    schemas(document)["CustomerUpdate"]["properties"]["nickname"] = {"type": "string", "description": "A name."}
    return "CustomerUpdate/properties/nickname: is not in Customer"


def field_that_nobody_sets(document: Node) -> str:
    schemas(document)["Customer"]["properties"]["nickname"] = {"type": "string", "description": "A name."}
    return "Customer/properties/nickname: is neither in CustomerUpdate nor readOnly"


def twins_that_disagree(document: Node) -> str:
    schemas(document)["Customer"]["properties"]["taxId"]["x-sensitive"] = False
    return "taxId: differs from CustomerUpdate's"


def twins_that_choose_differently(document: Node) -> str:
    schemas(document)["Card"] = {"type": "object", "description": "A card."}
    chosen = [{"$ref": "#/components/schemas/DriverLicense"}, {"$ref": "#/components/schemas/Address"}]
    other = [{"$ref": "#/components/schemas/Card"}, chosen[1]]
    schemas(document)["CustomerUpdate"]["properties"]["driverLicense"]["oneOf"] = [*chosen, {"type": "null"}]
    schemas(document)["Customer"]["properties"]["driverLicense"] = {"oneOf": other, "x-sensitive": True}
    return "driverLicense: differs from CustomerUpdate's"


def optional_field_that_nobody_can_remove(document: Node) -> str:
    schemas(document)["CustomerUpdate"]["properties"]["vip"]["type"] = "string"
    return "CustomerUpdate/properties/vip: is optional, and may not be null: nobody could remove it; allow 'null'"


def optional_field_of_one_value_that_is_not_null(document: Node) -> str:
    schemas(document)["CustomerUpdate"]["properties"]["vip"]["const"] = "1"
    return "CustomerUpdate/properties/vip: is optional, and may not be null"


def optional_field_that_is_a_reference(document: Node) -> str:
    schemas(document)["CustomerUpdate"]["properties"]["customData"] = {"$ref": "#/components/schemas/CustomData"}
    return "CustomerUpdate/properties/customData: is optional, and may not be null"


def clause_without_reason(document: Node) -> str:
    del document["x-contract"][3]["reason"]
    return f"x-contract/3: the clause {document['x-contract'][3]['id']} has no reason"


def clause_twice(document: Node) -> str:
    document["x-contract"].append(document["x-contract"][0])
    return "stands there twice"


def clause_of_unknown_provenance(document: Node) -> str:
    document["x-contract"][0]["provenance"] = "guessed"
    return "needs a provenance, one of"


def provenance_of_a_keyword_that_is_not_there(document: Node) -> str:
    schemas(document)["Address"]["properties"]["zip"]["x-provenance"] = {"pattern": "inferred"}
    return "x-provenance speaks of 'pattern', which is not there"


def provenance_that_is_not_inferred(document: Node) -> str:
    schemas(document)["Address"]["properties"]["zip"]["x-provenance"] = "documented"
    return "only `inferred` is written"


@pytest.mark.parametrize(
    "spoil",
    [
        invalid_document,
        example_that_does_not_fit,
        inline_example_that_does_not_fit,
        example_of_a_property_that_does_not_fit,
        property_without_description,
        reference_without_description,
        operation_without_id,
        operation_without_security,
        reference_to_nowhere,
        unused_component,
        field_that_cannot_be_read_back,
        field_that_nobody_sets,
        twins_that_disagree,
        twins_that_choose_differently,
        optional_field_that_nobody_can_remove,
        optional_field_of_one_value_that_is_not_null,
        optional_field_that_is_a_reference,
        clause_without_reason,
        clause_twice,
        clause_of_unknown_provenance,
        provenance_of_a_keyword_that_is_not_there,
        provenance_that_is_not_inferred,
    ],
)
def test_the_linter_finds(document: Node, spoil: Callable[[Node], str]) -> None:
    told = spoil(document)
    assert any(told in finding for finding in found(document)), found(document)


@pytest.mark.parametrize("union", ["oneOf", "anyOf"])
def test_twins_may_differ_in_null_among_several_choices(document: Node, union: str) -> None:
    choices = [{"type": "string"}, {"type": "integer"}]
    words = {"description": "A reference of ours."}
    schemas(document)["CustomerUpdate"]["properties"]["ours"] = {union: [*choices, {"type": "null"}], **words}
    schemas(document)["Customer"]["properties"]["ours"] = {union: choices, **words}
    assert found(document) == []


def test_a_finding_is_told_with_its_line_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / SPEC_PATH).read_text(encoding="utf-8")
    spoilt = text.replace("        zip:\n          type: string\n", "        zip:\n          x-provenance: no\n", 1)
    path = tmp_path / "spoilt.yaml"
    path.write_text(spoilt, encoding="utf-8")
    line = spoilt[: spoilt.index("x-provenance: no")].count("\n")
    monkeypatch.setattr("sys.argv", ["lint_spec", str(path)])
    assert lint_spec.main() == 1
    assert f"{path}:{line}:9: components/schemas/Address/properties/zip: x-provenance" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lint_spec", str(tmp_path / "missing.yaml")])
    assert lint_spec.main() == 2
    assert "cannot read the specification" in capsys.readouterr().err
