"""HTTP byte for byte: requests that no tidy client would send, and the record of what came back.

The standard library's client is used because it sends a path and headers exactly as given. Nothing here
knows the spec.
"""

from __future__ import annotations

import base64
import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

Json = Any

JSON_TYPE = "application/json"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, whatever the server: RFC 9110."""
LONGEST_BODY = 64 * 1024
"""Bytes that every server of this API takes in a body."""
_LONGEST_BODY_SHOWN = 1500


class UnreachableError(Exception):
    """No answer came; the text says why, in one sentence without any secret."""


class NotJSONError(ValueError):
    """An answer is not one strict JSON text."""


@dataclass(frozen=True)
class Request:
    """One request, exactly as it goes out; the path is already percent-encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)

    def as_curl(self) -> str:
        """Return a shell line that sends it again, with the credentials taken from the environment."""
        parts = ["curl", "--path-as-is", "-i"]
        parts += ["--head"] if self.method == "HEAD" else ["-X", self.method]
        for name, value in self.headers.items():
            if name.lower() == "authorization":
                parts += _authorization_as_curl(value)
            elif name.lower() not in _CARRIED_BY_CURL | _TELLS_NOTHING:
                parts += ["-H", _quoted(f"{name}: {value}")]
        # Without this, curl would add a type of its own to a body.
        if self.body is not None and "content-type" not in {name.lower() for name in self.headers}:
            parts += ["-H", "Content-Type:"]
        data, source = _body_as_shell(self.body)
        return source + " ".join([*parts, *data, f'"$BASE_URL"{_quoted(self.path)}'])


@dataclass(frozen=True)
class Exchange:
    """A request and the answer to it."""

    request: Request
    status: int
    headers: HTTPMessage = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Json:
        """Parse the body strictly; raise NotJSONError where it is not one JSON text in UTF-8."""
        return parse(self.body)


class Connection:
    """A kept-alive connection to one base URL that sends requests as they are.

    `timeout` is for how many seconds a server may keep silent.
    """

    def __init__(self, base_url: str, *, timeout: float) -> None:
        self._url = urlsplit(base_url)
        self._timeout = timeout
        self._connection: HTTPConnection | None = None

    def send(self, request: Request) -> Exchange:
        """Send one request and read the whole answer; raise UnreachableError when none comes."""
        fresh = self._connection is None
        try:
            return self._exchange(request)
        except (OSError, HTTPException) as error:
            self.close()
            # A server may close an idle connection at any time; a new one tells that from a dead server.
            if not fresh and isinstance(error, ConnectionError):
                return self.send(request)
            raise UnreachableError(f"{self._url.netloc} gave no answer ({type(error).__name__})") from None

    def _exchange(self, request: Request) -> Exchange:
        connection = self._connection = self._connection or self._connect()
        connection.putrequest(
            request.method,
            self._url.path + request.path,
            skip_accept_encoding=True,
            skip_host="Host" in request.headers,
        )
        for name, value in request.headers.items():
            connection.putheader(name, value)
        if "Transfer-Encoding" in request.headers:
            connection.endheaders([request.body or b""], encode_chunked=True)
        else:
            if request.body is not None:
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
        response = connection.getresponse()
        exchange = Exchange(request, response.status, response.headers, response.read())
        if response.will_close:
            self.close()
        return exchange

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        return kind(self._url.hostname or "", self._url.port, timeout=self._timeout)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def basic(access_id: str, access_key: str) -> str:
    """Return the value of an `Authorization` header."""
    return "Basic " + base64.b64encode(f"{access_id}:{access_key}".encode()).decode()


def encode_id(customer_id: str) -> str:
    """Percent-encode an identifier for the path, slashes included."""
    return quote(customer_id, safe="")


def dump(value: Json) -> bytes:
    """Write JSON as UTF-8, with no escape that is not needed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parse(text: bytes) -> Json:
    """Read strict JSON: no duplicate names, no NaN or Infinity, no number beyond what a float holds."""
    try:
        return json.loads(
            text.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise NotJSONError("the body is not one strict JSON text") from error


def names_in(body: bytes | None) -> set[str]:
    """Return the names of an object's members, read as leniently as a server may; none of what is no object."""
    try:
        found = json.loads(body or b"null")
    except (ValueError, RecursionError):
        return set()
    return {*found} if isinstance(found, dict) else set()


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJSONError("a name stands twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJSONError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NotJSONError("a number overflows")
    return number


_CARRIED_BY_CURL = {"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"}
_TELLS_NOTHING = {"x-schemathesis-testcaseid"}


def _authorization_as_curl(value: str) -> list[str]:
    # Whatever was sent, the right pair or a wrong one: what a reader needs is which scheme it was.
    scheme = value.partition(" ")[0]
    if scheme == "Basic":
        return ["-u", '"$TRUSTLY_ACCESS_ID:$TRUSTLY_ACCESS_KEY"']
    return ["-H", _quoted(f"Authorization: {scheme} (left out)")]


def _quoted(text: str) -> str:
    """Return a shell's word; bash's own escapes stand for what a terminal would act upon."""
    if text.isprintable():
        return shlex.quote(text)
    escapes = (chr(b) if 32 <= b < 127 and b not in b"\\'" else f"\\x{b:02x}" for b in text.encode(errors="replace"))
    return f"$'{''.join(escapes)}'"


def _body_as_shell(body: bytes | None) -> tuple[list[str], str]:
    """Return curl's arguments for a body, and the command that feeds them where no argument can hold it."""
    if body is None:
        return [], ""
    if len(body) > _LONGEST_BODY_SHOWN:
        return ["--data-binary", f"@body-of-{len(body)}-bytes"], ""
    if body.isascii() and body.decode().isprintable():
        return ["--data-binary", shlex.quote(body.decode())], ""
    escaped = "".join(chr(b) if 32 <= b < 127 and b not in b"\\%'" else f"\\{b:03o}" for b in body)
    return ["--data-binary", "@-"], f"printf '{escaped}' | "
