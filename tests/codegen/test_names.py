"""Names of properties: what models are made of is refused as one, and every other is read and sent."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from openapi_python_client.strings import ClassName
from tests.codegen._documents import Node, schemas

from codegen import names, soundness
from codegen.render import render
from codegen.spec import SPEC_PATH, Spec
from trustly_api import models as generated_models
from trustly_customers import _public
from trustly_customers._customers import AsyncCustomers, Customers

TIER, PART = {"$ref": "#/components/schemas/Tier"}, {"$ref": "#/components/schemas/Part"}
PARTS, NULL = {"type": "array", "items": PART}, {"type": "null"}
# A property of each kind that the generator has code for, and what it holds.
KINDS: dict[str, tuple[Node, Any]] = {
    "text": ({"type": "string"}, "a"),
    "textOrNull": ({"type": ["string", "null"]}, None),
    "fixed": ({"const": "always"}, "always"),
    "day": ({"type": "string", "format": "date"}, "2027-01-02"),
    "moment": ({"type": "string", "format": "date-time"}, "2027-01-02T03:04:05+00:00"),
    "key": ({"type": "string", "format": "uuid"}, "12345678-1234-5678-1234-567812345678"),
    "tier": (TIER, "gold"),
    "part": (PART, {"size": 1}),
    "partOrNull": ({"oneOf": [PART, NULL]}, {"size": 2}),
    "words": ({"type": "array", "items": {"type": "string"}}, ["b"]),
    "parts": (PARTS, [{"size": 3}]),
    "partsOrNull": ({"oneOf": [PARTS, NULL]}, [{"size": 4}]),
    "tiers": ({"type": "array", "items": {"oneOf": [TIER, NULL]}}, ["silver", None]),
    "rows": ({"type": "array", "items": PARTS}, [[{"size": 5}]]),
}
OTHERS, OTHER = PARTS, [{"size": 6}]  # what properties that are not named hold
HELD = {name: value for name, (_, value) in KINDS.items()}


def sampled(document: Node, more: list[str]) -> Spec:
    """A specification with two models that have a property of each kind and, before or after those, of each name."""
    document = copy.deepcopy(document)
    kinds = {name: schema for name, (schema, _) in KINDS.items()}
    named = {name: {"type": "string", "x-sensitive": True} for name in more}
    schemas(document).update(
        Tier={"type": "string", "enum": ["gold", "silver"]},
        Part={"type": "object", "properties": {"size": {"type": "integer"}}},
        First={"type": "object", "properties": named | kinds, "additionalProperties": OTHERS},
        Last={"type": "object", "properties": kinds | named, "additionalProperties": OTHERS, "required": [*HELD]},
    )
    return Spec(str(SPEC_PATH), document, "0")


def names_in(source: bytes) -> Iterator[str]:
    """Whatever has a name in Python source: what a property could collide with."""
    for node in ast.walk(ast.parse(source)):
        for member in ("id", "attr", "arg", "name"):
            yield str(getattr(node, member, None))


def written(files: dict[PurePosixPath, bytes], folder: Path) -> Path:
    for path, content in files.items():
        target = folder / "sampled_api" / path.relative_to("trustly_api")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def test_a_property_is_refused_or_read_and_sent_whatever_its_name(
    document: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = render(sampled(document, []))[PurePosixPath("trustly_api/models/first.py")]
    taken = {names.python_name(name) for name in KINDS}
    # The last is one that only looks as if it were taken.
    candidates = sorted({name for name in names_in(first) if name == name.lower()} - taken | {"text_item"})
    refused = {place[-1] for place, _ in soundness.findings(sampled(document, candidates))}
    assert {"to_dict", "d", "parts_item"} <= refused
    assert not {"src_dict", "text_item"} & refused

    kept = [name for name in candidates if name not in refused]
    monkeypatch.syspath_prepend(str(written(render(sampled(document, kept)), tmp_path)))
    models = importlib.import_module("sampled_api.models")
    held = {**HELD, **dict.fromkeys(kept, "its own"), "something else": OTHER}
    for model in (models.First, models.Last):
        made = model.from_dict(held)
        assert made.to_dict() == held
        assert "its own" not in repr(made)


@pytest.mark.parametrize("modify", [Customers.modify, AsyncCustomers.modify])
def test_what_modify_takes_besides_properties_is_known(modify: Callable[..., object]) -> None:
    parameters = inspect.signature(modify).parameters.values()
    assert {each.name for each in parameters if each.kind is each.KEYWORD_ONLY} == names.OF_MODIFY


def test_what_the_client_gives_out_besides_models_is_known() -> None:
    own = {*_public.__all__} - {*generated_models.__all__}
    assert {name for name in own if name[0].isupper() and "_" not in name} - names.OF_CODE == names.OF_CLIENT


def test_what_stands_beside_models_in_the_generated_code_is_known(document: Node) -> None:
    models = {"First", "Last", "Part", "Tier", *generated_models.__all__}
    folders = [PurePosixPath("trustly_api", name) for name in ("api", "models", "resources")]
    found = set()
    for path, source in render(sampled(document, [])).items():
        if path.suffix == ".py" and any(folder in path.parents for folder in folders):
            tree = ast.parse(source)
            found |= {each.asname or each.name for each in ast.walk(tree) if isinstance(each, ast.alias)}
            found |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    beside = {name for name in found - models if name == str(ClassName(name, ""))}
    own = {name for name in beside if name.startswith(("GetCustomer", "UpdateCustomer", "Customers", "AsyncCustomers"))}
    assert beside - own - names.OF_CODE <= {"None", "GOLD", "SILVER"}


@pytest.mark.parametrize("name", ["Response", "mapping", "server_error"])
def test_a_schema_is_refused_whose_class_would_be_taken_for_another(name: str, document: Node) -> None:
    schemas(document)[name] = {"type": "object"}
    (found,) = soundness.findings(Spec(str(SPEC_PATH), document, "0"))
    assert found[0] == ("components", "schemas", name)
    assert "in Python, a name that the" in found[1]
