"""HTTP over ASGI, and no more of it than one short request and one short answer: nothing of the API is known here."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping, Sequence
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = tuple[tuple[bytes, bytes], ...]

ARRIVING = ContextVar("ARRIVING", default=False)
"""Whether this is a request's first step, taken while the loop goes round its sockets, and not a later one."""

# Possessive throughout: a header of many spaces and semicolons takes no longer than another.
_JSON_TYPE = re.compile(
    rb'application/json(?:[ \t]*+;[ \t]*+(?:charset=(?:utf-8|"utf-8"))?+)*+[ \t]*+', re.IGNORECASE | re.ASCII
)


_MOST_DIGITS = 18


class ClientDisconnectedError(Exception):
    """The caller went away before the whole body had come."""


class BodyTooLargeError(Exception):
    """The body is longer than the limit."""


class ConnectionBrokenError(Exception):
    """The connection is to be broken here, whatever has been sent."""

    def __init__(self, *, reset: bool) -> None:
        """With or without a reset, which makes the other side lose what it has not read yet."""
        super().__init__()
        self.reset = reset


class Cut(NamedTuple):
    """Where an answer breaks off."""

    sent: int
    """How many bytes of the body are sent first; 0 sends nothing at all, not even the status."""
    reset: bool
    """Whether the connection is reset rather than closed."""


class Response(NamedTuple):
    """A whole answer. The length is added on sending. One with a cut breaks its connection."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    cut: Cut | None = None


Respond = Callable[[str, bytes, bytes, Iterable[tuple[bytes, bytes]], Receive], Coroutine[Any, Any, Response | None]]
"""Answers a request, given its method, raw path, query, headers and body; None where its caller has left."""


def raw_path(scope: Scope) -> bytes:
    """The path as it came, percent-encoded. Servers that do not say get it encoded anew, which loses `%2F`."""
    path: bytes | None = scope.get("raw_path")
    return quote(scope["path"]).encode() if path is None else path.partition(b"?")[0]


def is_json(content_types: Sequence[bytes]) -> bool:
    """Whether the Content-Type headers are exactly one, naming JSON, with no parameter but a charset of UTF-8."""
    return len(content_types) == 1 and _JSON_TYPE.fullmatch(content_types[0]) is not None


async def read_body(lengths: Sequence[bytes], receive: Receive, limit: int) -> bytes:
    """The whole body, given the values of Content-Length.

    No more than `limit` bytes and the server's own buffer are ever held.

    Raises BodyTooLargeError as soon as the limit is known to be passed, ClientDisconnectedError when the body
    ends early.
    """
    for length in lengths:
        # By its digits first: a number of thousands of them is no integer for Python.
        digits = length.lstrip(b"0") if length.isdigit() else b""
        if len(digits) > _MOST_DIGITS or int(digits or b"0") > limit:
            raise BodyTooLargeError
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientDisconnectedError
        part: bytes = event.get("body", b"")
        is_last = not event.get("more_body", False)
        if len(body) + len(part) > limit:
            raise BodyTooLargeError
        if is_last and not body:
            return part
        body += part
        if is_last:
            return bytes(body)


async def send_response(send: Send, response: Response, *, head: bool) -> None:
    """Send a whole answer; to HEAD, all of it but the body.

    Raises ConnectionBrokenError after what comes before an answer's cut.
    """
    status, body, headers, cut = response
    if cut is not None and not cut.sent:
        raise ConnectionBrokenError(reset=cut.reset)
    length = () if status == HTTPStatus.NO_CONTENT else ((b"content-length", b"%d" % len(body)),)
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    if cut is None:
        await send({"type": "http.response.body", "body": b"" if head else body})
        return
    sent = b"" if head else body[: cut.sent]
    await send({"type": "http.response.body", "body": sent, "more_body": cut.sent < len(body)})
    raise ConnectionBrokenError(reset=cut.reset)
