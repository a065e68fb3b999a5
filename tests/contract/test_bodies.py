"""Request bodies byte for byte: what counts as JSON, how deep, how large, of which type.

Each body is one that a lenient server would read its own way. The bodies are made from a valid update, so
that nothing but the point in question can be the reason for refusing them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from ._customers import Customers, Expectation
from ._values import errors_of
from ._wire import LONGEST_BODY, dump, encode_id
from .test_tables import LEAST, SAMPLES, SPEC, full

_BAD_REQUEST, _TOO_LARGE, _UNSUPPORTED = 400, 413, 415
_TEXT = next(name for name, value in LEAST.items() if isinstance(value, str))
_FREE = next(one.name for one in SPEC.fields if not errors_of(one.schema, {"any": ["value"]}))
_VALID = dump(LEAST)
_OPEN = _VALID[:-1]
"""A valid body without its closing brace: what is appended becomes another member."""


@dataclass(frozen=True)
class Body:
    """Bytes and the clause that settles what they get."""

    name: str
    data: bytes = field(repr=False)
    clause: str = "strict-json"


def member(value: str | bytes, name: str = _FREE) -> bytes:
    """Return the valid body with one more member, its value written out."""
    text = value.encode() if isinstance(value, str) else value
    return _OPEN + b"," + json.dumps(name).encode() + b":" + text + b"}"


def text_as(written: bytes) -> bytes:
    """Return the valid body with another text, written out, in a required field."""
    return _VALID.replace(dump(_TEXT) + b":" + dump(LEAST[_TEXT]), dump(_TEXT) + b":" + written, 1)


def escaped(text: str) -> bytes:
    """Return a text of ASCII, written out with nothing but escapes."""
    return b'"' + b"".join(rb"\u%04x" % ord(sign) for sign in text) + b'"'


def levels(depth: int) -> str:
    """Return a value that makes the whole body `depth` levels deep; the body itself is the first."""
    return '{"a":' * (depth - 1) + "1" + "}" * (depth - 1)


def filled(body: bytes) -> bytes:
    """Return a body with one sign, which stands for a text, repeated until it is as long as allowed."""
    return body.replace(b"~", b"x" * (LONGEST_BODY - len(body) + 1))


_MANY = {f"m{number}": number for number in range(3000)}
NO_NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1E+999",
    "01",
    "-01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "1_000",
    "1e",
    "--1",
    "True",
    "None",
    "nan",
    "inf",
    "undefined",
    "1d",
    "1L",
    "1n",
    "\u0661\u0662",
]
_OBJECT = next(dump(name) + b":" + dump(value) for name, value in LEAST.items() if isinstance(value, dict))
_TWICE = _OBJECT[:-1] + b"," + _OBJECT[_OBJECT.index(b"{") + 1 :]
_UNKNOWN = "contractCheck"
_INTEGERS = [
    (one.name, text)
    for one in SPEC.fields
    for text in ("1555696836548.0", "1.555696836548e12", "7.0", "0.7E+1")
    if "integer" in one.schema.get("type", ()) and not errors_of(one.schema, json.loads(text))
]
"""Integers in notations that are as good as any to JSON Schema."""
REFUSED = [
    Body("empty", b""),
    Body("only spaces", b" \n "),
    Body("truncated", _OPEN),
    Body("truncated inside a string", _VALID[: _VALID.rindex(b'"')]),
    Body("trailing data", _VALID + b"x"),
    Body("a trailing brace", _VALID + b"}"),
    Body("two documents", _VALID + b"\n" + _VALID),
    Body("a comma after the last member", _OPEN + b",}"),
    Body("a comment", _VALID + b"/* */"),
    Body("single quotes", _VALID.replace(b'"', b"'")),
    Body("a name without quotes", _OPEN + b",x:1}"),
    Body("UTF-16", _VALID.decode().encode("utf-16")),
    Body("UTF-32 without a mark", _VALID.decode().encode("utf-32-le")),
    Body("latin-1", text_as(b'"Jos\xe9"')),
    Body("an overlong encoding", text_as(b'"a\xc0\xafb"')),
    Body("a surrogate in UTF-8", text_as(b'"a\xed\xa0\x80b"')),
    Body("a pair of surrogates in UTF-8", text_as(b'"a\xed\xa0\xbd\xed\xb8\x80b"')),
    Body("a mark in front", b"\xef\xbb\xbf" + _VALID),
    Body("a no-break space in front", "\u00a0".encode() + _VALID),
    Body("a raw tab in a string", text_as(b'"a\tb"')),
    Body("an escaped single quote", text_as(rb'"a\'b"')),
    Body("a semicolon at the end", _VALID + b";"),
    Body("a lone high surrogate", text_as(rb'"a\ud800b"')),
    Body("a lone low surrogate", text_as(rb'"a\udc00b"')),
    Body("surrogates the wrong way round", text_as(rb'"a\udc00\ud800b"')),
    Body("a lone surrogate in a free-form value", member(rb'{"a":["\ud83d"]}')),
    Body("a lone surrogate in a name", member(rb'{"\ud83d":1}')),
    Body("a raw line feed in a string", text_as(b'"a\nb"')),
    Body("a raw NUL in a string", text_as(b'"a\0b"')),
    Body("a word without quotes", b"Unquoted7word"),
    Body("a word without quotes as a value", member("Unquoted7word")),
    Body("a word behind a text", text_as(b'"Secret7"x')),
    Body("an unknown escape", text_as(rb'"a\xb"')),
    Body("the same name twice", _OPEN + b"," + _VALID[1:]),
    Body("the same name twice with the same value in a nested object", member('{"a":1,"b":2,"a":1}')),
    Body("the same name twice, once escaped", member(r'{"a":1,"\u0061":2}')),
    Body("the same name twice in an object that the schema knows", _VALID.replace(_OBJECT, _TWICE, 1)),
    Body("an unknown name twice", member('1,"contractCheck":1', _UNKNOWN)),
    Body("two members without a name", member('{"":1,"":2}')),
    Body("two members __proto__", member('{"__proto__":{},"__proto__":{}}')),
    Body("a lone surrogate under an unknown name", member(rb'"a\ud83d"', _UNKNOWN)),
    Body("no number, under an unknown name", member("NaN", _UNKNOWN)),
    Body("nested 5000 deep under an unknown name", member(levels(5000), _UNKNOWN), "nesting"),
    Body("nan as a member", member('{"a":nan}')),
    Body("a NUL and more", _VALID + b"\0x"),
    Body("a NUL at the end", _VALID + b"\0"),
    Body("a form feed in front", b"\f" + _VALID),
    Body("a comma after the last item", member('{"a":[1,]}')),
    Body("a comma after the last member inside", member('{"a":1,}')),
    Body("a comment to the end of the line", b"// all of it\n" + _VALID),
    Body("a name without a value", member('{"a":}')),
    Body("an escape of two digits", text_as(rb'"\x41"')),
    Body("the same name twice deep inside", member('{"x":[{"y":{"a":1,"a":2}}]}')),
    *(Body(f"{number} as a number", member(f'{{"a":[{number}]}}')) for number in NO_NUMBERS),
    Body("nested 201 deep", member(levels(201)), "nesting"),
    Body("nested 5000 deep", member(levels(5000)), "nesting"),
    Body("lists nested 20000 deep", member('{"a":' + "[" * 20000 + "]" * 20000 + "}"), "nesting"),
    Body("20000 lists never closed", member('{"a":' + "[" * 20000), "strict-json"),
]
ACCEPTED = [
    Body("white space around everything", b" \t\r\n" + json.dumps(LEAST, indent=2).encode() + b"\r\n\t "),
    Body("everything escaped", json.dumps(LEAST, ensure_ascii=True).encode().replace(b"C", rb"\u0043")),
    Body("names of properties escaped", b"{" + b",".join(escaped(n) + b":" + dump(LEAST[n]) for n in LEAST) + b"}"),
    Body("escapes in capitals and of a slash", text_as(rb'"\u00E9\/\u00DF"')),
    Body("a number too small for a double", member('{"a":[1e-400]}')),
    Body("exponents with a capital and with a sign", member('{"a":[1E2,1e+2]}')),
    Body("a zero with a sign", member('{"a":[-0,-0.0]}')),
    *(
        Body(f"{name} as {text}", _OPEN + b"," + dump(name) + b":" + text.encode() + b"}", "set-fields")
        for name, text in _INTEGERS
    ),
    Body("brackets in a text", text_as(b'"' + b"[{" * 300 + b'"')),
    Body("many brackets, none deep", member('{"a":[' + "[],{}," * 300 + "[]]}")),
    Body("nested 64 deep", member(levels(64)), "nesting"),
    Body("as long as allowed", _VALID + b" " * (LONGEST_BODY - len(_VALID)), "body-limit"),
    Body("as long as allowed, in many members", filled(member(json.dumps({**_MANY, "last": "~"}))), "body-limit"),
    Body("many properties", dump({**LEAST, **dict.fromkeys(_MANY)}), "unknown-fields"),
    Body("as long as allowed, in a name", filled(member('{"~":1}')), "body-limit"),
    Body("as long as allowed, in a list", filled(member(json.dumps({"list": [*_MANY.values(), "~"]}))), "body-limit"),
]
SAME_TYPE = [
    "application/json",
    "APPLICATION/JSON",
    "application/json;charset=utf-8",
    "Application/Json; Charset=UTF-8",
    'application/json; charset="utf-8"',
    "application/json ; charset=utf-8",
]
OTHER_TYPES = [
    None,
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/ld+json",
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-16",
    "application/json; charset=us-ascii",
    "application/json; charset=utf8",
    "application/json; version=1",
    "application/json; charset=utf-8; version=1",
    "application/json, text/plain",
    "application/merge-patch+json",
    "application/*",
    "*/*",
    "json",
]


_LARGE = 10_000
_LONG = {field.name: {**LEAST, field.name: "~"} for field in SPEC.fields if not errors_of(field.schema, "~~")}
_LONG |= {
    f"{field.name}.{name}": {**LEAST, field.name: {**SAMPLES[field.name][0].value, name: "~"}}
    for field in SPEC.fields
    for name, node in field.schema.get("properties", {}).items()
    if not errors_of(node, "~~")
}
"""Updates with a text of any length, by where it is."""


def by_name(bodies: list[Body]) -> pytest.MarkDecorator:
    marked = [
        pytest.param(body, id=body.name, marks=pytest.mark.flood if len(body.data) > _LARGE else ()) for body in bodies
    ]
    return pytest.mark.parametrize("body", marked)


@by_name(REFUSED)
def test_a_body_that_is_not_one_strict_json_text_is_refused(body: Body, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    exchange = customers.try_update(one, body.data, Expectation(body.clause, _BAD_REQUEST, body.name))
    customers.read(one, "atomic-rejection", blamed=exchange)


@by_name(ACCEPTED)
def test_a_body_in_another_form_of_json_is_accepted(body: Body, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    _is_taken(customers, one, body.data, body.clause, body.name)


@pytest.mark.flood
@pytest.mark.parametrize("where", [*_LONG, _FREE])
def test_a_text_may_be_as_long_as_a_body_allows(where: str, customers: Customers, one: str) -> None:
    body = filled(dump(_LONG.get(where, {**LEAST, _FREE: {"text": "~"}})))
    customers.update(one, full(1))
    _is_taken(customers, one, body, "body-limit", f"a long text in {where}")
    customers.update(one, full(1))


def _is_taken(customers: Customers, one: str, body: bytes, claim: str, what: str) -> None:
    exchange, after = customers.update(one, json.loads(body), claim, what=what, body=body)
    if after:
        customers.read(one, [claim, "read-your-writes"], blamed=exchange)


@pytest.mark.lock_out
def test_a_text_that_looks_like_an_attack_is_a_text_as_any_other(customers: Customers, one: str) -> None:
    body = {**LEAST, _TEXT: "' or 1=1; <script>alert(1)</script> union select ../../etc/passwd"}
    _is_taken(customers, one, dump(body), "exact-strings", "a text that looks like an attack")


@pytest.mark.flood
@pytest.mark.parametrize("size", [LONGEST_BODY + 1, LONGEST_BODY + 4096])
def test_a_body_beyond_the_limit_is_refused_even_when_it_is_valid(size: int, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    expect = Expectation("body-limit", _TOO_LARGE, f"{size} bytes")
    exchange = customers.try_update(one, _VALID + b" " * (size - len(_VALID)), expect)
    customers.read(one, "atomic-rejection", blamed=exchange)


_IN_CHUNKS = {"Transfer-Encoding": "chunked"}


@pytest.mark.flood
@pytest.mark.parametrize("headers", [{}, _IN_CHUNKS], ids=["with a length", "in chunks"])
def test_the_limit_is_in_bytes_however_they_come(headers: dict[str, str], customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    # Longer than allowed in bytes, and not in characters.
    body = dump({**LEAST, _FREE: {"text": "é" * 20_000}}) + b" " * 26_000
    path, expect = customers.path(encode_id(one)), Expectation("body-limit", _TOO_LARGE, f"{len(body)} bytes")
    exchange = customers.send(SPEC.update.method, path, body=body, headers=headers, expect=expect)
    customers.read(one, "atomic-rejection", blamed=exchange)


def test_a_body_in_chunks_is_read(customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    customers.update(one, full(), "set-fields", what="an update in chunks", headers=_IN_CHUNKS)
    customers.read(one)


@pytest.mark.parametrize("content_type", SAME_TYPE)
def test_the_media_type_is_known_in_any_case_and_with_utf_8(content_type: str, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    exchange, after = customers.update(one, full(), "content-type", what=content_type, content_type=content_type)
    if after:
        customers.read(one, ["content-type", "read-your-writes"], blamed=exchange)


@pytest.mark.parametrize("content_type", OTHER_TYPES, ids=str)
def test_another_media_type_is_refused(content_type: str | None, customers: Customers, one: str) -> None:
    customers.update(one, full(1))
    path, expect = customers.path(encode_id(one)), Expectation("content-type", _UNSUPPORTED, str(content_type))
    exchange = customers.send(SPEC.update.method, path, body=_VALID, content_type=content_type, expect=expect)
    customers.read(one, "atomic-rejection", blamed=exchange)
