"""JSON as the contract wants it: read strictly, written exactly.

The standard library keeps integers exact and can be told to refuse the rest. orjson can be told neither, but takes a
fraction of the time: it does what is sure to come out the same. Numbers with a fraction or an exponent become IEEE
doubles: they come back as the same double, not as the same digits.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

try:
    import orjson
except ModuleNotFoundError:  # an extra: in process the sandbox does without
    orjson = None  # type: ignore[assignment] # so that it can be asked for

Value = Any
"""What a JSON text may hold. The schema narrows it, not the type."""
MAX_DEPTH = 128
"""Levels of nesting that are accepted: 64 must be, more than 200 must not."""

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
"""As all long numbers are once each digit is a zero; the longest that 64 bits always hold has 18."""
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


class NotStrictJSONError(ValueError):
    """The bytes are not one strict JSON text. Says nothing of what they hold."""


def read(body: bytes) -> Value:
    """The value of one JSON text in UTF-8; NotStrictJSONError for anything else."""
    if _is_plain(body):
        try:
            value = orjson.loads(body)
        except ValueError:
            return _read_with_care(body)
        # orjson keeps the last of two members of one name; a colon is missing then.
        if orjson.dumps(value).count(b":") == body.count(b":"):
            return value
    return _read_with_care(body)


def _read_with_care(body: bytes) -> Value:
    """What `read` does, by the standard library."""
    try:
        text = body.decode()
        if not _is_shallow(text):
            raise NotStrictJSONError
        value = _READER.decode(text)
        # Only an escape can name a surrogate, since UTF-8 has none; an escaped pair is one character by now.
        if "\\u" in text:
            write(value)
    except ValueError:
        raise NotStrictJSONError from None
    return value


def read_own(document: bytes) -> Value:
    """The value of a text that `write` made."""
    return json.loads(document) if orjson is None or _has_long_number(document) else orjson.loads(document)


def write(value: Value) -> bytes:
    """The shortest JSON text in UTF-8 of what `read` returned; ValueError for a lone surrogate."""
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:
            pass  # a long integer, which the standard library can write; or a lone surrogate, which it refuses
    return _WRITER.encode(value).encode()


def _is_plain(body: bytes) -> bool:
    """Whether orjson reads a body just as the standard library does, or refuses it, but for members of one name.

    Escapes could hide a colon, or name a surrogate.
    """
    return (
        orjson is not None
        and b"\\u" not in body
        and body.count(b"[") + body.count(b"{") <= MAX_DEPTH
        and not _has_long_number(body)
    )


def _has_long_number(document: bytes) -> bool:
    """Whether there may be an integer that orjson would silently make a float of, being too long for 64 bits."""
    return _LONG_NUMBER in document.translate(_DIGITS)


def _is_shallow(text: str) -> bool:
    # Counted before parsing, so that the parser's own recursion limit is never what decides.
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return True
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[1]:
            depth += 1
            if depth > MAX_DEPTH:
                return False
        elif match[2]:
            depth -= 1
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJSONError
    return members


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NotStrictJSONError
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise NotStrictJSONError


_READER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_refuse_constant)
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
