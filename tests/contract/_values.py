"""Test values derived from a schema: every kind that it allows, and every kind that it forbids.

All of them are made up. A schema that only exotic values satisfy gives its own examples, or an error that
says so: a property that nobody tests must not go unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import hypothesis.strategies as st
import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, settings

from ._spec import Claim, Field, Spec, keyword_claim, types_of

Json = Any


@dataclass(frozen=True)
class Sample:
    """A value and the kind it stands for."""

    kind: str
    value: Json = field(repr=False)


@dataclass(frozen=True)
class Violation:
    """A body that the schema forbids, and the keywords it breaks."""

    where: str
    kind: str
    body: Json = field(repr=False)
    claims: tuple[Claim, ...] = ()

    @property
    def claim(self) -> Claim:
        """The strongest ground for refusing it."""
        return next((claim for claim in self.claims if not claim.inferred), self.claims[0])


REMOVAL = "remove-with-null"
_INT64 = 2**63 - 1
_DEEP = 60
_STRINGS = (
    ("plain", "Contract Check"),
    ("another", "Zweite Prüfung 2"),
    ("empty", ""),
    ("one character", "x"),
    ("spaces around it", "  padded\t "),
    ("only spaces", "   "),
    ("digits with leading zeros", "000123"),
    ("the word null", "null"),
    ("quotes and backslashes", "a\"b\\c/d'e"),
    ("markup", "<b>&amp;</b> %41 {x} $y;--"),
    ("control characters", "a\u0000b\u0001c\u001f\u007f\r\n\u0085"),
    ("composed and decomposed accents", "\u00e9 e\u0301 \ufb01 \u212b"),
    ("line separators and marks", "\ufeffa\u2028b\u2029c\u200e\u202e\u00ad"),
    ("beyond the basic plane", "\U0001f600\U00020000 \U0010fffd\U0001f44d\U0001f3fd"),
    ("mixed case", "iI\u0131\u0130 \u00df\u1e9e \u03a3\u03c2"),
    ("signs that look like others", "a+b\u00a0c\ufffdd\u2019e\u201cf\u201d"),
    ("signs that are not seen", "a\u200bb\u200dc\u2060d\ufe0fe\ufdd0f\uffffg\ue000h\uf8ff"),
    ("escapes and templates", r"a\nb\tc\u0041 ${x} {{y}} #{z} %s %(v)d"),
    ("long", "Lang " * 1000),
    ("the digit 0", "0"),
    ("the word false", "false"),
    ("the word NULL", "NULL"),
    ("the word undefined", "undefined"),
    ("the word None", "None"),
    ("not available", "N/A"),
    ("a formula", "=1+1"),
    ("many digits", "12345678901234567890"),
    ("nine digits", "900123456"),
    ("a sum with a sign", "-12.50"),
    ("a telephone number", "+1 (650) 555-0100"),
    ("a telephone number with an extension", "+1 650 555 0100 ext. 12"),
    ("digits with hyphens", "900-12-3456"),
    ("digits with commas", "1,234.50"),
    ("a date with slashes", "01/31/1990"),
    ("three small letters", "zzz"),
    ("capitals behind an at sign", "check@EXAMPLE.com"),
    ("a tag before an at sign, and a domain beyond ASCII", "first.last+check@exämple.com"),
    ("the name of a state", "California"),
    ("two capitals of a country", "US"),
    ("two capitals", "ZZ"),
    ("two capitals of another country", "CA"),
    ("two capitals that mean no", "NO"),
    ("two capitals that mean nothing", "NA"),
    ("three capitals", "ZZZ"),
    ("two small letters", "zz"),
    ("two capitals and a line feed", "ZZ\n"),
    ("a line feed and two capitals", "\nZZ"),
    ("two lines of capitals", "ZZ\nZZ"),
    ("capitals beyond ASCII", "ÜÉ"),
    ("two digits", "42"),
    ("date", "1990-01-02"),
    ("a date that there is not", "1990-02-30"),
    ("a date of zeros", "0000-00-00"),
    ("a date to come", "2999-12-31"),
    ("date and time", "1990-01-02T03:04:05Z"),
    ("e-mail address", "check@example.com"),
    ("uuid", "123e4567-e89b-42d3-a456-426614174000"),
    ("uuid in capitals", "123E4567-E89B-42D3-A456-426614174000"),
    ("uuid without hyphens", "123e4567e89b42d3a456426614174000"),
    ("uri", "https://example.com/a?b=c"),
    ("number in a string", "1.50"),
    ("a number with an exponent", "1e5"),
    ("a number with a sign and an exponent", "-1.5E+10"),
    ("every sign of ASCII", "".join(map(chr, range(32, 127)))),
)
_TWICE_BY_THE_CLOCK = 1572762600000
"""A time of the hour that clocks in New York strike for the second time."""
_INTEGERS = (0, 1, -1, 7, 2**31, 2**53 + 1, 1555696836548, _TWICE_BY_THE_CLOCK, _INT64, -(2**63), _INT64 + 1, 10**30)
_NUMBERS = (0.5, -0.5, 1e300, 0.1)
_FREE_FORM: tuple[tuple[str, Json], ...] = (
    ("empty object", {}),
    ("an object inside", {"inner": {"one": 1}}),
    ("another object inside", {"inner": {"two": 2}}),
    ("nothing, in many forms", {"f": False, "z": 0, "l": [], "o": {}, "s": "", "n": None, "d": 0.0}),
    ("lists", {"nulls": [None, 1, None], "long": list(range(150)), "numbered": {"0": "a", "1": "b", "2": "c"}}),
    ("shorter lists", {"nulls": [2], "long": [150], "numbered": {"0": "d"}}),
    ("many members", {f"m{number}": number for number in range(150)}),
    ("texts that look like more", {"time": "2024-01-02T03:04:05Z", "digits": "42", "minus": "-7", "word": "true"}),
    ("more such texts", {"offset": "2024-01-02T03:04:05.120+02:00", "words": ["NaN", "NULL", "None", "undefined"]}),
    ("texts that hold JSON", {"object": '{"a":1}', "list": "[1]"}),
    ("objects taken for more", {"at": {"$date": 0}, "long": {"$numberLong": "7"}, "counted": {"length": 0, "a": 1}}),
    ("fractions", {"long": 0.123456789, "tiny": 1e-7, "huge": 1.5e300}),
    ("names of many forms", {"a_name": 1, "AName": 2, " padded ": 3, "e\u0301": 4, "n" * 1000: 5, "createdAt": 6}),
    ("20 KB", {"text": "y" * 20_000}),
    ("every kind of value", {"s": "ä\u0000", "i": 1, "f": 0.1, "t": True, "n": None, "a": [1, [], {}], "o": {"": ""}}),
    ("awkward names", {"": 1, "a.b": 2, "$ref": "x", "__proto__": {"x": 1}, "ä\U0001f600": 3, "null": None}),
    (
        "more awkward names",
        {"@id": 1, "#text": 2, "a/b": 3, "constructor": {"prototype": 4}, "a\0b": 5, "c": 6, "C": 7},
    ),
    ("large integers", {"edge": [2**53 + 1, _INT64 + 1, 2**64, -(10**40)], "digits": int("9" * 1000)}),
)
ONE_OF_EACH_TYPE: tuple[tuple[str, Json], ...] = (
    ("null", None),
    ("true", True),
    ("false", False),
    ("zero", 0),
    ("integer", 7),
    ("fraction", 1.5),
    ("string", "surprising text"),
    ("empty string", ""),
    ("digits in a string", "7"),
    ("a time in a string", "2024-01-02T03:04:05Z"),
    ("an object in a string", '{"a":1}'),
    ("empty array", []),
    ("array", ["surprising text"]),
    ("empty object", {}),
    ("object", {"unexpected": "surprising text"}),
)


@cache
def _validator_of(frozen: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(frozen, validate_formats=True)


def errors_of(schema: Json, value: Json) -> list[jsonschema_rs.ValidationError]:
    """Return everything the schema has against a value."""
    return list(_validator_of(jsonschema_rs.canonical.json.to_string(schema)).iter_errors(value))


def valid_samples(one: Field) -> list[Sample]:
    """Return a value of every kind the property allows, `null` aside; raise LookupError when none can be made."""
    samples = _valid(one.schema)
    if not samples:
        raise LookupError(f"no valid value can be made for `{one.name}`: give its schema an example")
    return samples


def _valid(schema: Json) -> list[Sample]:
    samples = [
        sample for sample in _candidates(schema) if sample.value is not None and not errors_of(schema, sample.value)
    ]
    return samples or [Sample("generated", value) for value in _generated(schema)]


def _candidates(schema: Json) -> Iterator[Sample]:
    """Yield values worth trying, valid or not."""
    named = [*schema.get("enum", ()), *schema.get("examples", ())]
    named += [schema[key] for key in ("const", "default", "example") if key in schema]
    yield from (Sample(f"named by the schema, {number}", value) for number, value in enumerate(named))
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _candidates(branch)
    types = types_of(schema)
    if "string" in types or not types:
        yield from (Sample(kind, value) for kind, value in _STRINGS)
        yield from (Sample(f"{n} characters", "x" * n) for n in _bounds(schema, "minLength", "maxLength") if n >= 0)
    if {"integer", "number"} & set(types) or not types:
        bounds = _bounds(schema, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        yield from (Sample(f"integer {n}", n) for n in dict.fromkeys((*bounds, *_INTEGERS)))
    if "number" in types:
        yield from (Sample(f"number {n}", n) for n in _NUMBERS)
    if "boolean" in types or not types:
        yield from (Sample(str(value).lower(), value) for value in (True, False))
    if "array" in types:
        items = [sample.value for sample in _valid(schema.get("items", {}))]
        yield from (Sample(f"{n} items", items[:n]) for n in (*_bounds(schema, "minItems", "maxItems"), 0, 1, 2))
    if "object" in types:
        yield from _objects(schema)


def _objects(schema: Json) -> Iterator[Sample]:
    members = schema.get("properties", {})
    if not members:
        yield from (Sample(kind, value) for kind, value in _FREE_FORM)
        yield Sample("deep", _nested(_DEEP))
        return
    least = _least(schema)
    yield Sample("only what is required", least)
    every = {name: _valid(node)[0].value for name, node in members.items()}
    yield Sample("every member", every)
    yield Sample("every member, the last first", dict(reversed(every.items())))
    for name in least:
        for sample in _valid(members.get(name, {}))[1:]:
            yield Sample(f"every member, {name}: {sample.kind}", {**every, name: sample.value})
    for name, node in members.items():
        for sample in _valid(node):
            yield Sample(f"{name}: {sample.kind}", {**least, name: sample.value})


def _least(schema: Json) -> dict[str, Json]:
    return {name: _valid(schema["properties"].get(name, {}))[0].value for name in schema.get("required", ())}


def _bounds(schema: Json, *keywords: str) -> list[int]:
    return [int(schema[keyword]) + step for keyword in keywords if keyword in schema for step in (-1, 0, 1)]


def _nested(depth: int) -> Json:
    value: Json = "bottom"
    for level in range(depth):
        value = [value] if level % 2 else {"next": value}
    return value if isinstance(value, dict) else {"next": value}


def _generated(schema: Json) -> list[Json]:
    """Let Hypothesis make values for a pattern that none of the candidates matches; the same ones each time."""
    if "string" not in types_of(schema) or "pattern" not in schema:
        return []
    found: list[Json] = []

    @settings(
        max_examples=20, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(st.from_regex(schema["pattern"], fullmatch=False))
    def collect(value: str) -> None:
        if value not in found and not errors_of(schema, value):
            found.append(value)

    collect()
    return found[:3]


def violations(spec: Spec, least: dict[str, Json], more: dict[str, Json]) -> list[Violation]:
    """Return a body for every kind of value the request forbids, each wrong in one place only.

    `least` is a valid body with the required properties alone; `more` is what may be set and removed besides.
    """
    found = [("body", sample.kind, sample.value) for sample in _of_each_type()]
    found += [("body", "wrapped as in an answer", {spec.wrapper: least}), ("body", "a list of one", [least])]
    found += [("body", "an update in a string", json.dumps(least))]
    found += [(name, "missing", {**more, **{k: v for k, v in least.items() if k != name}}) for name in least]
    for one in spec.fields:
        for where, kind, value in _wrong(one.name, one.schema):
            found.append((where, kind, {**more, **least, one.name: value}))
    judged = [Violation(where, kind, body, grounds_of(spec, body)) for where, kind, body in found]
    unique = {jsonschema_rs.canonical.json.to_string(one.body): one for one in judged if one.claims}
    return list(unique.values())


def _wrong(where: str, schema: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield values to put at `where`; the caller drops those that turn out to be allowed."""
    yield from ((where, sample.kind, sample.value) for sample in _of_each_type())
    scalar = [sample for sample in _candidates(schema) if not isinstance(sample.value, (dict, list))]
    yield from ((where, sample.kind, sample.value) for sample in scalar)
    members = schema.get("properties", {})
    if not members:
        return
    least = _least(schema)
    yield from ((f"{where}.{name}", "missing", {k: v for k, v in least.items() if k != name}) for name in least)
    for name, node in members.items():
        for inner, kind, value in _wrong(f"{where}.{name}", node):
            yield inner, kind, {**least, name: value}


def _of_each_type() -> Sequence[Sample]:
    return [Sample(kind, value) for kind, value in ONE_OF_EACH_TYPE]


def grounds_of(spec: Spec, body: Json) -> tuple[Claim, ...]:
    """Return the claims that a body breaks; none for a valid one."""
    schema = spec.request_schema
    # What may not be null is a clause of its own, and less certain than the type.
    return tuple(
        spec.clauses[REMOVAL]
        if error.instance is None and [*error.instance_path]
        else keyword_claim("request", schema, error.schema_path)
        for error in errors_of(schema, body)
    )
