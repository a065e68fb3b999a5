"""Servers that keep the contract in another way than the sandbox: the check must hold for each of them.

Their names begin with v-, so that nobody takes one for a mutant; their `defect` says what is other, and no defect.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from dataclasses import replace

from ._mutant import Answer, Around, Call, Document, Json, Server, properties
from ._ways import (
    answering,
    around,
    errors,
    inside,
    member,
    misreading,
    refusing,
    remembering,
    saying,
    showing,
    storing,
)
from .measures import level
from .sharing import concerns_both, held, other_of

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


def _forbidding_more(_call: Call, answer: Answer) -> Answer:
    value = b"no-cache, no-store, max-age=0, must-revalidate"
    return answer if answer.header(b"cache-control") is None else answer.having(b"cache-control", value)


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
    more = {"occurredAt": time.time_ns() // 1_000_000, "location": "gateway", "hint": None}
    return answer.telling({"errors": [{**error, **more} for error in answer.json["errors"]], "requestId": "b1946ac9"})


def _challenged_in_one(answer: Answer) -> Answer:
    challenge = answer.header(b"www-authenticate") or b""
    return answer.having(b"www-authenticate", b'Bearer realm="x", ' + challenge)


async def _unique_external_id(call: Call, server: Server) -> Answer:
    if not call.changes.get("externalId") or not await concerns_both(call, server):
        return await server(call)
    theirs = await held(other_of(call), server)
    if theirs.get("externalId") != call.changes["externalId"]:
        return await server(call)
    return errors(lambda error: {**error, "code": 210, "message": "A duplicate."})(await server(call.setting({})))


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _fraction(at: int) -> Json:
    return float(at) if int(float(at)) == at else at


def _without_length(answer: Answer) -> Answer:
    return answer.having(b"content-length", None)


def _never_as_long() -> Around:
    count = 0

    async def act(call: Call, server: Server) -> Answer:
        nonlocal count
        answer = await server(call)
        count += 1
        return answer.telling({**answer.json, "took": "." * (count % 7)}) if answer.customer is not None else answer

    return act


def _compressed(call: Call, answer: Answer) -> Answer:
    if b"gzip" not in (call.header(b"accept-encoding") or b"") or not answer.body:
        return answer
    return answer.holding(gzip.compress(answer.body)).having(b"content-encoding", b"gzip")


def _of_a_proxy(answer: Answer) -> Answer:
    more = {b"set-cookie": b"AWSALB=abc; Path=/app/", b"via": b"1.1 proxy", b"etag": b'"x"', b"vary": b"Origin"}
    return replace(answer, headers=(*answer.headers, *more.items(), (b"access-control-allow-origin", b"*")))


def _several(answer: Answer) -> Answer:
    if not answer.body:
        return answer
    places = ("/address/country", "body.name")
    return answer.telling({"errors": [{**error, "location": at} for error in answer.json["errors"] for at in places]})


def _in_exponents(_call: Call, answer: Answer) -> Answer:
    if answer.customer is None:
        return answer
    return answer.holding(re.sub(rb'("(?:created|updated)At":\d)(\d{12})', rb"\1.\2E12", answer.body))


def _shuffled(_call: Call, answer: Answer) -> Answer:
    if answer.customer is None:
        return answer
    members = list(answer.customer.items())
    random.shuffle(members)
    return answer.showing(dict(members))


def _of_another_house(answer: Answer) -> Answer:
    if not answer.body:
        return answer
    return answer.telling({"errors": [{"domain": "", "code": -1, "message": ""} for _ in answer.json["errors"]]})


VARIANTS = [
    answering("v-no-store-and-more", "Answers forbid storing in more words than one.", _forbidding_more),
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
    refusing("v-challenges-in-one", "An answer with 401 has two challenges, in one header.", _challenged_in_one, 401),
    around("v-external-id-unique", "An externalId that another customer has is refused.", _unique_external_id),
    showing("v-whole-numbers", "Whole numbers inside customData are written without a fraction.", inside(_whole)),
    showing("v-enroll-double", "enrollDate is written with a fraction of zero.", member("enrollDate", _fraction)),
    answering(
        "v-head-without-length",
        "HEAD does not say how long the body would be.",
        lambda call, answer: _without_length(answer) if call.method == "HEAD" else answer,
    ),
    answering(
        "v-chunked",
        "Answers come in chunks.",
        lambda _call, answer: _without_length(answer) if answer.body else answer,
    ),
    remembering("v-took", "Answers to the same read are of different lengths.", _never_as_long),
    answering("v-gzip", "Answers are compressed for those who say that they can read it.", _compressed),
    answering(
        "v-charset",
        "Answers name their charset.",
        lambda _call, answer: (
            answer.having(b"content-type", b"application/json;charset=UTF-8") if answer.body else answer
        ),
    ),
    answering(
        "v-proxy", "Answers have headers of a proxy, and for browsers.", lambda _call, answer: _of_a_proxy(answer)
    ),
    answering(
        "v-close", "Each answer ends its connection.", lambda _call, answer: answer.having(b"connection", b"close")
    ),
    saying("v-constraint", "An error speaks of a constraint.", "The value violates the format constraint.", 400),
    saying("v-help", "An error leads to a page about it.", "See https://docs.example.com/errors/invalid.php?code=200."),
    saying(
        "v-limits",
        "Errors tell what is accepted.",
        "Accepted are application/json, two capitals such as CA, 0 to 9223372036854775807, and up to 65536 bytes.",
    ),
    refusing("v-several", "An answer holds several errors, each with its place.", _several),
    answering("v-exponents", "Times are written with an exponent.", _in_exponents),
    answering("v-shuffled", "The properties of a customer come in another order each time.", _shuffled),
    refusing("v-other-errors", "Errors have codes that nobody knows, and no words.", _of_another_house),
    saying(
        "v-select-from", "An error asks to select something from a list.", "Please select a country from the list.", 400
    ),
    saying("v-update-must-set", "An error says what an update must set.", "An update must set the name.", 400),
    saying(
        "v-reference",
        "Each error has a reference of its own.",
        lambda _call: f"Reference {random.getrandbits(64):016x}.",
    ),
]
