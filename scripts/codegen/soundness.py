"""What a specification must be so that all that follows from it does: valid, whole, and made of what is supported.

The generator takes much of what it does not know in silence, and renames what collides. Here each such thing is an
error with its place, before anything is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from .spec import Finding, Place, Spec, SpecError, load
from .support import meant, support
from .walking import pointer, schemas, walk

_NOTHING = object()


def ensure(spec: Spec) -> None:
    """Raise SpecError with a line for each thing that is not as it must be."""
    found = findings(spec)
    if found:
        raise SpecError("\n".join(f"{spec.position(place)}: {pointer(place)}: {reason}" for place, reason in found))


def loaded(path: Path) -> Spec:
    """Read a specification and return it. Raises as `load` and `ensure`."""
    spec = load(path)
    ensure(spec)
    return spec


def findings(spec: Spec) -> list[Finding]:
    """Return what is wrong, of the first stage that finds anything: each relies on the one before it."""
    for stage in (references, validity, forms, support):
        found = list(dict.fromkeys(stage(spec)))
        if found:
            return found
    return []


def references(spec: Spec) -> Iterator[Finding]:
    """Every reference leads somewhere in this document."""
    for place, node in walk(spec.document):
        if isinstance(node.get("$ref"), str):
            try:
                spec.resolve(node)
            except SpecError:
                yield (*place, "$ref"), f"{node['$ref']!r} leads nowhere in this file; {_mended(node['$ref'], spec)}"


def _mended(reference: str, spec: Spec) -> str:
    """What to do about a reference that leads nowhere."""
    targets = [f"#/{pointer(place)}" for place, _ in walk(spec.document) if place[:1] == ("components",)]
    return meant(reference, targets).removeprefix("; ") or "mend it or add its target"


def validity(spec: Spec) -> Iterator[Finding]:
    """The document is a valid OpenAPI 3.1 document."""
    for error in map(_precise, OpenAPIV31SpecValidator(spec.document).iter_errors()):
        message = " ".join(str(getattr(error, "message", error)).split()).partition(" Failed validating ")[0]
        # Which is told below, with its place.
        if not message.startswith("Operation ID"):
            place = tuple(getattr(error, "absolute_path", ()))
            yield _whole(spec, place, getattr(error, "instance", None)), message


def _precise(error: Exception) -> Exception:
    """Of a type that there is not, the error that lists those that there are."""
    within = getattr(error, "context", None) or []
    listed = [each for each in within if each.validator == "enum" and "type" in [*each.absolute_path][-2:]]
    return listed[-1] if listed else error


def _whole(spec: Spec, place: Place, wrong: Any) -> Place:
    """The place from the root on: of what is wrong within a schema, the validator tells the place in the schema."""
    starts = (start for start, node in walk(spec.document) if _at(node, place) is wrong)
    return (*next(starts, ()), *place)


def _at(node: Any, place: Place) -> Any:
    try:
        return reduce(getitem, place, node)
    except (LookupError, TypeError):
        return _NOTHING


def forms(spec: Spec) -> Iterator[Finding]:
    """Every schema says what a value is; `true` and `false` are schemas too, and nobody here reads them."""
    for place, schema in schemas(spec.document):
        if not isinstance(schema, dict):
            yield place, f"is {json.dumps(schema)}, which is not supported as a schema; say what it holds"
