"""Servers that keep the contract in another way than the sandbox: the check must hold for each of them.

Their names begin with v-, so that nobody takes one for a mutant; their `defect` says what is other, and no defect.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from ._mutant import Answer, Call, Document, properties
from ._ways import answering, misreading, refusing, saying, showing, storing
from .measures import level

_LIMIT = 64 * 1024


def _as_doubles(_call: Call, answer: Answer) -> Answer:
    if answer.customer is None:
        return answer
    return answer.holding(re.sub(rb'("(?:created|updated)At":\d{13})', rb"\1.0", answer.body))


def _in_two_headers(name: bytes, answer: Answer, *values: bytes) -> Answer:
    alone = answer.having(name, None)
    return replace(alone, headers=(*alone.headers, *((name, value) for value in values)))


def _allow_split(_call: Call, answer: Answer) -> Answer:
    first, comma, rest = (answer.header(b"allow") or b"").partition(b", ")
    return _in_two_headers(b"allow", answer, first, rest) if comma else answer


def _challenged_twice(answer: Answer) -> Answer:
    challenge = answer.header(b"www-authenticate") or b""
    return _in_two_headers(b"www-authenticate", answer, b'Bearer realm="x"', challenge)


def _not_of_http(call: Call, answer: Answer) -> Answer:
    unknown = call.method in {"QUERY", "PROPFIND"}
    return replace(answer, status=400).having(b"allow", None) if unknown else answer


def _only_named(changes: Document) -> Document:
    named = [(name, value) for name, value in changes.items() if name in properties("CustomerUpdate")]
    nested = {"address": properties("Address"), "driverLicense": properties("DriverLicense")}
    return {
        name: {key: item for key, item in value.items() if key in nested[name]}
        if name in nested and isinstance(value, dict)
        else value
        for name, value in named
    }


def _place(call: Call) -> str:
    return "Unexpected end at line 1, column 17." if call.is_update and call.json is None else ""


def _told_more(answer: Answer) -> Answer:
    if not answer.body:
        return answer
    more = {"occurredAt": 1796000000000, "location": "gateway", "hint": None}
    return answer.telling({"errors": [{**error, **more} for error in answer.json["errors"]], "requestId": "b1946ac9"})


VARIANTS = [
    answering("v-doubles", "Times are written with a fraction of zero.", _as_doubles),
    showing(
        "v-version",
        "Answers hold a property of the provider's own that each update changes.",
        lambda customer: {**customer, "version": customer["updatedAt"]},
    ),
    showing(
        "v-more",
        "Answers hold properties that nobody knows.",
        lambda customer: {**customer, "status": "ACTIVE", "tags": [None], "flags": {"a": None}},
    ),
    answering("v-not-of-http", "Methods that HTTP itself does not define are answered with 400.", _not_of_http),
    answering("v-allow-split", "Allow comes in two headers.", _allow_split),
    refusing("v-two-challenges", "An answer with 401 has two challenges, in two headers.", _challenged_twice, 401),
    storing("v-only-known", "What the schema does not name is dropped.", _only_named),
    misreading(
        "v-depth-64",
        "Bodies that are nested deeper than 64 are refused.",
        lambda body: len(body) <= _LIMIT and level(body) > 64,
    ),
    saying("v-line", "The error for malformed JSON says where.", _place, 400),
    saying("v-select", "An error asks to select something.", "Please select a country."),
    answering(
        "v-pretty",
        "Answers are written over several lines, with escapes.",
        lambda _call, answer: answer.holding(json.dumps(answer.json, indent=2).encode()) if answer.body else answer,
    ),
    refusing("v-occurred", "Errors hold a time, a place and more.", _told_more),
]
