"""What a masked body shows of properties that the specification may come to have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trustly_customers.sandbox._operator.masking import MASK, Masking
from trustly_customers.sandbox._spec import Spec

REFERENCE = {"$ref": "#/components/schemas/Pet"}
NULL = {"type": "null"}
PET = {"type": "object", "properties": {"kind": {"type": "string"}, "name": {"type": "string", "x-sensitive": True}}}
REX = {"kind": "dog", "name": "zqsecret", "zqsecret": 1}
SHOWN = {"kind": "dog", "name": MASK, MASK: MASK}


@pytest.mark.parametrize(
    ("schema", "value", "shown"),
    [
        (REFERENCE, REX, SHOWN),
        ({"oneOf": [REFERENCE, NULL]}, REX, SHOWN),
        ({"anyOf": [NULL, REFERENCE]}, REX, SHOWN),
        ({"oneOf": [REFERENCE, NULL]}, None, None),
        ({"oneOf": [REFERENCE, NULL], "x-sensitive": True}, REX, MASK),
        ({"oneOf": [REFERENCE, NULL], "x-sensitive": True}, None, MASK),
        ({"oneOf": [REFERENCE, {"type": "string"}]}, REX, MASK),
        ({"oneOf": [REFERENCE, {"type": "string"}]}, None, MASK),
        ({"type": "array", "items": {"oneOf": [REFERENCE, NULL]}}, [REX, None], [SHOWN, None]),
    ],
)
def test_a_choice_is_looked_into_where_only_one_thing_can_be_meant(
    document: dict[str, Any], schema: dict[str, Any], value: Any, shown: Any
) -> None:
    assert masked(document, {"Pet": PET}, schema, value) == shown


@pytest.mark.parametrize("schema", [REFERENCE, {"oneOf": [REFERENCE, NULL]}])
def test_a_component_may_be_sensitive_as_a_whole(document: dict[str, Any], schema: dict[str, Any]) -> None:
    assert masked(document, {"Pet": {**PET, "x-sensitive": True}}, schema, REX) == MASK


def masked(document: dict[str, Any], components: dict[str, Any], schema: dict[str, Any], value: Any) -> Any:
    """What is shown of a new property."""
    schemas = document["components"]["schemas"]
    schemas.update(components)
    schemas["CustomerUpdate"]["properties"]["pet"] = schema
    spec = Spec(document)
    body = json.dumps({"pet": value}).encode()
    return Masking(spec).masked(spec.operation("updateCustomer"), body)["pet"]
