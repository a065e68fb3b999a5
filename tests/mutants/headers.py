"""Servers whose headers are wrong or missing, or which take methods and media types for others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ._mutant import AUTHORIZATION, Answer, Call, Mutant, Server
from ._ways import answering, around, receiving, refused_as_read, refusing, restating

_TYPE, _ALLOW, _CACHE, _CHALLENGE = b"content-type", b"allow", b"cache-control", b"www-authenticate"
_JSON = b"application/json"


def _succeeding(change: Callable[[Answer], Answer], method: str | None = None) -> Callable[[Call, Answer], Answer]:
    def changed(call: Call, answer: Answer) -> Answer:
        wanted = method in {None, "GET" if call.is_read else call.method}
        return change(answer) if answer.status == 200 and wanted else answer

    return changed


def _to(method: str, change: Callable[[Answer], Answer]) -> Callable[[Call, Answer], Answer]:
    return lambda call, answer: change(answer) if call.method == method else answer


def _taking(name: str, defect: str, takes: Callable[[bytes | None], bool]) -> Mutant:
    """A server that takes some other media types for JSON."""
    return receiving(
        name, defect, lambda call: call.having(_TYPE, _JSON) if call.is_update and takes(call.header(_TYPE)) else call
    )


def _not_taking(name: str, defect: str, takes: Callable[[bytes], bool]) -> Mutant:
    """A server that does not take some forms of JSON's media type."""
    return receiving(
        name,
        defect,
        lambda call: (
            call if takes(call.header(_TYPE) or b"") or not call.is_update else call.having(_TYPE, b"text/plain")
        ),
    )


def _as(method: str, other: str) -> Callable[[Call], Call]:
    return lambda call: replace(call, method=other) if call.method == method else call


def _instead(method: str, answer: Answer) -> Callable[[Call, Answer], Answer]:
    return lambda call, real: answer if call.method == method else real


async def _head_refused(call: Call, server: Server) -> Answer:
    return await server(replace(call, method="DELETE") if call.method == "HEAD" else call)


async def _head_always_found(call: Call, server: Server) -> Answer:
    answer = await server(call)
    return replace(answer, status=200) if call.method == "HEAD" else answer


async def _json_before_type(call: Call, server: Server) -> Answer:
    answer = await server(call)
    if answer.status == 415:
        read = await server(call.having(_TYPE, _JSON).setting({}) if call.json is None else call)
        return read if read.status == 400 else answer
    return answer


def _written_as(pattern: bytes) -> Callable[[bytes | None], bool]:
    return lambda given: re.fullmatch(pattern, given or b"", re.IGNORECASE) is not None


def _preflight(call: Call, answer: Answer) -> Answer:
    """Answer a browser that asks whether a page of elsewhere may call."""
    if call.method != "OPTIONS" or call.header(b"access-control-request-method") is None:
        return answer
    return Answer(((_TYPE, b"text/plain"), (b"access-control-allow-origin", b"*"))).holding(b"OK")


async def _read_typed(call: Call, server: Server) -> Answer:
    typed = call.is_read and call.header(_TYPE) not in {None, _JSON}
    return await server(replace(call.elsewhere, method="POST") if typed else call)


MUTANTS = [
    answering(
        "read-cacheable",
        "Reads may be stored by caches.",
        _succeeding(lambda answer: answer.having(_CACHE, None), "GET"),
    ),
    answering(
        "update-cacheable",
        "The answers to updates may be stored by caches.",
        _succeeding(lambda answer: answer.having(_CACHE, None), "POST"),
    ),
    answering(
        "no-cache",
        "Answers are to be checked anew, and may be stored.",
        _succeeding(lambda answer: answer.having(_CACHE, b"no-cache")),
    ),
    answering(
        "answer-without-type", "Answers have no media type.", _succeeding(lambda answer: answer.having(_TYPE, None))
    ),
    answering(
        "answer-plain",
        "Answers are said to be plain text.",
        _succeeding(lambda answer: answer.having(_TYPE, b"text/plain")),
    ),
    refusing("error-html", "Errors are said to be HTML.", lambda answer: answer.having(_TYPE, b"text/html")),
    refusing(
        "no-challenge", "An answer with 401 names no scheme.", lambda answer: answer.having(_CHALLENGE, None), 401
    ),
    refusing(
        "bearer-challenge",
        "An answer with 401 names another scheme.",
        lambda answer: answer.having(_CHALLENGE, b"Bearer"),
        401,
    ),
    refusing("no-allow", "An answer with 405 names no methods.", lambda answer: answer.having(_ALLOW, None), 405),
    refusing(
        "allow-delete",
        "An answer with 405 names a method that the path does not know.",
        lambda answer: answer.having(_ALLOW, b"DELETE, GET, HEAD, OPTIONS, POST"),
        405,
    ),
    refusing(
        "method-404",
        "A method that the path does not know is answered with 404.",
        lambda answer: replace(answer, status=404),
        405,
    ),
    receiving("put-is-post", "PUT is taken for POST.", _as("PUT", "POST")),
    receiving("query-is-get", "QUERY is taken for GET.", _as("QUERY", "GET")),
    answering("delete-answered", "DELETE is answered with 204.", _instead("DELETE", Answer(status=204))),
    answering(
        "trace-answered",
        "TRACE is answered with 200.",
        _instead("TRACE", Answer(((_TYPE, b"message/http"), (b"content-length", b"0")))),
    ),
    answering(
        "options-200",
        "OPTIONS is answered with 200.",
        _to("OPTIONS", lambda answer: replace(answer, status=200).having(b"content-length", b"0")),
    ),
    refused_as_read(
        "options-locked",
        "OPTIONS asks for credentials.",
        401,
        lambda call, _answer: call.method == "OPTIONS" and call.header(AUTHORIZATION) is None,
    ),
    around("head-refused", "HEAD is refused.", _head_refused),
    around("head-always-found", "HEAD is answered with 200, whatever GET says.", _head_always_found),
    answering(
        "head-without-length",
        "HEAD says that there is nothing.",
        _to("HEAD", lambda answer: answer.having(b"content-length", b"0")),
    ),
    answering(
        "head-cacheable",
        "The answer to HEAD may be stored by caches.",
        _to("HEAD", lambda answer: answer.having(_CACHE, None)),
    ),
    refused_as_read(
        "method-after-credentials",
        "Credentials are judged before the method.",
        401,
        lambda _call, answer: answer.status == 405,
    ),
    around("json-before-type", "A malformed body is refused before its media type.", _json_before_type),
    _taking("any-type-taken", "Any media type is taken for JSON.", bool),
    _taking("no-type-taken", "A body without a media type is taken for JSON.", lambda given: not given),
    _taking(
        "json-like-taken", "What ends in +json is taken for JSON.", lambda given: (given or b"").endswith(b"+json")
    ),
    _taking(
        "jsonp-taken",
        "What begins like JSON's media type is taken for it.",
        lambda given: (given or b"").startswith(_JSON),
    ),
    _taking(
        "other-charset-taken",
        "JSON is taken in any charset.",
        lambda given: (given or b"").startswith(_JSON + b"; charset="),
    ),
    _not_taking("capitals-refused", "The media type is not known in capitals.", lambda given: given == given.lower()),
    _not_taking(
        "charset-refused", "The media type is not known with a charset.", lambda given: b"charset" not in given.lower()
    ),
    _taking(
        "other-parameter-taken",
        "JSON is taken with any parameter that is no charset.",
        _written_as(rb"application/json *; *(?!charset)[a-z]+=[^;,]+"),
    ),
    _taking(
        "parameter-after-charset-taken",
        "What follows the charset is ignored.",
        _written_as(rb"application/json; ?charset=utf-8 *;.*"),
    ),
    _taking("ascii-taken", "JSON is taken in ASCII.", _written_as(rb"application/json; ?charset=us-ascii")),
    _taking("first-type-taken", "The first of several media types counts.", _written_as(rb"application/json,.*")),
    _taking(
        "json-patch-taken",
        "JSON's merge patches are taken for JSON.",
        _written_as(rb"application/merge-patch\+json"),
    ),
    around("read-typed", "A read with another media type is answered with 415.", _read_typed),
    answering("preflight", "OPTIONS of a browser's preflight is answered with 200 and no Allow.", _preflight),
    refused_as_read(
        "options-unknown",
        "OPTIONS of an unknown customer is answered with 404.",
        404,
        lambda call, _answer: call.method == "OPTIONS",
    ),
    refused_as_read(
        "lookup-before-schema",
        "An unknown customer is refused before an update that breaks the schema.",
        404,
        lambda call, answer: answer.status == 400 and call.json is not None,
    ),
    answering(
        "head-length-characters",
        "HEAD's Content-Length counts characters.",
        _to("HEAD", lambda answer: answer.having(b"content-length", b"%d" % len(answer.body.decode()))),
    ),
    restating(
        "head-undecodable",
        "HEAD of an identifier that is not UTF-8 crashes the server.",
        500,
        lambda call, _answer: call.method == "HEAD" and call.is_undecodable,
    ),
    receiving("proppatch-is-post", "PROPPATCH is taken for POST.", _as("PROPPATCH", "POST")),
    refusing(
        "challenge-without-realm",
        "The challenge of an answer with 401 names no realm.",
        lambda answer: answer.having(_CHALLENGE, b'Basic charset="UTF-8"'),
        401,
    ),
    _taking(
        "utf8-taken",
        "JSON is taken in utf8, which is the name of no charset.",
        _written_as(rb"application/json; *charset=utf8"),
    ),
    _taking("any-application-taken", "application/* is taken for JSON.", _written_as(rb"application/\*")),
    _not_taking("quoted-charset-refused", "The charset is not known in quotes.", lambda given: b'"' not in given),
    _not_taking(
        "space-before-parameter-refused",
        "A space before the charset's semicolon is refused.",
        lambda given: b" ;" not in given,
    ),
    answering(
        "answer-latin-1-said",
        "Answers are said to be in latin-1.",
        _succeeding(lambda answer: answer.having(_TYPE, b"application/json; charset=iso-8859-1")),
    ),
]
