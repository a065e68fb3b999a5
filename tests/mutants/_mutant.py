"""What a mutant is: the sandbox, with one thing about it wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from trustly_customers.sandbox import create_app, open_store

Json = Any
Document = dict[str, Any]
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

ACCESS_ID, ACCESS_KEY = "merchant-17", "Kq7Vx2mRt9Zp"
"""Unlike each other, and with letters of either case: who mistakes one for another is seen."""
AUTHORIZATION = b"authorization"
RIGHT = b"Basic " + base64.b64encode(f"{ACCESS_ID}:{ACCESS_KEY}".encode())
FIRST, OTHER = b"1002580963", b"1001165729"
"""The identifiers of the customers that are there at the start."""
CUSTOMER_IDS = b",".join((FIRST, OTHER)).decode()
ROOT = Path(__file__).resolve().parents[2]


@cache
def specification() -> Document:
    """The specification that the sandbox is installed with."""
    text = (ROOT / "generated" / "trustly_api" / "openapi.json").read_text(encoding="utf-8")
    found: Document = json.loads(text)
    return found


def properties(schema: str) -> Document:
    """Return the properties of one of the components' schemas, by their names."""
    found: Document = specification()["components"]["schemas"][schema]["properties"]
    return found


REQUIRED: tuple[str, ...] = tuple(specification()["components"]["schemas"]["CustomerUpdate"]["required"])


def optional() -> list[str]:
    """Return the names of what an update may leave out."""
    return [name for name in properties("CustomerUpdate") if name not in REQUIRED]


def _written(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class _Message:
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, its name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def having(self, name: bytes, value: bytes | None) -> Self:
        """Return it with another value of a header, or without the header."""
        kept = tuple((key, old) for key, old in self.headers if key.lower() != name)
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def holding(self, body: bytes) -> Self:
        """Return it with another body."""
        return replace(self, body=body).having(b"content-length", b"%d" % len(body))

    @property
    def json(self) -> Json:
        """What the body holds; None where that is no JSON."""
        try:
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Call(_Message):
    """A whole request."""

    method: str = "GET"
    path: bytes = b""
    scope: Scope = field(default=None, repr=False)

    @property
    def is_update(self) -> bool:
        return self.method == "POST"

    @property
    def is_read(self) -> bool:
        """Whether it asks for a customer; HEAD does, too, and is answered with what GET is."""
        return self.method in {"GET", "HEAD"}

    @property
    def identifier(self) -> bytes:
        """The last segment of the path, still encoded."""
        return self.path.rpartition(b"/")[2]

    @property
    def is_undecodable(self) -> bool:
        """Whether the identifier is of bytes that are not UTF-8."""
        try:
            unquote_to_bytes(self.identifier).decode()
        except UnicodeDecodeError:
            return True
        return False

    def of(self, identifier: bytes) -> Call:
        """Return the same call of another customer."""
        return replace(self, path=self.path.rpartition(b"/")[0] + b"/" + identifier)

    @property
    def elsewhere(self) -> Call:
        """The same call of a customer that is not there."""
        return self.of(b"no-such-one")

    @property
    def changes(self) -> Document:
        """The members of an update's body; none where there is no such body."""
        found = self.json if self.is_update else None
        return found if isinstance(found, dict) else {}

    def setting(self, changes: Document) -> Call:
        """Return the same update with other members."""
        return self.holding(_written(changes))

    def reading(self) -> Call:
        """Return the read of the same customer."""
        return replace(self, method="GET").holding(b"")

    def authorized(self) -> Call:
        """Return the same call with the right credentials."""
        return self.having(AUTHORIZATION, RIGHT)


@dataclass(frozen=True)
class Answer(_Message):
    """A whole answer."""

    status: int = 200

    @property
    def customer(self) -> Document | None:
        """The customer in an answer that holds one."""
        found = self.json if self.status == 200 else None
        return found["customer"] if isinstance(found, dict) and isinstance(found.get("customer"), dict) else None

    def showing(self, customer: Json) -> Answer:
        """Return the same answer with another customer in it."""
        return self.telling({"customer": customer})

    def telling(self, value: Json) -> Answer:
        """Return the same answer with another body."""
        return self.holding(_written(value))


Server = Callable[[Call], Awaitable[Answer]]
Around = Callable[[Call, Server], Awaitable[Answer]]
"""Answers a call in place of the server, which it may ask, and ask again."""
Edit = Callable[[Document], None]
"""Changes the specification that the sandbox loads, in place."""


@dataclass(frozen=True)
class Mutant:
    """One defect, and what makes it: an edit of the specification, or something around the server.

    `around` makes it anew for each server, since some remember what they have seen.
    """

    name: str
    defect: str
    around: Callable[[], Around] | None = None
    edit: Edit | None = None
    group: str = ""


def application(mutant: Mutant | None) -> tuple[App, Callable[[], Coroutine[Any, Any, None]]]:
    """Return the sandbox with a mutant's defect, or without any, and what closes it."""
    store = open_store("memory")
    app = create_app(store, access_id=ACCESS_ID, access_key=ACCESS_KEY)
    if mutant is not None and mutant.around is not None:
        return wrapped(app, mutant.around()), store.close
    return app, store.close


def wrapped(app: App, around: Around) -> App:
    """Return an application whose calls are answered by `around`, which may ask the one that is given."""

    async def server(call: Call) -> Answer:
        return await _answer_of(app, call)

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            body += event.get("body", b"")
            more = event.get("more_body", False)
        path = scope["raw_path"].partition(b"?")[0]
        call = Call(tuple(scope["headers"]), body, scope["method"], path, scope)
        answer = await around(call, server)
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else answer.body})

    return run


async def _answer_of(app: App, call: Call) -> Answer:
    """Ask the application itself, as a server would."""
    events: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(event: Any) -> None:
        events.append(event)

    # The application adds the length to what it sends; a call that was changed has another one than it came with.
    headers = [(name, value) for name, value in call.headers if name != b"content-length"]
    headers.append((b"content-length", b"%d" % len(call.body)))
    # To HEAD with the body that GET would get: what changes the body then changes its length for both.
    method = "GET" if call.method == "HEAD" else call.method
    await app({**call.scope, "method": method, "raw_path": call.path, "headers": headers}, receive, send)
    start, *chunks = events
    answered = tuple((bytes(name), bytes(value)) for name, value in start["headers"])
    return Answer(answered, b"".join(event.get("body", b"") for event in chunks), start["status"])
