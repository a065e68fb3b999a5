"""Servers that read as JSON what is none, or do not read what is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from ._mutant import REQUIRED, Answer, Call, Document, Json, Mutant, Server, properties
from ._ways import around, misreading, repairing, strings, without
from .measures import TEXT

_SURROGATE_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_Pairs = list[tuple[str, Any]]


def _reading(name: str, defect: str, **lenience: Any) -> Mutant:
    """A server that reads JSON with Python's reader, with some lenience and no other."""
    return repairing(name, defect, lambda body: json.dumps(_read(body, **lenience)).encode())


def _read(body: bytes, **lenience: Any) -> Json:
    """Read JSON in UTF-8; handed bytes, Python's reader would take UTF-16 as well."""
    strict = {"object_pairs_hook": _unique, "parse_constant": _refused, "parse_float": _finite}
    return json.loads(body.decode(), **(strict | lenience))


class _Twice(dict[str, Any]):
    """An object that had a name twice."""


def _unique(pairs: _Pairs) -> Document:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def _refused(_name: str) -> NoReturn:
    raise ValueError


def _finite(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), -float("inf")}:
        raise ValueError
    return number


def _first_of_each(pairs: _Pairs) -> Document:
    return dict(reversed(pairs))


def _same_twice(pairs: _Pairs) -> Document:
    if any(dict(pairs)[name] != value for name, value in pairs):
        raise ValueError
    return dict(pairs)


def _marked(pairs: _Pairs) -> Document:
    return (dict if len(dict(pairs)) == len(pairs) else _Twice)(pairs)


def _twice_inside(body: bytes) -> bytes:
    return json.dumps(_update_of(body)).encode()


def _update_of(body: bytes, **lenience: Any) -> Document:
    """Read an update that has no name twice itself, whatever is inside it."""
    found = _read(body, object_pairs_hook=_marked, **lenience)
    if not isinstance(found, dict) or isinstance(found, _Twice):
        raise ValueError  # noqa: TRY004 - it is no wrong type, but a wrong text
    return found


def _twice_escaped(body: bytes) -> bytes:
    if b"\\u" not in body:
        raise ValueError
    return json.dumps(_read(body, object_pairs_hook=dict)).encode()


def _first_text(body: bytes, *, followed_by: bytes | None = None) -> bytes:
    _, end = json.JSONDecoder(object_pairs_hook=_unique).raw_decode(body.decode())
    rest = body[end:].strip()
    return body[:end] if followed_by is None or rest.startswith(followed_by) else body


def _without_surrogates(body: bytes) -> bytes:
    return json.dumps(strings(lambda text: text.encode("utf-8", "replace").decode())(_read(body))).encode()


def _replacing(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    return lambda body: re.sub(pattern, by, body)


async def _empty_taken(call: Call, server: Server) -> Answer:
    return await server(call.reading() if call.is_update and not call.body.strip() else call)


def _holds_twice(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value, _Twice) or any(map(_holds_twice, value.values()))
    return isinstance(value, list) and any(map(_holds_twice, value))


def _twice_in_address(body: bytes) -> bytes:
    found = _update_of(body)
    if _holds_twice(without("address", "driverLicense")(found)):
        raise ValueError
    return json.dumps(found).encode()


def _unknown_twice(body: bytes) -> bytes:
    """Take members of one name in the update itself, where the schema does not name them."""

    def hook(pairs: _Pairs) -> Document:
        found = [name for name, _ in pairs]
        known = [name for name in found if name in properties("CustomerUpdate")]
        whole = {*REQUIRED} <= {*found}
        return dict(pairs) if whole and len(known) == len({*known}) else _unique(pairs)

    return json.dumps(_read(body, object_pairs_hook=hook)).encode()


def _unknown_skipped(body: bytes) -> bytes:
    """Skip what the schema does not name, as readers into a class do, without holding it to anything."""
    found = _update_of(body, parse_constant=float, parse_float=float)
    kept = {name: item for name, item in found.items() if name in properties("CustomerUpdate")}
    if _holds_twice(kept):
        raise ValueError
    return json.dumps(kept, allow_nan=False).encode()


def _to_nul(body: bytes) -> bytes:
    whole = body.partition(b"\0")[0]
    return whole if whole.endswith(b"}") else body


def _matching(pattern: bytes) -> Callable[[bytes], bool]:
    return lambda body: re.search(pattern, body) is not None


def _without_wide_spaces(body: bytes) -> bytes:
    return body.decode().strip(" \t\r\n\u00a0\u2028\u2029\u3000").encode()


def _in_texts(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    return lambda body: TEXT.sub(lambda text: re.sub(pattern, by, text[0]), body)


def _from_java(body: bytes) -> bytes:
    """Read the form of UTF-8 that Java writes: pairs of surrogates, and a NUL of two bytes."""
    pairs = rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]"

    def paired(found: re.Match[bytes]) -> bytes:
        return found[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()

    return re.sub(pairs, paired, body.replace(b"\xc0\x80", rb"\u0000"))


_LARGE = 10_000


def _has_an_escaped_name(body: bytes) -> bool:
    try:
        found = _read(body)
    except (ValueError, RecursionError):
        return False
    known = [name for name in found if name in properties("CustomerUpdate")] if isinstance(found, dict) else []
    return any(b'"%s"' % name.encode() not in body for name in known)


def _without_unknown_surrogates(body: bytes) -> bytes:
    found = _read(body)
    if not isinstance(found, dict):
        raise ValueError  # noqa: TRY004 - as above
    replaced = strings(lambda text: text.encode("utf-8", "replace").decode())(found)
    # Only where there is nothing else to mend: what the schema names is held to the rules.
    if any(found[name] != replaced[name] for name in found if name in properties("CustomerUpdate")):
        raise ValueError
    return json.dumps(replaced).encode()


def _twice_if(allowed: str) -> Callable[[_Pairs], Document]:
    def hook(pairs: _Pairs) -> Document:
        _unique([(name, value) for name, value in pairs if name != allowed])
        return dict(pairs)

    return hook


MUTANTS = [
    _reading("last-name-wins", "Of two members of one name the last counts.", object_pairs_hook=dict),
    repairing("inner-names-twice", "Two members of one name are accepted in nested objects.", _twice_inside),
    repairing("escaped-names-twice", "Two members of one name are accepted if one is escaped.", _twice_escaped),
    _reading("nan-taken", "NaN is accepted.", parse_constant=lambda name: None if name == "NaN" else _refused(name)),
    _reading(
        "overflow-taken",
        "A number that overflows is accepted.",
        parse_float=lambda digits: min(float(digits), 1e308) if float(digits) > 0 else max(float(digits), -1e308),
    ),
    _reading("controls-taken", "Control characters are accepted in strings.", strict=False),
    repairing("rest-ignored", "What follows the first JSON text is ignored.", _first_text),
    repairing(
        "second-text-ignored", "A second JSON text is ignored.", lambda body: _first_text(body, followed_by=b"{")
    ),
    repairing("last-brace-added", "A brace that is missing at the end is added.", lambda body: body + b"}"),
    repairing("last-comma-ignored", "A comma after the last member is ignored.", _replacing(rb",\s*}$", b"}")),
    repairing("comments-ignored", "Comments are ignored.", _replacing(rb"/\*.*?\*/", b"")),
    repairing("single-quotes-taken", "Single quotes are taken for double ones.", lambda body: body.replace(b"'", b'"')),
    repairing("escapes-unknown", "Unknown escapes are accepted.", _replacing(rb'\\([^"\\/bfnrtu])', rb"\1")),
    repairing("latin-1-taken", "What is not UTF-8 is read as latin-1.", lambda body: body.decode("latin-1").encode()),
    repairing(
        "not-utf-8-replaced", "What is not UTF-8 is replaced.", lambda body: body.decode("utf-8", "replace").encode()
    ),
    repairing("utf-16-taken", "UTF-16 is accepted.", lambda body: body.decode("utf-16").encode()),
    repairing("surrogates-replaced", "Lone surrogates are replaced.", _without_surrogates),
    repairing("leading-zeros-taken", "Numbers may begin with zeros.", _replacing(rb"\[0+(\d)", rb"[\1")),
    around("empty-taken", "An update without a body is accepted.", _empty_taken),
    misreading("white-space-refused", "White space before the body is refused.", lambda body: body[:1].isspace()),
    misreading("escapes-refused", "Escaped characters are refused.", lambda body: b"\\u00" in body),
    repairing(
        "names-twice-in-address",
        "Two members of one name are accepted in addresses and driver licenses.",
        _twice_in_address,
    ),
    repairing(
        "unknown-twice",
        "Two properties of one name that the schema does not name are accepted.",
        _unknown_twice,
    ),
    repairing("unknown-skipped", "What the schema does not name is skipped, whatever it holds.", _unknown_skipped),
    repairing("cut-at-nul-byte", "What follows a NUL after the JSON is ignored.", _to_nul),
    repairing("form-feeds-taken", "Form feeds around the JSON are taken for white space.", bytes.strip),
    repairing("list-comma-ignored", "A comma after the last item of a list is ignored.", _replacing(rb",\s*\]", b"]")),
    repairing(
        "inner-comma-ignored",
        "A comma after the last member of a nested object is ignored.",
        _replacing(rb",\s*\}(?=.)", b"}"),
    ),
    repairing("line-comments-ignored", "Comments to the end of a line are ignored.", _replacing(rb"//[^\n]*\n", b"")),
    repairing("missing-value-null", "A member without a value is null.", _replacing(rb":\s*(?=[,}])", b":null")),
    repairing(
        "short-escapes-taken",
        "Escapes of two hexadecimal digits are accepted.",
        _replacing(rb"\\x([0-9a-fA-F]{2})", rb"\\u00\1"),
    ),
    repairing("small-nan-taken", "nan in small letters is accepted.", _replacing(rb":\s*nan\b", b":null")),
    misreading("escaped-pairs-refused", "Escaped pairs of surrogates are refused.", _matching(_SURROGATE_PAIR)),
    misreading(
        "capital-escapes-refused",
        "Escapes with capital letters are refused.",
        _matching(rb"\\u(?=[0-9a-fA-F]{4})[0-9a-f]{0,3}[A-F]"),
    ),
    misreading("escaped-slash-refused", "An escaped slash is refused.", _matching(rb"\\/")),
    repairing(
        "mark-before-taken",
        "A byte order mark before the JSON is skipped.",
        lambda body: body.removeprefix(b"\xef\xbb\xbf"),
    ),
    repairing("wide-spaces-taken", "White space beyond ASCII around the JSON is skipped.", _without_wide_spaces),
    repairing("tabs-taken", "Raw tabs are accepted in strings.", _in_texts(rb"\t", rb"\\t")),
    repairing("single-quotes-unescaped", "Escaped single quotes are accepted.", _in_texts(rb"\\'", b"'")),
    repairing(
        "number-suffixes-taken",
        "Numbers may end in d, f, n or L, as in programs.",
        _replacing(rb"(?<=[\[:,])(-?\d+)[dDfFnlL](?=[\],}])", rb"\1"),
    ),
    repairing("java-utf-8-taken", "Java's own form of UTF-8 is accepted.", _from_java),
    repairing("semicolon-ignored", "A semicolon behind the JSON is ignored.", _replacing(rb";\s*$", b"")),
    misreading("escaped-names-unknown", "The names of properties are not known with escapes.", _has_an_escaped_name),
    misreading(
        "capital-exponent-refused",
        "Numbers with a capital exponent are refused.",
        lambda body: re.search(rb"\dE", TEXT.sub(b"", body)) is not None and len(body) < _LARGE,
    ),
    repairing(
        "unknown-surrogates-taken",
        "Lone surrogates are accepted in what the schema does not name.",
        _without_unknown_surrogates,
    ),
    _reading("unnamed-twice-taken", "Two members without a name are accepted.", object_pairs_hook=_twice_if("")),
    _reading(
        "proto-twice-taken",
        "Two members of the name __proto__ are accepted.",
        object_pairs_hook=_twice_if("__proto__"),
    ),
    repairing("nul-at-end-ignored", "A NUL at the end of a body is ignored.", _replacing(rb"\x00+$", b"")),
    repairing(
        "negative-leading-zeros-taken",
        "Negative numbers may begin with zeros.",
        _replacing(rb"(?<=[\[:,])-0+(?=[1-9])", b"-"),
    ),
]
