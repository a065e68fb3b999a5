"""Whether a body matches its schema, said without repeating a byte of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from trustly_customers.sandbox import _json

_HIDDEN = "*"


class Violation(NamedTuple):
    """One broken rule: a JSON pointer made of the spec's own names only, and the schema keyword."""

    pointer: str
    keyword: str


def validator(schema: dict[str, Any], components: dict[str, Any]) -> Draft202012Validator:
    """Return what holds values to a schema of the spec, which may refer to its components."""
    return Draft202012Validator({**schema, "components": components}, validate_formats=True)


class BodyValidator:
    """Checks bodies against one schema of the spec."""

    def __init__(self, schema: dict[str, Any], components: dict[str, Any]) -> None:
        self._validator = validator(schema, components)
        self._declared = frozenset(
            name for component in components["schemas"].values() for name in component.get("properties", ())
        )

    def violations(self, body: _json.Value) -> list[Violation]:
        """What is wrong with the body, each thing once; empty when it is valid."""
        if self._validator.is_valid(body):
            return []
        errors = (cause for error in self._validator.iter_errors(body) for cause in _causes(error))
        return list(dict.fromkeys(self._violation(error) for error in errors))

    def _violation(self, error: ValidationError) -> Violation:
        path = list(error.instance_path)
        if isinstance(error.kind, ValidationErrorKind.Required):
            path.append(error.kind.property)
        return Violation("".join(f"/{self._shown(token)}" for token in path), str(error.schema_path[-1]))

    def _shown(self, token: str | int) -> str:
        # A key that the spec does not declare was chosen by the caller, and may be personal data.
        if token not in self._declared:
            return _HIDDEN
        return str(token).replace("~", "~0").replace("/", "~1")


def _causes(error: ValidationError) -> Iterator[ValidationError]:
    """The errors that explain a failed choice: those of the one branch that has the value's type."""
    if isinstance(error.kind, ValidationErrorKind.OneOfNotValid | ValidationErrorKind.AnyOf):
        meant = [branch for branch in error.kind.context if not _is_of_other_type(branch, error.instance_path)]
        if len(meant) == 1:
            for cause in meant[0]:
                yield from _causes(cause)
            return
    yield error


def _is_of_other_type(branch: Sequence[ValidationError], path: list[str | int]) -> bool:
    return any(isinstance(error.kind, ValidationErrorKind.Type) and error.instance_path == path for error in branch)
