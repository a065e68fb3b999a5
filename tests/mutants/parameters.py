"""Servers that obey headers and queries of which the specification knows nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs

from ._mutant import ACCESS_ID, ACCESS_KEY, AUTHORIZATION, RIGHT, Answer, Around, Call, Mutant, Server
from ._ways import answering, around, failing, receiving, remembering, restating

_USER_HEADERS = (b"x-forwarded-user", b"x-remote-user", b"remote-user")
_ETAG = b'"b1946ac9"'


def _has(call: Call, header: bytes, pattern: bytes = b".*") -> bool:
    return re.fullmatch(pattern, value) is not None if (value := call.header(header)) is not None else False


def _instead(name: str, defect: str, status: int, header: bytes, pattern: bytes = b".*") -> Mutant:
    """A server that answers with another status than 200 where a header is such."""
    return restating(name, defect, status, lambda call, answer: answer.status == 200 and _has(call, header, pattern))


def _letting_in(name: str, defect: str, *headers: bytes, value: bytes) -> Mutant:
    """A server that takes a header for credentials, where there are none."""

    def change(call: Call) -> Call:
        is_in = call.header(AUTHORIZATION) is None and any(_has(call, header, re.escape(value)) for header in headers)
        return call.authorized() if is_in else call

    return receiving(name, defect, change)


def _overridden(call: Call) -> Call:
    method = call.header(b"x-http-method-override") if call.is_update else None
    return call if method is None else replace(call, method=method.decode("latin-1").upper())


def _as_xml(call: Call, answer: Answer) -> Answer:
    if answer.customer is None or b"/xml" not in (call.header(b"accept") or b""):
        return answer
    return answer.holding(b"<customer/>").having(b"content-type", b"application/xml")


def _not_modified(call: Call, answer: Answer) -> Answer:
    if not call.is_read or answer.status != 200:
        return answer
    if call.header(b"if-none-match") not in {_ETAG, b"*"}:
        return answer.having(b"etag", _ETAG)
    return replace(answer, status=304, body=b"").having(b"content-length", None)


def _ranged(call: Call, answer: Answer) -> Answer:
    asked = re.fullmatch(rb"bytes=(\d+)-(\d+)", call.header(b"range") or b"")
    if asked is None or answer.status != 200 or not call.is_read:
        return answer
    return replace(answer.holding(answer.body[int(asked[1]) : int(asked[2]) + 1]), status=206)


def _minimal(call: Call, answer: Answer) -> Answer:
    if not call.is_update or answer.status != 200 or not _has(call, b"prefer", rb"return=minimal"):
        return answer
    return replace(answer, status=204, body=b"").having(b"content-length", None)


def _by_key() -> Around:
    told: dict[bytes, Answer] = {}

    async def act(call: Call, server: Server) -> Answer:
        key = call.header(b"idempotency-key") if call.is_update else None
        if key is None:
            return await server(call)
        if key not in told:
            told[key] = await server(call)
        return told[key]

    return act


def _session() -> Around:
    """Who has been let in once is let in again by a cookie."""
    opened: set[bytes] = set()

    async def act(call: Call, server: Server) -> Answer:
        if call.header(AUTHORIZATION) is None:
            return await server(call.authorized() if call.header(b"cookie") in opened else call)
        answer = await server(call)
        if answer.status != 200:
            return answer
        cookie = b"JSESSIONID=%d" % len(opened)
        opened.add(cookie)
        return answer.having(b"set-cookie", cookie + b"; Path=/; HttpOnly")

    return act


def _of_the_query(call: Call) -> Call:
    found = re.search(rb"(?:^|&)customerId=([^&]*)", call.scope["query_string"])
    return call.of(found[1]) if found else call


def _of_the_original(call: Call) -> Call:
    url = call.header(b"x-original-url")
    return call if url is None else call.of(url.rpartition(b"/")[2])


def _unchallenged(call: Call, answer: Answer) -> Answer:
    return answer.having(b"www-authenticate", None) if _has(call, b"x-requested-with") else answer


def _in_latin_1(call: Call, answer: Answer) -> Answer:
    if not _has(call, b"accept-charset", rb"iso-8859-1") or not answer.body:
        return answer
    body = answer.body.decode().encode("latin-1", "replace")
    return answer.holding(body).having(b"content-type", b"application/json; charset=iso-8859-1")


def _not_modified_since(call: Call, answer: Answer) -> Answer:
    since = (call.header(b"if-modified-since") or b"").decode("latin-1")
    if not call.is_read or answer.customer is None or not since:
        return answer
    if answer.customer["updatedAt"] > parsedate_to_datetime(since).timestamp() * 1000:
        return answer
    return replace(answer, status=304, body=b"").having(b"content-length", None)


async def _forbidding_sites(call: Call, server: Server) -> Answer:
    is_of_another = call.is_update and _has(call, b"sec-fetch-site", rb"cross-site")
    return await (failing(403)(call, server) if is_of_another else server(call))


def _asked(call: Call, name: str) -> str:
    """The first value of a name in the query."""
    query: bytes = call.scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


def _as_script(call: Call, answer: Answer) -> Answer:
    callback = _asked(call, "callback")
    if not call.is_read or not callback or not answer.body:
        return answer
    return answer.holding(b"%s(%s);" % (callback.encode(), answer.body)).having(b"content-type", b"text/javascript")


def _chosen(call: Call, answer: Answer) -> Answer:
    fields = _asked(call, "fields")
    if not fields or answer.customer is None:
        return answer
    return answer.showing({name: value for name, value in answer.customer.items() if name in fields.split(",")})


async def _on_trial(call: Call, server: Server) -> Answer:
    before = (await server(call.reading())).customer if call.is_update and _asked(call, "dryRun") else None
    answer = await server(call)
    if before is not None and answer.customer is not None:
        await server(call.setting({**dict.fromkeys(answer.customer), **before}))
    return answer


MUTANTS = [
    receiving("method-override", "X-HTTP-Method-Override is obeyed.", _overridden),
    _instead("accept-406", "Who asks for HTML is answered with 406.", 406, b"accept", rb"text/html"),
    answering("accept-xml", "Who asks for XML gets XML.", _as_xml),
    answering("not-modified", "A read with If-None-Match is answered with 304.", _not_modified),
    answering("ranges", "A read of a range is answered with 206.", _ranged),
    _instead("if-match", "A request with If-Match is answered with 412.", 412, b"if-match"),
    _instead("modified-since", "A request with If-Unmodified-Since is answered with 412.", 412, b"if-unmodified-since"),
    answering("prefer-minimal", "An update with Prefer: return=minimal is answered with 204.", _minimal),
    _instead("cookies-crash", "A cookie without a name crashes the server.", 500, b"cookie", rb"[^=]*"),
    _instead("origin-forbidden", "A request of a page of elsewhere is answered with 403.", 403, b"origin"),
    _instead("forwarded-http", "Who came to a proxy by HTTP is sent elsewhere.", 307, b"x-forwarded-proto", rb"http"),
    remembering("idempotency-key", "An update with the Idempotency-Key of an earlier one is not carried out.", _by_key),
    receiving("query-wins", "A customerId of the query wins over that of the path.", _of_the_query),
    receiving("original-url", "X-Original-URL wins over the path.", _of_the_original),
    answering("challenge-not-to-scripts", "An answer with 401 to a page's script has no challenge.", _unchallenged),
    remembering("session", "The cookie of a session lets in without credentials.", _session),
    _letting_in("proxy-credentials", "Credentials for a proxy will do.", b"proxy-authorization", value=RIGHT),
    _letting_in("local-trusted", "Who is said to be local is let in.", b"x-forwarded-for", value=b"127.0.0.1"),
    _letting_in("user-named-by-proxy", "Whom a proxy names is let in.", *_USER_HEADERS, value=ACCESS_ID.encode()),
    answering("accept-charset", "Who asks for latin-1 gets it.", _in_latin_1),
    answering("modified-since-304", "A read with If-Modified-Since is answered with 304.", _not_modified_since),
    around("cross-site-forbidden", "An update of a page of another site is answered with 403.", _forbidding_sites),
    answering("callback", "A read with a callback is answered with a script.", _as_script),
    answering("fields-chosen", "A query chooses which properties are shown.", _chosen),
    around("dry-run", "A query keeps an update from being stored.", _on_trial),
    _letting_in("api-key", "The key alone lets in, in a header of its own.", b"x-api-key", value=ACCESS_KEY.encode()),
]
