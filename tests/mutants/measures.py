"""Servers that measure in another way: how long a body is, how deep, and how large a number may be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ._mutant import Call, Document, Mutant
from ._ways import inside, misreading, receiving, repairing, restating, storing

TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')
_LIMIT = 64 * 1024
_TOO_LARGE_FOR_A_DOUBLE = 10**300


def _shallow(body: bytes) -> bytes:
    if _depth(body) <= 128:
        return body
    return json.dumps({**json.loads(body.decode()), "customData": {}}).encode()


def _depth(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def level(body: bytes) -> int:
    """How deep the objects and lists of a body are nested."""
    depth = most = 0
    for byte in TEXT.sub(b"", body):
        depth += (byte in b"{[") - (byte in b"}]")
        most = max(most, depth)
    return most


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


def _brackets_in_texts(body: bytes) -> int:
    return sum(map(_depth, TEXT.findall(body)))


def _is_many_and_flat(body: bytes) -> bool:
    return len(body) <= _LIMIT and level(body) <= 64 and _depth(TEXT.sub(b"", body)) > 500


def _is_chunked(call: Call) -> bool:
    return call.header(b"transfer-encoding") is not None


def _in_characters(call: Call) -> Call:
    """What is white space around the JSON does not count for the sandbox, then."""
    if not call.is_update or len(call.body) <= _LIMIT or len(call.body.decode("utf-8", "replace")) > _LIMIT:
        return call
    return call.holding(call.body.strip())


MUTANTS = [
    repairing("depth-201-taken", "Bodies of any depth are accepted.", _shallow),
    misreading(
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
    receiving("limit-in-characters", "The length of a body counts characters.", _in_characters),
    receiving(
        "limit-by-header",
        "Bodies in chunks are accepted at any length.",
        lambda call: call.holding(call.body.strip()) if _is_chunked(call) else call,
    ),
    receiving(
        "chunks-not-read",
        "Bodies in chunks are taken for empty.",
        lambda call: call.holding(b"") if _is_chunked(call) else call,
    ),
    misreading(
        "brackets-in-texts-counted",
        "Brackets in texts count as levels.",
        lambda body: _brackets_in_texts(body) > 200,
    ),
    misreading("brackets-counted", "More than 500 brackets are too many, however flat.", _is_many_and_flat),
    misreading(
        "underflow-refused",
        "A number too small for a double is refused.",
        lambda body: re.search(rb"\de-[4-9]\d\d", body) is not None,
    ),
    misreading(
        "negative-zero-refused",
        "A zero with a sign is refused.",
        lambda body: re.search(rb"[\[:,]-0[\],}]", body) is not None,
    ),
    misreading(
        "members-counted",
        "More than 1000 members are too many.",
        lambda body: len(body) <= _LIMIT and level(body) <= 64 and TEXT.sub(b"", body).count(b":") > 1000,
    ),
    misreading(
        "name-50000-refused",
        "Names of more than 50000 characters are refused.",
        lambda body: len(body) <= _LIMIT and re.search(rb'"[^"\\]{50001,}":', body) is not None,
    ),
]
