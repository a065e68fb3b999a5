"""Servers that read as JSON what is none, or do not read what is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from ._mutant import Answer, Call, Document, Json, Mutant, Server
from ._ways import around, inside, receiving, restating, storing, strings

_LIMIT = 64 * 1024
_Pairs = list[tuple[str, Any]]
_TOO_LARGE_FOR_A_DOUBLE = 10**300


def _repairing(name: str, defect: str, repair: Callable[[bytes], bytes]) -> Mutant:
    """A server that reads some malformed bodies as if they were written well."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if not call.is_update or answer.status != 400:
            return answer
        try:
            return await server(call.holding(repair(call.body)))
        except (ValueError, RecursionError):
            return answer

    return around(name, defect, act)


def _reading(name: str, defect: str, **lenience: Any) -> Mutant:
    """A server that reads JSON with Python's reader, with some lenience and no other."""
    return _repairing(name, defect, lambda body: json.dumps(_read(body, **lenience)).encode())


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
    found = _read(body, object_pairs_hook=_marked)
    if isinstance(found, _Twice):
        raise ValueError  # noqa: TRY004 - it is no wrong type, but a wrong text
    return json.dumps(found).encode()


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


def _shallow(body: bytes) -> bytes:
    if _depth(body) <= 128:
        return body
    return json.dumps({**_read(body), "customData": {}}).encode()


def _depth(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def _replacing(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    return lambda body: re.sub(pattern, by, body)


def _refusing(name: str, defect: str, refuses: Callable[[bytes], bool]) -> Mutant:
    """A server that takes some bodies for malformed."""
    return receiving(name, defect, lambda call: call.holding(b"{") if call.is_update and refuses(call.body) else call)


def _measuring(name: str, defect: str, change: Callable[[bytes], bytes]) -> Mutant:
    """A server that takes bodies for longer or shorter."""
    return receiving(name, defect, lambda call: call.holding(change(call.body)) if call.is_update else call)


def _numbers(change: Callable[[Any], Any]) -> Callable[[Document], Document]:
    """Return what changes every number inside customData."""
    return inside(lambda value: change(value) if isinstance(value, (int, float)) else value)


def _is_large(value: Any, bits: int) -> bool:
    return type(value) is int and abs(value) >= 2**bits


def _rounded(value: Any) -> Any:
    return int(float(value)) if _is_large(value, 53) and abs(value) < _TOO_LARGE_FOR_A_DOUBLE else value


async def _empty_taken(call: Call, server: Server) -> Answer:
    return await server(call.reading() if call.is_update and not call.body.strip() else call)


MUTANTS = [
    _reading("last-name-wins", "Of two members of one name the last counts.", object_pairs_hook=dict),
    _repairing("inner-names-twice", "Two members of one name are accepted in nested objects.", _twice_inside),
    _repairing("escaped-names-twice", "Two members of one name are accepted if one is escaped.", _twice_escaped),
    _reading("nan-taken", "NaN is accepted.", parse_constant=lambda name: None if name == "NaN" else _refused(name)),
    _reading(
        "overflow-taken",
        "A number that overflows is accepted.",
        parse_float=lambda digits: min(float(digits), 1e308) if float(digits) > 0 else max(float(digits), -1e308),
    ),
    _reading("controls-taken", "Control characters are accepted in strings.", strict=False),
    _repairing("rest-ignored", "What follows the first JSON text is ignored.", _first_text),
    _repairing(
        "second-text-ignored", "A second JSON text is ignored.", lambda body: _first_text(body, followed_by=b"{")
    ),
    _repairing("last-brace-added", "A brace that is missing at the end is added.", lambda body: body + b"}"),
    _repairing("last-comma-ignored", "A comma after the last member is ignored.", _replacing(rb",\s*}$", b"}")),
    _repairing("comments-ignored", "Comments are ignored.", _replacing(rb"/\*.*?\*/", b"")),
    _repairing(
        "single-quotes-taken", "Single quotes are taken for double ones.", lambda body: body.replace(b"'", b'"')
    ),
    _repairing("escapes-unknown", "Unknown escapes are accepted.", _replacing(rb'\\([^"\\/bfnrtu])', rb"\1")),
    _repairing("latin-1-taken", "What is not UTF-8 is read as latin-1.", lambda body: body.decode("latin-1").encode()),
    _repairing(
        "not-utf-8-replaced", "What is not UTF-8 is replaced.", lambda body: body.decode("utf-8", "replace").encode()
    ),
    _repairing("utf-16-taken", "UTF-16 is accepted.", lambda body: body.decode("utf-16").encode()),
    _repairing("surrogates-replaced", "Lone surrogates are replaced.", _without_surrogates),
    _repairing("leading-zeros-taken", "Numbers may begin with zeros.", _replacing(rb"\[0+(\d)", rb"[\1")),
    around("empty-taken", "An update without a body is accepted.", _empty_taken),
    _repairing("depth-201-taken", "Bodies of any depth are accepted.", _shallow),
    _refusing(
        "depth-64-refused",
        "Bodies are accepted up to a depth of 32.",
        lambda body: _depth(body) > 50 and b"[" not in body,
    ),
    restating(
        "depth-crash",
        "Very deep bodies crash the server.",
        500,
        lambda call, answer: answer.status == 400 and _depth(call.body) > 1000,
    ),
    _refusing("white-space-refused", "White space before the body is refused.", lambda body: body[:1].isspace()),
    _refusing("escapes-refused", "Escaped characters are refused.", lambda body: b"\\u00" in body),
    _measuring("limit-less", "Bodies of any length are accepted.", bytes.strip),
    _measuring(
        "limit-one-more",
        "Bodies of one byte more than 64 KiB are accepted.",
        lambda body: body[:-1] if len(body) == _LIMIT + 1 else body,
    ),
    _measuring(
        "limit-one-less", "Bodies of 64 KiB are refused.", lambda body: body + b" " if len(body) == _LIMIT else body
    ),
    storing("doubles-for-integers", "Integers beyond 53 bits are rounded to doubles.", _numbers(_rounded)),
    storing(
        "64-bits",
        "Integers beyond 64 bits are cut to them.",
        _numbers(lambda value: value % 2**64 if _is_large(value, 64) else value),
    ),
    storing(
        "digits-as-text",
        "Integers of more than 100 digits become text.",
        _numbers(lambda value: str(value) if _is_large(value, 333) else value),
    ),
    storing(
        "booleans-as-numbers",
        "Booleans inside customData become numbers.",
        _numbers(lambda value: int(value) if isinstance(value, bool) else value),
    ),
    storing(
        "fractions-single",
        "Fractions inside customData are kept in single precision.",
        _numbers(lambda value: round(value, 7) + 1.49e-9 if isinstance(value, float) else value),
    ),
]
