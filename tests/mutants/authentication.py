"""Servers that let somebody in who should stay out, or speak of it in the wrong way."""

from __future__ import annotations

import base64
import binascii
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote_to_bytes

from ._mutant import ACCESS_ID, ACCESS_KEY, AUTHORIZATION, OTHER, RIGHT, Answer, Around, Call, Mutant, Server
from ._ways import around, receiving, refused_as_read, refusing, remembering, saying

_Pair = tuple[str, str]


def _pair(call: Call) -> _Pair | None:
    """The user name and the key of a well-formed header."""
    scheme, _, encoded = (call.header(AUTHORIZATION) or b"").partition(b" ")
    try:
        user, colon, key = base64.b64decode(encoded, validate=True).decode("latin-1").partition(":")
    except binascii.Error:
        return None
    return (user, key) if colon and scheme == b"Basic" else None


def _accepting(name: str, defect: str, is_right: Callable[[str, str], bool]) -> Mutant:
    """A server that compares user names and keys in a way of its own."""

    def change(call: Call) -> Call:
        pair = _pair(call)
        return call.authorized() if pair is not None and is_right(*pair) else call

    return receiving(name, defect, change)


def _reading(name: str, defect: str, is_right: Callable[[bytes], bool]) -> Mutant:
    """A server that reads the header in a way of its own."""

    def change(call: Call) -> Call:
        return call.authorized() if is_right(call.header(AUTHORIZATION) or b"") else call

    return receiving(name, defect, change)


async def _applied_first(call: Call, server: Server) -> Answer:
    answer = await server(call)
    if answer.status == 401 and call.is_update:
        await server(call.authorized())
    return answer


def _judged_first(*statuses: int, missing: bool = False) -> Around:
    """Refuse the body before the credentials, or before those that are missing."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if answer.status != 401 or (missing and call.header(AUTHORIZATION) is not None):
            return answer
        found = await server(call.elsewhere.authorized())
        return found if found.status in statuses else answer

    return act


async def _crashing_on_bytes(call: Call, server: Server) -> Answer:
    pair = _pair(call)
    answer = await server(call)
    if pair is None or "".join(pair).isascii():
        return answer
    return replace(answer, status=500).having(b"www-authenticate", None)


async def _missing_is_a_bad_request(call: Call, server: Server) -> Answer:
    answer = await server(call)
    if answer.status == 401 and call.header(AUTHORIZATION) is None:
        return replace(answer, status=400).having(b"www-authenticate", None)
    return answer


def _names_nobody(call: Call) -> bool:
    return call.is_undecodable or unquote_to_bytes(call.identifier) in {b"", b".", b".."}


def _user(call: Call) -> str:
    pair = _pair(call)
    return f"There is no user {pair[0]}." if pair else ""


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text.encode("latin-1").decode("utf-8", "replace"))


def _known_connections() -> Around:
    """Who has sent credentials on a connection needs none there any more."""
    known: set[object] = set()

    async def act(call: Call, server: Server) -> Answer:
        if call.header(AUTHORIZATION) is None and call.scope["client"] in known:
            return await server(call.authorized())
        answer = await server(call)
        if answer.status == 200:
            known.add(call.scope["client"])
        return answer

    return act


def _cached_for_all() -> Around:
    """A cache answers reads for a second, whoever asks; an update clears it."""
    held: dict[bytes, tuple[float, Answer]] = {}

    async def act(call: Call, server: Server) -> Answer:
        if call.is_update:
            held.pop(call.path, None)
        at, cached = held.get(call.path, (0.0, None))
        if call.method == "GET" and cached is not None and time.monotonic() - at < 1:
            return cached
        answer = await server(call)
        if call.method == "GET" and answer.status == 200:
            held[call.path] = time.monotonic(), answer
        return answer

    return act


def _is_like(text: str, pattern: str) -> bool:
    """Compare as LIKE does in a query."""
    signs = {"%": ".*", "_": "."}
    return re.fullmatch("".join(signs.get(sign, re.escape(sign)) for sign in pattern), text, re.DOTALL) is not None


def _not_found_first(is_none: Callable[[Call], bool]) -> Around:
    async def act(call: Call, server: Server) -> Answer:
        first = is_none(call) and call.method != "OPTIONS"
        return await server(call.reading().authorized() if first else call)

    return act


async def _chunks_first(call: Call, server: Server) -> Answer:
    answer = await server(call)
    if answer.status != 401 or call.header(b"transfer-encoding") is None:
        return answer
    found = await server(call.authorized())
    return found if found.status == 413 else answer


MUTANTS = [
    receiving("nobody-checked", "No credentials are asked for.", Call.authorized),
    receiving("reads-open", "Reads ask for no credentials.", lambda call: call.authorized() if call.is_read else call),
    receiving(
        "updates-open", "Updates ask for no credentials.", lambda call: call.authorized() if call.is_update else call
    ),
    receiving(
        "head-open", "HEAD asks for no credentials.", lambda call: call.authorized() if call.method == "HEAD" else call
    ),
    _reading("any-is-right", "Any credentials will do.", bool),
    _accepting("key-unchecked", "The key is not looked at.", lambda user, _key: user == ACCESS_ID),
    _accepting("user-unchecked", "The user name is not looked at.", lambda _user, key: key == ACCESS_KEY),
    _accepting(
        "key-prefix",
        "The beginning of the key is enough.",
        lambda user, key: user == ACCESS_ID and len(key) > 1 and ACCESS_KEY.startswith(key),
    ),
    _accepting(
        "key-longer",
        "A key with more behind it is taken for the key.",
        lambda user, key: user == ACCESS_ID and key.startswith(ACCESS_KEY),
    ),
    _accepting(
        "key-in-any-case",
        "The key is compared without its case.",
        lambda user, key: user == ACCESS_ID and key.lower() == ACCESS_KEY.lower(),
    ),
    _accepting(
        "user-in-any-case",
        "The user name is compared without its case.",
        lambda user, key: user.lower() == ACCESS_ID.lower() and key == ACCESS_KEY,
    ),
    _accepting(
        "key-trimmed",
        "White space around the key is cut off.",
        lambda user, key: user == ACCESS_ID and key.strip(" ") == ACCESS_KEY,
    ),
    _accepting(
        "key-to-nul",
        "The key is compared up to a NUL.",
        lambda user, key: user == ACCESS_ID and key.partition("\0")[0] == ACCESS_KEY,
    ),
    _accepting(
        "key-to-colon",
        "The key is compared up to a colon.",
        lambda user, key: user == ACCESS_ID and key.partition(":")[0] == ACCESS_KEY,
    ),
    _accepting("empty-key", "An empty key is right.", lambda user, key: user == ACCESS_ID and not key),
    _reading(
        "any-scheme",
        "The pair is let in under any scheme.",
        lambda header: header.partition(b" ")[2] == RIGHT.partition(b" ")[2],
    ),
    _reading("no-scheme", "The pair is let in without a scheme.", lambda header: header == RIGHT.partition(b" ")[2]),
    _reading(
        "first-of-list",
        "The first of several credentials in one header is let in.",
        lambda header: header.partition(b",")[0] == RIGHT,
    ),
    _reading(
        "no-base64",
        "The pair is let in without being encoded.",
        lambda header: header == f"Basic {ACCESS_ID}:{ACCESS_KEY}".encode(),
    ),
    _reading(
        "user-without-key",
        "The user name is let in without a colon and a key.",
        lambda header: header == b"Basic " + base64.b64encode(ACCESS_ID.encode()),
    ),
    around("credentials-crash", "Credentials that are not UTF-8 crash the server.", _crashing_on_bytes),
    around("credentials-missing-400", "Missing credentials are answered with 400.", _missing_is_a_bad_request),
    around("update-before-credentials", "An update is carried out before its credentials are refused.", _applied_first),
    refused_as_read(
        "unknown-before-credentials",
        "Whoever has no credentials learns which customers there are.",
        404,
        lambda _call, answer: answer.status == 401,
    ),
    around("body-before-credentials", "The body is judged before the credentials.", _judged_first(400, 413, 415)),
    saying(
        "key-in-error",
        "The error for wrong credentials tells the right ones.",
        f"Expected {ACCESS_ID}:{ACCESS_KEY}.",
        401,
    ),
    refusing("forbidden", "Wrong credentials are answered with 403.", lambda answer: replace(answer, status=403), 401),
    _accepting(
        "key-line-feed",
        "A line feed behind the key is cut off.",
        lambda user, key: user == ACCESS_ID and key.removesuffix("\n") == ACCESS_KEY,
    ),
    _accepting(
        "key-leading-space",
        "White space before the key is cut off.",
        lambda user, key: user == ACCESS_ID and key.lstrip(" ") == ACCESS_KEY,
    ),
    _accepting(
        "key-compatible",
        "The key is compared by its compatibility (NFKC).",
        lambda user, key: user == ACCESS_ID and _compatible(key) == ACCESS_KEY,
    ),
    _accepting(
        "user-trailing-space",
        "White space behind the user name is cut off.",
        lambda user, key: user.rstrip(" ") == ACCESS_ID and key == ACCESS_KEY,
    ),
    _accepting(
        "user-to-nul",
        "The user name is compared up to a NUL.",
        lambda user, key: user.partition("\0")[0] == ACCESS_ID and key == ACCESS_KEY,
    ),
    _accepting(
        "user-longer",
        "A user name with more behind it is taken for the user name.",
        lambda user, key: user.startswith(ACCESS_ID) and key == ACCESS_KEY,
    ),
    _accepting(
        "swapped",
        "The user name and the key may be swapped.",
        lambda user, key: (user, key) == (ACCESS_KEY, ACCESS_ID),
    ),
    _reading(
        "more-after-pair",
        "What follows the pair after a space is ignored.",
        lambda header: header.split(b" ")[:2] == RIGHT.split(b" "),
    ),
    refused_as_read(
        "options-credentials-judged",
        "OPTIONS with wrong credentials is answered with 401.",
        401,
        lambda call, _answer: call.method == "OPTIONS" and call.header(AUTHORIZATION) is not None,
    ),
    refused_as_read(
        "delete-after-credentials",
        "The credentials of DELETE and PATCH are judged first.",
        401,
        lambda call, _answer: call.method in {"PATCH", "DELETE"},
    ),
    refused_as_read(
        "delete-after-lookup",
        "DELETE and PATCH of an unknown customer are answered with 404.",
        404,
        lambda call, _answer: call.method in {"PATCH", "DELETE"},
    ),
    refused_as_read(
        "no-ids-before-credentials",
        "What is no identifier is answered with 404 before all else.",
        404,
        lambda call, answer: answer.status in {400, 401, 413, 415} and _names_nobody(call),
    ),
    around(
        "missing-after-type",
        "Missing credentials are refused after another media type.",
        _judged_first(415, missing=True),
    ),
    around(
        "missing-after-body", "Missing credentials are refused after a bad body.", _judged_first(400, 413, missing=True)
    ),
    saying("user-repeated", "The error for wrong credentials repeats the user name.", _user, 401),
    receiving(
        "scheme-in-one-case",
        "The scheme is known as Basic, and not as basic.",
        lambda call: (
            call if (call.header(AUTHORIZATION) or b"").startswith(b"Basic ") else call.having(AUTHORIZATION, None)
        ),
    ),
    receiving(
        "other-open",
        "Reads of one customer ask for no credentials.",
        lambda call: call.authorized() if call.is_read and call.identifier == OTHER else call,
    ),
    remembering("connections-known", "A connection that has sent credentials needs none any more.", _known_connections),
    remembering("cached-for-all", "A cache answers reads whatever the credentials.", _cached_for_all),
    _accepting(
        "wild-cards-obeyed",
        "The user name and the key may hold wild cards.",
        lambda user, key: _is_like(ACCESS_ID, user) and _is_like(ACCESS_KEY, key),
    ),
    _reading(
        "base64-lenient",
        "Signs among the base64 that are none of it are skipped.",
        lambda header: re.sub(rb"(?<=.{6})[^A-Za-z0-9+/= ,]", b"", header) == RIGHT,
    ),
    around(
        "empty-before-credentials",
        "The empty identifier is answered with 404 before all else.",
        _not_found_first(lambda call: not call.identifier),
    ),
    around(
        "undecodable-before-credentials",
        "An identifier that is not UTF-8 is answered with 404 before all else.",
        _not_found_first(lambda call: call.is_undecodable),
    ),
    around(
        "chunks-before-credentials",
        "A body in chunks that is too long is refused before its credentials.",
        _chunks_first,
    ),
]
