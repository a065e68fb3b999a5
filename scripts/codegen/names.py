"""What the specification's names become in Python: each the name of one thing, and of nothing that has it already."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator

from openapi_python_client.strings import ClassName, PythonIdentifier, snake_case

from .spec import Finding, Node, Place, Spec, types

OF_MODIFY = frozenset({"base", "lock"})
"""What `customers.modify` takes by keyword besides properties."""
_OF_MODELS = frozenset({"additional_properties", "additional_keys", "to_dict", "from_dict"})
_WITHIN_MODELS = frozenset({"cls", "d", "field_dict", "prop", "prop_name", "cast", "redacted"})
"""Names by which the generated code of models works; tests/codegen/test_names.py finds them."""
OF_CODE = frozenset({
    "Any", "AsyncSend", "AttributeError", "AuthenticatedClient", "BytesIO", "Client", "Enum", "File",
    "FileTypes", "HTTPStatus", "IntEnum", "KeyError", "Literal", "Mapping", "Operation", "Required", "Response",
    "Send", "StrEnum", "T", "TYPE_CHECKING", "TypeError", "TypeVar", "TypedDict", "UNSET", "UUID", "Unset",
    "ValueError",
})  # fmt: skip
"""Names of classes and the like that stand beside models in the generated code."""
OF_CLIENT = frozenset({
    "APIConnectionError", "APIStatusError", "APITimeoutError", "AsyncTrustly", "AuthenticationError",
    "BadRequestError", "Call", "ClientOptions", "ConflictError", "Hook", "InvalidRequestError", "LockError",
    "NotFoundError", "Provenance", "RateLimitError", "RawResponse", "RequestInfo", "RequestOptions",
    "ResponseShapeError", "ServerError", "Trustly", "TrustlyError",
})  # fmt: skip
"""Names that the client gives out beside the models."""
_NO_NAMES = {"": "is no name", "$ref": "is the name of references, and cannot be that of a property"}
_NAMED = "name each value in x-enum-varnames"
_LOOP = re.compile(r"(?:_type_\d+|_item)*_item(?:_data)?")


def of_schemas(spec: Spec) -> Iterator[Finding]:
    """Every schema is a class of its own, which the client gives out beside its own names."""
    place: Place = ("components", "schemas")
    found = spec.document.get("components", {}).get("schemas", {})
    yield from _names(place, found, ClassName)
    for name in found:
        converted = str(ClassName(name, "field_"))
        if converted in OF_CODE | OF_CLIENT:
            whose = "the client itself" if converted in OF_CLIENT else "the generated code"
            yield (*place, name), f"{name!r} would be {converted!r} in Python, a name that {whose} has already"


def of_changes(spec: Spec) -> Iterator[Finding]:
    """Every property of an update is a keyword of `customers.modify`."""
    place: Place = ("components", "schemas", "CustomerUpdate", "properties")
    for name in spec.document.get("components", {}).get("schemas", {}).get("CustomerUpdate", {}).get("properties", {}):
        if python_name(name) in OF_MODIFY:
            told = f"{name!r} would be {python_name(name)!r} in Python, which customers.modify takes for something else"
            yield (*place, name), told


def of_properties(spec: Spec, place: Place, schema: Node) -> Iterator[Finding]:
    """Every property is an attribute of its own."""
    properties = schema.get("properties", {})
    arrays = {python_name(name) for name, inner in properties.items() if _may_be_array(spec, inner)}
    arrays.add("additional_property")
    yield from _names((*place, "properties"), properties, PythonIdentifier)
    for name in properties:
        converted = python_name(name)
        where = (*place, "properties", name)
        if name in _NO_NAMES:
            yield where, f"{name!r} {_NO_NAMES[name]}"
        elif keyword.iskeyword(name):
            yield where, f"{name!r} is a keyword of Python, and cannot be the name of an attribute"
        elif converted in _OF_MODELS:
            yield where, f"{name!r} would be {converted!r} in Python, which every model has as a name of its own"
        elif converted in _WITHIN_MODELS or any(_of_loop(converted, array) for array in arrays):
            yield where, f"{name!r} would be {converted!r} in Python, by which the code of the model itself works"


def of_members(place: Place, schema: Node) -> Iterator[Finding]:
    """Every value of an enumeration is a member of its own, named by what it is and not by where it stands."""
    values = [(position, value) for position, value in enumerate(schema.get("enum", [])) if value is not None]
    named = schema.get("x-enum-varnames")
    if named is None:
        values = [(position, value) for position, value in values if isinstance(value, str)]  # numbers name themselves
    elif not isinstance(named, list) or len(named) != len(values) or not all(isinstance(name, str) for name in named):
        yield (*place, "x-enum-varnames"), f"must be a list of {len(values)} names, one for each value"
        return
    seen: dict[str, object] = {}
    for (position, value), name in zip(values, named or [value for _, value in values], strict=True):
        member, where = snake_case(name).upper(), (*place, "enum", position)
        if not named and not name[:1].isalpha():
            yield where, f"{value!r} would be named by its place; {_NAMED}"
        elif not member.isidentifier():
            yield where, f"{value!r} would be {member!r} in Python, which is no name; {_NAMED}"
        elif member in seen:
            yield where, f"{value!r} would be {member!r} in Python, as is {seen[member]!r}; {_NAMED}"
        seen.setdefault(member, value)


def python_name(name: str) -> str:
    """Return the name that the generator gives to an attribute or an argument."""
    return str(PythonIdentifier(name, prefix="field_"))


def _may_be_array(spec: Spec, schema: Node) -> bool:
    schema = spec.resolve(schema)
    choices = [choice for key in ("oneOf", "anyOf") for choice in schema.get(key, [])]
    return "array" in types(schema) or any(_may_be_array(spec, choice) for choice in choices)


def _of_loop(name: str, array: str) -> bool:
    """Whether a name is one of those by which a model goes through an array."""
    return name.startswith(array) and _LOOP.fullmatch(name, len(array)) is not None


def _names(place: Place, names: Iterable[str], convert: type[ClassName | PythonIdentifier]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in names:
        converted = str(convert(name, "field_"))
        if converted in seen:
            yield (*place, name), f"{name!r} would be {converted!r} in Python, as is {seen[converted]!r}; rename one"
        seen.setdefault(converted, name)
