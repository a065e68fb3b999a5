"""What is read from a specification, also from one that holds what this one does not hold yet."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from trustly_customers import _spec


@pytest.fixture(autouse=True)
def no_shapes_of_other_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards what was noted of these schemas by their identity, which others will have."""
    monkeypatch.setattr(_spec, "_SHAPES", {})


INTEGERS = {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("schema", "value", "settled"),
    [
        ({"type": "integer"}, 1.0, "1"),
        ({"type": ["integer", "null"]}, 2.0, "2"),
        ({"type": "integer"}, 1.5, "1.5"),
        ({"type": "number"}, 1.0, "1.0"),
        ({"type": "string"}, 1.0, "1.0"),
        ({}, 1.0, "1.0"),
        (INTEGERS, [1.0, 2, 2.5], "[1, 2, 2.5]"),
        ({"type": "array"}, [1.0], "[1.0]"),
        ({"type": "object", "properties": {"a": INTEGERS}}, {"a": [1.0], "b": [1.0]}, "{'a': [1], 'b': [1.0]}"),
        ({"type": "object", "properties": {"a": {"type": "object"}}}, {"a": {"b": 1.0}}, "{'a': {'b': 1.0}}"),
    ],
)
def test_a_whole_number_becomes_an_integer_wherever_the_schema_wants_one(
    schema: _spec.Schema, value: Any, settled: str
) -> None:
    assert repr(_spec.settle(copy.deepcopy(value), schema)) == settled  # which is done in place


def test_a_null_is_left_out_where_the_schema_knows_none_and_does_not_require_it() -> None:
    schema = {
        "required": ["required"],
        "properties": {
            "required": {"type": "string"},
            "optional": {"type": "string"},
            "nullable": {"type": ["string", "null"]},
            "either": {"oneOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
    value = dict.fromkeys([*schema["properties"], "unknown"])
    assert list(_spec.settle(value, schema)) == ["required", "nullable", "either", "unknown"]


def test_an_operation_that_the_specification_does_not_know_is_named() -> None:
    with pytest.raises(KeyError, match="lookAtCustomer"):
        _spec.request_check("lookAtCustomer")


EITHER = {"a": {"type": "string"}, "b": {"type": "object", "properties": {"c": {"type": "integer"}}, "required": ["d"]}}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({}, None),
        ({"p": None}, None),
        ({"p": "text"}, None),
        ({"p": {"d": 1}}, None),
        ({"p": 7}, "p is not of type object or string or null"),
        ({"p": {}}, "p.d is missing"),
        ({"p": {"c": "x", "d": 1}}, "p.c is not of type integer"),
        ([], "the body is not of type object"),
    ],
)
def test_of_several_forms_the_one_that_was_meant_is_told(keyword: str, value: Any, told: str | None) -> None:
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in EITHER]
    schema = {"type": "object", "properties": {"p": {keyword: [*refs, {"type": "null"}]}}}
    assert _spec._check(schema, EITHER)(value) == told


BOTH = [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]


@pytest.mark.parametrize("more", [[], [{"type": "null"}], [{"type": "object", "required": ["c"]}]])
def test_a_value_that_fits_several_forms_is_told_so(more: list[_spec.Schema]) -> None:
    schema = {"properties": {"p": {"oneOf": [*BOTH, *more]}}}
    assert _spec._check(schema, {})({"p": {"a": 1, "b": 2}}) == "p fits several of its forms, and must fit exactly one"
    assert _spec._check({"oneOf": [*BOTH, *more]}, {})({"a": 1, "b": 2}) == (
        "the body fits several of its forms, and must fit exactly one"
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"p": {"a": 1, "b": 2}}, None),
        ({"p": {"a": 1}}, None),
        ({"p": {"b": 2, "c": 3}}, "p.d is missing"),
        ({"p": {"c": 3, "d": 4}}, "p.a is missing"),
        ({"p": 7}, "p is not of type object"),
    ],
)
def test_an_answer_may_fit_several_forms_but_not_none(value: Any, told: str | None) -> None:
    either = {"oneOf": BOTH, "anyOf": [{"required": ["d"]}, {"required": ["a"]}]}
    assert _spec._check(_spec._form_only({"properties": {"p": either}}), {})(value) == told


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"required": ["a"]}, {}, "a is missing"),
        ({"properties": {"a": {"items": {"required": ["b"]}}}}, {"a": [{"b": 1}, {}]}, "a.1.b is missing"),
        ({"type": ["string", "null"]}, 7, "the body is not of type string or null"),
        ({"oneOf": [*BOTH, {"type": "null"}]}, 7, "the body is not of type object or null"),
        ({"anyOf": [*BOTH, {"type": "null"}]}, 7, "the body is not of type object or null"),
        ({"minLength": 2}, "x", "the body does not fit minLength 2"),
        ({"properties": {"a": {"pattern": "^[A-Z]$"}}}, {"a": "zq"}, "a does not fit pattern ^[A-Z]$"),
        ({"enum": ["x", "y"]}, "zq", "the body does not fit enum ['x', 'y']"),
    ],
)
def test_a_failure_is_told_by_place_and_rule(schema: _spec.Schema, value: Any, told: str) -> None:
    assert _spec._check(schema, {})(value) == told
    at = f"k{told.removeprefix('the body')}" if told.startswith("the body") else f"k.{told}"
    assert _spec._check(schema, {}, "k")(value) == at


def test_what_no_validator_can_look_at_is_told_so() -> None:
    wanted = "the body is nested too deeply, or holds a name that is no Unicode"
    assert _spec._check({"enum": [1]}, {})({"\ud800": 1}) == wanted


def test_of_a_component_without_required_properties_everything_fits() -> None:
    assert _spec.fitting({"a": 1}, "CustomData") == {"a": 1}
    assert _spec.fitting([], "CustomData") is None


def test_a_reference_is_followed_by_the_rules_of_json_pointers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spec, "document", lambda: {"a/b": {"~c": {"$ref": "#/d"}}, "d": {"type": "string"}})
    assert _spec.resolve({"$ref": "#/a~1b/~0c", "title": "left aside"}) == {"type": "string"}
