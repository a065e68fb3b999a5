"""The table of faults: what the server plays, and what a caller must get for it."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from dataclasses import dataclass, replace
from email.utils import formatdate
from enum import Enum

from trustly_customers import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    RateLimitError,
    ResponseShapeError,
    ServerError,
    TrustlyError,
)

from ._examples import ANSWER, ERRORS, GOOD, REQUIRED, WRAPPER, answer, head, without
from ._server import Line, Play

DATE_PAST = "Thu, 01 Jan 1970 00:00:00 GMT"
DATE_FAR = "Fri, 31 Dec 9999 23:59:59 GMT"
LIMIT = 64 * 1024  # bytes of a body that the clients under test read
_ZEROS = bytes(20 * 1024 * 1024)
_BOMB = gzip.compress(_ZEROS)


class Again(Enum):
    """Which calls are tried once more."""

    NEVER = (1, 1)
    READS = (2, 1)
    ALWAYS = (2, 2)


@dataclass(frozen=True)
class Fault:
    """A fault. `error` is None where the result must be right all the same."""

    name: str
    play: Play | None
    error: type[TrustlyError] | None
    again: Again = Again.NEVER
    maybe: bool | None = None
    """`may_have_been_applied`, where the error has it."""

    @property
    def is_slow(self) -> bool:
        return self.error is APITimeoutError

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def says(*parts: bytes, then: Play | None = None) -> Play:
    """Answer each request of a connection with the same; `then` is done once after the first."""

    def play(line: Line) -> None:
        while True:
            line.read_request()
            for part in parts:
                line.send(part)
            if then is not None:
                then(line)
                return

    return play


def drips(data: bytes) -> Play:
    def play(line: Line) -> None:
        line.read_request()
        line.drip(data)
        line.hang()

    return play


def pours(start: bytes, part: bytes) -> Play:
    def play(line: Line) -> None:
        line.read_request()
        line.send(start)
        line.pour(part, 100 * 1024 * 1024 // len(part))

    return play


def broken(name: str, play: Play) -> Fault:
    return Fault(name, play, APIConnectionError, Again.READS, maybe=True)


def late(name: str, play: Play) -> Fault:
    return Fault(name, play, APITimeoutError, Again.READS, maybe=True)


def misshapen(name: str, *parts: bytes) -> Fault:
    return Fault(name, says(*parts), ResponseShapeError)


def fine(name: str, play: Play) -> Fault:
    return Fault(name, play, None)


def status(
    code: int, error: type[TrustlyError], again: Again = Again.NEVER, *headers: str, body: bytes = ERRORS
) -> Fault:
    name = " ".join([str(code), *headers, "" if body == ERRORS else f"with {body!r}"]).strip()
    return Fault(name, says(answer(f"{code} Status", body, *headers)), error, again)


def before_reading(then: Play) -> Play:
    def play(line: Line) -> None:
        line.sock.recv(1, socket.MSG_PEEK)
        then(line)

    return play


def _during_the_request(line: Line) -> None:
    line.sock.recv(10)
    line.reset()


_JSON = "Content-Type: application/json"
_OK = head("200 OK", _JSON, f"Content-Length: {len(GOOD)}")
_CHUNKED = head("200 OK", _JSON, "Transfer-Encoding: chunked")
_CHUNK = b"%x\r\n%s\r\n" % (len(GOOD), GOOD)
_HTML = b"<html><body>Something happened</body></html>"


def _body(name: str, body: bytes, *headers: str) -> Fault:
    return misshapen(name, answer("200 OK", body, *headers))


NETWORK = (
    Fault("refused", None, APIConnectionError, Again.ALWAYS, maybe=False),
    broken("closed before the request is read", before_reading(Line.close)),
    broken("reset before the request is read", before_reading(Line.reset)),
    broken("reset during the request", _during_the_request),
    broken("reset after the request", says(then=Line.reset)),
    broken("closed after the request", says(then=Line.close)),
    broken("half a status line", says(b"HTTP/1.1 20", then=Line.close)),
    broken("half a header, then closed", says(_OK[:40], then=Line.close)),
    broken("half a header, then reset", says(_OK[:40], then=Line.reset)),
    broken("half a body, then closed", says(_OK, GOOD[:50], then=Line.close)),
    broken("half a body, then reset", says(_OK, GOOD[:50], then=Line.reset)),
    broken("half a failure's body", says(head("500 Internal", "Content-Length: 100"), b"{", then=Line.close)),
    late("half a header, then silence", says(_OK[:40], then=Line.hang)),
    late("half a body, then silence", says(_OK, GOOD[:50], then=Line.hang)),
    late("no answer", says(then=Line.hang)),
    late("the request is not read", Line.hang_deaf),
    late("a byte of a header now and then", drips(_OK)),
    late("a byte of a body now and then", drips(_OK + GOOD)),
    late("interim answers for ever", drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    late("an interim answer, then silence", says(head("100 Continue"), then=Line.hang)),
    late("chunks without an end, then silence", says(_CHUNKED, _CHUNK, then=Line.hang)),
)

FRAMING = (
    broken("a body shorter than said", says(head("200 OK", "Content-Length: 99999"), GOOD, then=Line.close)),
    misshapen("a body longer than said", head("200 OK", f"Content-Length: {len(GOOD) - 9}"), GOOD),
    broken("a length that is no number", says(head("200 OK", "Content-Length: many"), GOOD)),
    broken("a negative length", says(head("200 OK", "Content-Length: -5"), GOOD)),
    broken("two lengths", says(head("200 OK", "Content-Length: 5", "Content-Length: 6"), GOOD)),
    broken("a chunk's size that is no number", says(_CHUNKED, b"xyz\r\n")),
    broken("a chunk longer than said", says(_CHUNKED, b"5\r\n", GOOD)),
    broken("chunks without an end", says(_CHUNKED, _CHUNK, then=Line.close)),
    fine(
        "chunks with extensions and trailers",
        says(_CHUNKED, _CHUNK.replace(b"\r\n", b";a=b\r\n", 1) + b"0\r\nX: y\r\n\r\n"),
    ),
    fine("a body without a length", says(head("200 OK"), GOOD, then=Line.close)),
    fine("an old version", says(head("200 OK").replace(b"1.1", b"1.0"), GOOD, then=Line.close)),
    fine(
        "interim answers before the answer", says(head("100 Continue"), head("103 Early Hints", "Link: </>"), _OK, GOOD)
    ),
    fine("two answers at once", says(_OK + GOOD + answer("500 Internal", b""))),
    broken("an answer without a head", says(_HTML, then=Line.close)),
    broken("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", then=Line.hang)),
    broken("an upgrade nobody asked for", says(head("101 Switching", "Upgrade: x", "Connection: upgrade"))),
    broken("HTTP/2's preface", says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", then=Line.hang)),
    broken("HTTP/2's frames", says(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]), b"\r\n\r\n", then=Line.close)),
    broken("a status of two digits", says(answer("99 Few", GOOD), then=Line.close)),
    broken("a status below a hundred", says(answer("099 Few", GOOD), then=Line.close)),
    broken("a status of four digits", says(answer("1000 Many", GOOD), then=Line.close)),
    broken("a status that is no number", says(answer("abc None", GOOD), then=Line.close)),
    broken("no status", says(b"HTTP/1.1\r\n\r\n", then=Line.close)),
    broken("a header without a colon", says(answer("200 OK", GOOD, "nonsense"), then=Line.close)),
    broken("a header's name with a space", says(answer("200 OK", GOOD, "X Y: z"), then=Line.close)),
    broken("a header with a NUL", says(answer("200 OK", GOOD, "X: \0"), then=Line.close)),
    fine("a header that is not ASCII", says(answer("200 OK", GOOD, "X: \xff\xfe"))),
    broken("a header of a megabyte", says(head("200 OK", "X: " + "y" * 1024 * 1024), then=Line.close)),
    fine("thousands of headers", says(answer("200 OK", GOOD, *["X: y"] * 3000))),
    broken("a hundred thousand headers", says(answer("200 OK", GOOD, *["X: y"] * 100_000), then=Line.close)),
)

BODIES = (
    _body("HTML at 200", _HTML, "Content-Type: text/html"),
    _body("nothing at 200", b""),
    _body("truncated JSON", GOOD[:-20]),
    _body("invalid JSON", b"{'customer': 1}"),
    _body("two documents", GOOD + GOOD),
    _body("NaN", GOOD.replace(b"1555696836548", b"NaN")),
    _body("an integer of 10,000 digits", GOOD.replace(b"1555696836548", b"9" * 10_000)),
    _body("an integer beyond all floats", GOOD.replace(b"1555696836548", b"1e999")),
    _body("an array", b"[]"),
    _body("a string", b'"customer"'),
    _body("null", b"null"),
    _body("an empty object", b"{}"),
    _body("arrays in arrays", b"[" * 30_000),
    _body("another shape", json.dumps({WRAPPER: [ANSWER]}).encode()),
    _body("no customer", json.dumps({WRAPPER: None}).encode()),
    *(_body(f"a customer without {name}", without(name)) for name in REQUIRED),
    _body("another charset", GOOD.replace(b"Joe", "Jöe".encode("latin-1")), f"{_JSON}; charset=latin-1"),
    _body("UTF-16", GOOD.decode().encode("utf-16"), f"{_JSON}; charset=utf-16"),
    _body("a byte order mark", b"\xef\xbb\xbf" + GOOD),
    fine("a content type that is wrong", says(answer("200 OK", GOOD, "Content-Type: text/plain"))),
    misshapen("no content", head("204 No Content")),
    misshapen("created", answer("201 Created", GOOD)),
    misshapen("partial content", answer("206 Partial Content", GOOD)),
    Fault("a body of 100 MB", pours(head("200 OK", "Content-Length: 104857600"), bytes(65536)), ResponseShapeError),
    Fault("chunks of 100 MB", pours(_CHUNKED, b"10000\r\n%s\r\n" % bytes(65536)), ResponseShapeError),
    fine("gzip", says(answer("200 OK", gzip.compress(GOOD), "Content-Encoding: gzip"))),
    fine("deflate", says(answer("200 OK", zlib.compress(GOOD), "Content-Encoding: deflate"))),
    _body("a bomb", _BOMB, "Content-Encoding: gzip"),
    _body("a bomb in a bomb", gzip.compress(_BOMB), "Content-Encoding: gzip, gzip"),
    _body("a bomb in deflate", zlib.compress(_ZEROS), "Content-Encoding: deflate"),
    _body("truncated gzip", gzip.compress(GOOD)[:-9], "Content-Encoding: gzip"),
    _body("no gzip", GOOD, "Content-Encoding: gzip"),
    Fault(
        "garbage after gzip",
        pours(head("200 OK", "Content-Encoding: gzip", "Connection: close") + gzip.compress(GOOD), bytes(65536)),
        ResponseShapeError,
    ),
    _body("an unknown encoding", GOOD, "Content-Encoding: br"),
)

STATUSES = (
    *(
        status(code, APIStatusError, Again.NEVER, "Location: /elsewhere")
        for code in (300, 301, 302, 303, 304, 307, 308)
    ),
    status(400, BadRequestError),
    status(401, AuthenticationError),
    status(401, AuthenticationError, body=_HTML),
    status(403, APIStatusError),
    status(404, NotFoundError),
    status(404, NotFoundError, body=b""),
    status(404, NotFoundError, body=b"{"),
    status(405, APIStatusError),
    status(408, APIStatusError, Again.READS),
    status(409, APIStatusError),
    status(413, APIStatusError),
    status(415, APIStatusError),
    status(418, APIStatusError),
    status(500, ServerError, Again.READS),
    status(501, ServerError),
    status(502, ServerError, Again.READS, body=_HTML),
    status(504, ServerError, Again.READS, body=b""),
    status(520, ServerError),
    status(599, ServerError),
    status(600, APIStatusError),
    status(999, APIStatusError),
    Fault("a failure with a bomb", says(answer("400 Bad", _BOMB, "Content-Encoding: gzip")), BadRequestError),
    Fault("a failure of 100 MB", pours(head("400 Bad", "Content-Length: 104857600"), bytes(65536)), BadRequestError),
)


def _asking(code: int, error: type[TrustlyError], otherwise: Again) -> tuple[Fault, ...]:
    """What is said with Retry-After, in each form; `otherwise` is what goes for a form that means nothing."""
    return (
        status(code, error, otherwise),
        status(code, error, Again.ALWAYS, "Retry-After: 0"),
        replace(
            status(code, error, Again.ALWAYS, f"Retry-After: {formatdate()}"), name=f"{code} Retry-After: just now"
        ),
        status(code, error, Again.ALWAYS, f"Retry-After: {DATE_PAST}"),
        status(code, error, Again.NEVER, f"Retry-After: {DATE_FAR}"),
        status(code, error, Again.NEVER, "Retry-After: 86400"),
        status(code, error, Again.NEVER, "Retry-After: 999999999"),
        *(
            status(code, error, otherwise, f"Retry-After: {value}")
            for value in ("-5", "1.5", "soon", "0x10", "1e3", "", "Thu, 99 Foo 2026", "9" * 400, "\xb2")
        ),
        status(code, error, otherwise, "Retry-After: 0", "Retry-After: 120"),
    )


RETRY_AFTER = _asking(429, RateLimitError, Again.ALWAYS) + _asking(503, ServerError, Again.READS)
FAULTS = NETWORK + FRAMING + BODIES + STATUSES + RETRY_AFTER
