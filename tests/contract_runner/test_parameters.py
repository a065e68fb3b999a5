"""Parameters that the spec has and the server knows nothing of: each is a claim of its own, with its provenance."""

from __future__ import annotations

from pathlib import Path

import pytest

from ._command import SPEC, check_in_process

# Each is a run of its own.
pytestmark = pytest.mark.thorough

_HEADER = "{name: X-Request-Tag, in: header, schema: {type: string, maxLength: 8}}"
_QUERY = "{name: notify, in: query, schema: {type: boolean}}"


def with_a_parameter(folder: Path, operation: str, parameter: str) -> str:
    """Write a copy of the spec whose operation has one more parameter."""
    before, found, after = SPEC.read_text(encoding="utf-8").partition(f"      operationId: {operation}\n")
    copy = folder / "one more.yaml"
    copy.write_text(f"{before}{found}      parameters: [{parameter}]\n{after}", encoding="utf-8")
    return str(copy)


@pytest.mark.parametrize("operation", ["getCustomer", "updateCustomer"])
@pytest.mark.parametrize(
    ("parameter", "claim"), [(_HEADER, "header.X-Request-Tag"), (_QUERY, "query.notify")], ids=["header", "query"]
)
def test_a_parameter_that_is_taken_whatever_it_holds_is_told_by_its_name(
    operation: str, parameter: str, claim: str, tmp_path: Path
) -> None:
    spec = with_a_parameter(tmp_path, operation, parameter)
    result = check_in_process("sandbox", ["test_conformance"], tmp_path, CONTRACT_SPEC=spec).result
    (broken,) = result["failures"]
    assert broken["claim"] == claim
    assert f"test_{operation}_answers" in broken["test"]
    assert result["errors"] == []


def test_a_parameter_that_is_only_inferred_is_a_finding_in_the_documented_scope(tmp_path: Path) -> None:
    spec = with_a_parameter(tmp_path, "getCustomer", _HEADER.replace("{name", "{x-provenance: inferred, name"))
    settings = {"CONTRACT_SPEC": spec, "CONTRACT_SCOPE": "documented"}
    result = check_in_process("sandbox", ["test_conformance"], tmp_path, **settings).result
    assert result["failures"] == []
    assert {one["claim"] for one in result["findings"]} == {"header.X-Request-Tag"}
    assert "getCustomer, parameter `X-Request-Tag` in header" in result["findings"][0]["change"]
