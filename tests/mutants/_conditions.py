"""When something goes wrong with a request: what it holds, how it is sent, or what came before it.

All are made from the specification's own properties, or from what any server may trip over.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ._mutant import AUTHORIZATION, FIRST, OTHER, Call, Document, Json, optional, properties, specification

Met = Callable[[Call], bool]
"""Whether a condition is met; asked of each call that a server gets, in their order."""


@dataclass(frozen=True)
class Condition:
    """When something goes wrong. `make` makes it anew for each server, since some remember."""

    words: str
    make: Callable[[], Met]
    of: tuple[str, ...] = ()
    """The property that it is about, or one of its members; none where it is about a request as a whole."""
    is_set: bool = False
    """Whether there is a value that the specification allows."""
    is_of_any: bool = True
    """Whether any request may meet it, not only an update."""


_LENGTHS = (15, 20, 32, 40, 50, 64, 80, 100, 128, 200, 255, 500, 512, 1000, 1024, 2000, 4096)
_TEXTS = {
    "is not ASCII": r"[^\0-\x7f]",
    "is not Latin-1": r"[^\0-\xff]",
    "is beyond the basic plane": r"[\U00010000-\U0010ffff]",
    "holds a combining mark": r"[\u0300-\u036f]",
    "begins with a space": r"\A ",
    "ends with a space": r" \Z",
    "holds two spaces in a row": r"  ",
    "holds a control character": r"[\0-\x1f\x7f]",
    "holds a line feed": r"\n",
    "holds a NUL": r"\0",
    "is of digits alone": r"\A[0-9]+\Z",
    "begins with a zero": r"\A0",
    "is a fraction": r"\A-?[0-9]+\.[0-9]+\Z",
    "is a negative number": r"\A-[0-9.]+\Z",
    "is a number with an exponent": r"\A[0-9]+[eE]\+?[0-9]+\Z",
    "is a date": r"\A\d{4}-\d\d-\d\d\Z",
    "is of capitals alone": r"\A[A-Z]+\Z",
    "is of small letters alone": r"\A[a-z]+\Z",
    "is of one character": r"\A.\Z",
    "is the word null": r"\Anull\Z",
    "is the word false": r"\Afalse\Z",
    **{f"holds {sign}": re.escape(sign) for sign in "\"'\\<>&%+,;:/@$#{}[]().-_*?=~!^|`"},
}
_VALUES: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "is null": ("null", lambda value: value is None),
    "is a boolean": ("boolean", lambda value: isinstance(value, bool)),
    "is an integer": ("integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "is a fraction": ("number", lambda value: isinstance(value, float) and not value.is_integer()),
    "is a text": ("string", lambda value: isinstance(value, str)),
    "is a list": ("array", lambda value: isinstance(value, list)),
    "is an object": ("object", lambda value: isinstance(value, dict)),
}
"""What a value may be, with the type that JSON Schema has for it."""
_EMPTY: dict[str, Json] = {"is an empty text": "", "is an empty list": [], "is an empty object": {}}


@dataclass(frozen=True)
class _Place:
    """A property of an update, or a member of one."""

    path: tuple[str, ...]
    schema: Document
    required: bool

    @property
    def words(self) -> str:
        return ".".join(self.path)

    @property
    def types(self) -> set[str]:
        found = self.schema.get("type", ())
        return {found} if isinstance(found, str) else {*found}

    def may_be_empty(self) -> bool:
        return not self.schema.keys() & {"minLength", "pattern", "required"}


def _places() -> Iterator[_Place]:
    yield from _places_in("CustomerUpdate", ())


def _places_in(component: str, path: tuple[str, ...]) -> Iterator[_Place]:
    whole = _component(component)
    for name, node in whole.get("properties", {}).items():
        branches = [branch for branch in node.get("oneOf", [node]) if branch.get("type") != "null"]
        inner = str(branches[0].get("$ref", "")).rpartition("/")[2]
        schema: Document = _component(inner) if inner else node
        if "oneOf" in node:
            schema = {**schema, "type": [schema["type"], "null"]}
        yield _Place((*path, name), schema, name in whole.get("required", ()))
        if inner:
            yield from _places_in(inner, (*path, name))


def _component(name: str) -> Document:
    found: Document = specification()["components"]["schemas"][name]
    return found


def held(call: Call, place: Sequence[str]) -> Json:
    """Return what an update holds at a place; Ellipsis where there is none."""
    value: Json = call.changes
    for step in place:
        if not isinstance(value, dict) or step not in value:
            return ...
        value = value[step]
    return value


def texts() -> Iterator[Condition]:
    """A text that an update may set."""
    for place in _places():
        if "string" not in place.types or "pattern" in place.schema:
            continue
        for words, pattern in _TEXTS.items():
            yield Condition(f"{place.words} {words}", _matching(place.path, pattern), place.path, is_set=True)
        for length in _LENGTHS:
            words = f"{place.words} is longer than {length} characters"
            yield Condition(words, _longer(place.path, length), place.path, is_set=True)


def _matching(place: tuple[str, ...], pattern: str) -> Callable[[], Met]:
    expression = re.compile(pattern, re.DOTALL)
    return lambda: lambda call: isinstance(value := held(call, place), str) and expression.search(value) is not None


def _longer(place: tuple[str, ...], length: int) -> Callable[[], Met]:
    return lambda: lambda call: isinstance(value := held(call, place), str) and len(value) > length


def values(*, allowed: bool) -> Iterator[Condition]:
    """A value of some type, of those that the schema has there or of the others."""
    for place in _places():
        for words, (kind, fits) in _VALUES.items():
            if (kind in place.types) is allowed:
                is_set = allowed and kind != "null"
                yield Condition(f"{place.words} {words}", _fitting(place.path, fits), place.path, is_set=is_set)
        for words, empty in _EMPTY.items():
            kind = next(kind for kind, fits in _VALUES.values() if fits(empty))
            if (kind in place.types and place.may_be_empty()) is allowed:
                fits = partial(operator.eq, empty)
                yield Condition(f"{place.words} {words}", _fitting(place.path, fits), place.path, is_set=allowed)
        if place.required is not allowed:
            yield Condition(f"{place.words} is missing", _fitting(place.path, lambda value: value is ...), place.path)


def _fitting(place: tuple[str, ...], fits: Callable[[Json], bool]) -> Callable[[], Met]:
    return lambda: lambda call: bool(call.changes) and fits(held(call, place))


def neighbours() -> Iterator[Condition]:
    """What an update holds, or does not hold, beside the property that goes wrong."""
    for field in properties("CustomerUpdate"):
        for other in optional():
            if field != other:
                for words, fits in _NEIGHBOURS.items():
                    yield Condition(f"{other} {words}", _beside(field, other, fits), (field,))


_NEIGHBOURS: dict[str, Callable[[Json], bool]] = {
    "is set": lambda value: value is not None and value is not ...,
    "is removed": lambda value: value is None,
    "is left out": lambda value: value is ...,
}


def _beside(field: str, other: str, fits: Callable[[Json], bool]) -> Callable[[], Met]:
    return lambda: lambda call: field in call.changes and fits(call.changes.get(other, ...))


def histories() -> Iterator[Condition]:
    """What came before."""
    for number in (2, 3, 5, 7, 10, 20, 40, 80):
        yield Condition(f"it is one of {number}", _every(number))
    for words, fits in _AFTER.items():
        yield Condition(f"the call before {words}", _after(fits))
    yield Condition("the same was sent before", _repeated, is_of_any=False)


_AFTER: dict[str, Callable[[Call, Call], bool]] = {
    "was an update of another customer": lambda last, call: last.identifier != call.identifier and last.is_update,
    "was a read of another customer": lambda last, call: last.identifier != call.identifier and last.is_read,
    "was an update of the same customer": lambda last, call: last.identifier == call.identifier and last.is_update,
    "was a read of the same customer": lambda last, call: last.identifier == call.identifier and last.is_read,
    "was by somebody else": lambda last, call: last.header(AUTHORIZATION) != call.header(AUTHORIZATION),
    "was of an unknown customer": lambda last, _call: last.identifier not in {FIRST, OTHER},
    "was of another method": lambda last, _call: not last.is_read and not last.is_update,
}


def _every(number: int) -> Callable[[], Met]:
    def make() -> Met:
        count = {"GET": 0, "POST": 0}

        def met(call: Call) -> bool:
            if call.method not in count:
                return False
            count[call.method] += 1
            return count[call.method] % number == 0

        return met

    return make


def _after(fits: Callable[[Call, Call], bool]) -> Callable[[], Met]:
    def make() -> Met:
        before: list[Call] = []

        def met(call: Call) -> bool:
            last = before.pop() if before else None
            before.append(call)
            return last is not None and fits(last, call)

        return met

    return make


def _repeated() -> Met:
    last: dict[bytes, bytes] = {}

    def met(call: Call) -> bool:
        if not call.is_update:
            return False
        same = last.get(call.path) == call.body
        last[call.path] = call.body
        return same

    return met


def forms() -> Iterator[Condition]:
    """How a request is sent."""
    for words, met in _FORMS.items():
        yield Condition(words, partial(_always, met), is_of_any=words not in _OF_BODIES)
    for size in (1, 2, 4, 8, 16, 32, 48, 60):
        words = f"the body is longer than {size} KiB"
        yield Condition(words, partial(_always, _larger(size * 1024)), is_of_any=False)
    for count in (5, 10, 20, 30, 50, 100, 500):
        yield Condition(f"there are more than {count} properties", partial(_always, _more(count)), is_of_any=False)


def _always(met: Met) -> Met:
    return met


def _larger(size: int) -> Met:
    return lambda call: len(call.body) > size


def _more(count: int) -> Met:
    return lambda call: len(call.changes) > count


_FORMS: dict[str, Met] = {
    "a charset is named": lambda call: b"charset" in (call.header(b"content-type") or b"").lower(),
    "the body comes in chunks": lambda call: call.header(b"transfer-encoding") is not None,
    "the identifier is encoded": lambda call: b"%" in call.identifier,
    "there is a query": lambda call: bool(call.scope["query_string"]),
    "the scheme is in small letters": lambda call: (call.header(AUTHORIZATION) or b"").startswith(b"basic"),
    "the scheme is in capitals": lambda call: (call.header(AUTHORIZATION) or b"").startswith(b"BASIC"),
    "there is white space between members": lambda call: re.search(rb'\A\s|",\s|[{:]\s', call.body) is not None,
    "the body holds an escape": lambda call: b"\\u" in call.body,
    "there is a cookie": lambda call: call.header(b"cookie") is not None,
    "an Accept is sent": lambda call: call.header(b"accept") is not None,
    "an Origin is sent": lambda call: call.header(b"origin") is not None,
    "a condition is sent": lambda call: any(name.startswith(b"if-") for name, _ in call.headers),
}
_OF_BODIES = {
    "a charset is named",
    "the body comes in chunks",
    "there is white space between members",
    "the body holds an escape",
}
