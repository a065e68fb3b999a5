"""Requests that nobody means well with, made from a seed."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import NamedTuple

from tests.sandbox._process import AUTHORIZATION

API = b"/api/v1/customers/"
CUSTOMER = API + b"1002580963"
OPERATOR = b"/_sandbox/"
_BODY = b'{"name": "n", "address": {"country": "US"}, "phone": "1", "email": "e"}'
_METHODS = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"CONNECT", b"get", b"BREW")


class Attack(NamedTuple):
    """What is sent over a connection of its own."""

    kind: str
    sent: bytes
    is_whole: bool
    """Whether it must be answered, or the connection closed, without more being sent."""


def attack(rng: random.Random) -> Attack:
    """One of all kinds."""
    kind = rng.choice(_KINDS)
    sent, is_whole = kind(rng)
    return Attack(kind.__name__, sent, is_whole)


Sent = tuple[bytes, bool]


def noise(rng: random.Random) -> Sent:
    return rng.randbytes(rng.choice([1, 7, 80, 900, 9000])), False


def mutation(rng: random.Random) -> Sent:
    request = bytearray(_request(b"POST", CUSTOMER, _BODY) if rng.random() < 0.5 else _request(b"GET", CUSTOMER))
    for _ in range(rng.choice([1, 1, 2, 8])):
        place = rng.randrange(len(request))
        match rng.randrange(4):
            case 0:
                request[place] ^= 1 << rng.randrange(8)
            case 1:
                del request[place : place + rng.randrange(1, 20)]
            case 2:
                request[place:place] = rng.choice(
                    [b"\r\n", b"\0", b" ", b":", b"%", b"\xff", b"\r", b"\n", b"{", b"A" * 5000]
                )
            case _:
                request[place:place] = request[: rng.randrange(len(request))]
    return bytes(request), False


def truncation(rng: random.Random) -> Sent:
    request = _request(b"POST", CUSTOMER, _BODY)
    return request[: rng.randrange(len(request))], False


def path(rng: random.Random) -> Sent:
    pieces = [
        b"..",
        b".",
        b"%2e%2E",
        b"%2F",
        b"%",
        b"%zz",
        b"%00",
        b"%ff",
        b"%c0%80",
        b"%ed%a0%80",
        b"//",
        b"\\",
        b"?",
        b"#",
        b";",
    ]
    pieces += [
        b"a" * rng.choice([1, 300, 3000, 30000]),
        b"%F0%9F%98%80" * 20,
        b"~",
        b"*",
        b"customers",
        OPERATOR,
        b"http://x/",
    ]
    start = rng.choice([API, CUSTOMER, OPERATOR, b"/", b"", b"//", b"http://evil", b"*"])
    target = start + b"".join(rng.choices(pieces, k=rng.randrange(1, 5)))
    return _request(rng.choice(_METHODS), target), True


def field(rng: random.Random) -> Sent:
    fields = rng.choice(
        [
            [b"X: " + b"y" * rng.choice([1000, 60_000, 70_000, 300_000])],
            [b"X-%d: y" % number for number in range(rng.choice([90, 150, 5000]))],
            [b"x" * rng.choice([1000, 70_000])],
            [b": no name"],
            [b"X : y", b"X\t: y"],
            [b"X: a\r\n folded"],
            [b"X: \0\1\2\xff"],
            [b"Host: a", b"Host: b"],
            [b"Connection: " + rng.choice([b"close", b"upgrade", b"keep-alive, close", b"\xff", b","])],
            [b"Connection: upgrade", b"Upgrade: " + rng.choice([b"websocket", b"h2c", b"x"])],
            [b"Expect: " + rng.choice([b"100-continue", b"200-ok"])],
            [b"Prefer: " + rng.choice([b"code=", b"code=x", b"fault=", b"fault=nothing", b"\xff", b"code=99999"])],
            [b"Content-Type: " + rng.choice([b";" * 5000, b"application/json" + b"; " * 5000, b"text/plain", b"\xff"])],
            [b"Content-Encoding: " + rng.choice([b"gzip", b"br", b"identity, gzip"])],
            [b"Accept: " + b"a/b;q=0.1," * 500],
        ]
    )
    head = b"\r\n".join(
        [b"%b %b HTTP/1.%d" % (rng.choice(_METHODS[:4]), CUSTOMER, rng.randrange(3)), b"Host: s", *fields]
    )
    return head + b"\r\n" + AUTHORIZATION + b"\r\n", True


def credentials(rng: random.Random) -> Sent:
    user = rng.choice(
        [b"sandbox", b"sandbox~", b"sandbox~" + b"x" * 65, b"sandbox~\xff", b"sandbox~a/b", b"", b"\0", b"a" * 20_000]
    )
    pair = base64.b64encode(user + rng.choice([b":sandbox", b":", b"", b":sandbox\0", b":" + b"k" * 9000]))
    value = rng.choice(
        [
            b"Basic " + pair,
            b"basic  " + pair,
            b"Basic",
            b"Basic ",
            b"Bearer " + pair,
            b"Basic " + pair + b"=",
            b"Basic \xff",
            pair,
        ]
    )
    return b"GET %b HTTP/1.1\r\nHost: s\r\nAuthorization: %b\r\n\r\n" % (CUSTOMER, value), True


def body(rng: random.Random) -> Sent:
    size = rng.choice([10, 100, 129, 1000, 10_000, 30_000])
    text = rng.choice(
        [
            b"[" * size,
            b"[" * size + b"]" * size,
            b'{"a":' * size + b"1" + b"}" * size,
            b'"' + b"\\" * size,
            b'{"name": "' + b"\xff\xfe" + b'"}',
            b'{"name": "\\ud800"}',
            b'{"customData": {"n": ' + b"9" * min(size, 5000) + b"}}",
            b'{"customData": 1e' + b"9" * min(size, 5000) + b"}",
            b"NaN",
            b"-",
            b"\xef\xbb\xbf{}",
            b"{}{}",
            b'{"name": 1, "name": 2}',
            b"{" + b",".join(b'"k%d":%d' % (number, number) for number in range(min(size, 4000))) + b"}",
            b'{"address": ' + _BODY + b"}",
            b"\0" * size,
            b" " * 65_536 + b"{}",
            b"x" * rng.choice([65_537, 300_000, 1_000_000]),
            rng.randbytes(size),
            _BODY[: rng.randrange(len(_BODY))],
            _BODY[:-1] + b', "dateOfBirth": [], "driverLicense": {"state": "x"}}',
        ]
    )
    target = rng.choice([CUSTOMER, API + b"nobody", OPERATOR + rng.choice([b"faults", b"customers", b"snapshots/x"])])
    return _request(rng.choice([b"POST", b"PUT"]) if target.startswith(OPERATOR) else b"POST", target, text), True


def chunks(rng: random.Random) -> Sent:
    head = b"POST %b HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\n%bTransfer-Encoding: %b\r\n\r\n"
    coding = rng.choice(
        [b"chunked"] * 6
        + [b"gzip, chunked", b"chunked, chunked", b"xchunked", b"identity", b"chunked\r\nContent-Length: 5"]
    )
    rest = rng.choice(
        [
            b"0\r\n\r\n",
            b"zz\r\n{}\r\n0\r\n\r\n",
            b"-1\r\n{}\r\n0\r\n\r\n",
            b"ffffffffffffffffff\r\n{}\r\n",
            b"2;" + b"x" * rng.choice([10, 20_000]) + b"\r\n{}\r\n0\r\n\r\n",
            b"2\r\n{}0\r\n\r\n",
            b"2\n{}\n0\n\n",
            b"1\r\n{\r\n1\r\n}\r\n0\r\n" + b"X: y\r\n" * rng.choice([1, 5000]) + b"\r\n",
            b"1\r\n \r\n" * 20_000 + b"0\r\n\r\n",
            b"10000\r\n" + b" " * 65_536 + b"\r\n2\r\n{}\r\n0\r\n\r\n",
            b"\r\n\r\n\r\n",
        ]
    )
    return head % (CUSTOMER, AUTHORIZATION, coding) + rest, False


def lie(rng: random.Random) -> Sent:
    length = rng.choice(
        [
            b"0",
            b"5",
            b"1000",
            b"-1",
            b"+5",
            b"0x10",
            b"5, 5",
            b"5\r\nContent-Length: 6",
            b"9" * 30,
            b"",
            b"5 ",
            b"\xb2",
            b"1e3",
        ]
    )
    head = b"POST %b HTTP/1.1\r\nHost: s\r\nContent-Type: application/json\r\nContent-Length: %b\r\n" % (
        CUSTOMER,
        length,
    )
    return head + AUTHORIZATION + b"\r\n" + _BODY, False


def pipeline(rng: random.Random) -> Sent:
    one = rng.choice(
        [_request(b"GET", CUSTOMER), _request(b"POST", API + b"nobody", _BODY), b"GET / HTTP/1.1\r\nHost: s\r\n\r\n"]
    )
    return one * rng.choice([2, 50, 500]) + rng.choice([b"", b"rubbish\r\n\r\n"]), True


def _request(method: bytes, target: bytes, text: bytes = b"") -> bytes:
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(text) if text else b""
    return b"%b %b HTTP/1.1\r\nHost: sandbox\r\n%b%b\r\n%b" % (method, target, AUTHORIZATION, length, text)


_KINDS: tuple[Callable[[random.Random], Sent], ...] = (
    noise, mutation, truncation, path, field, credentials, body, chunks, lie, pipeline,
)  # fmt: skip
