"""Applications for runs in process, and for servers of the tests' own: the sandbox, and the sandbox with a defect.

The defects here are those that the check's own tests need; each passes for the sandbox where its defect does not
come into play.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from tests.contract._asgi import ASGIApp, Event

from trustly_customers.sandbox import create_app, open_store

Json = Any
REQUIRED = {"name", "address", "phone", "email"}
Receive = Callable[[], Any]
Send = Callable[[Event], Any]


def sandbox() -> ASGIApp:
    """Return the sandbox as it is, over a store in memory of its own."""
    return create_app(open_store("memory"))


@dataclass(frozen=True)
class Call:
    """A request in full, to be sent on as it is or in another form."""

    scope: Event
    body: bytes

    @property
    def updates(self) -> bool:
        return bool(self.scope["method"] == "POST")

    def reading(self) -> Call:
        """Return the read of the same customer."""
        return replace(self, scope={**self.scope, "method": "GET"}, body=b"")

    def holding(self, changes: Json) -> Call:
        """Return the same request with other changes in it."""
        body = json.dumps(changes).encode()
        headers = [(name, value) for name, value in self.scope["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        return Call({**self.scope, "headers": headers}, body)

    @property
    def changes(self) -> dict[str, Json] | None:
        """The changes of an update, where it holds any."""
        try:
            found = json.loads(self.body) if self.updates else None
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Defect:
    """The sandbox behind a wrapper; a subclass says in `answer` what it does otherwise."""

    def __init__(self, **credentials: str) -> None:
        self._sandbox = create_app(open_store("memory"), **credentials)

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        body, more = b"", scope["type"] == "http"
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        for event in await self.answer(Call(scope, body)):
            await send(event)

    async def answer(self, call: Call) -> list[Event]:
        """Return what is sent."""
        return await self.ask(call)

    async def ask(self, call: Call) -> list[Event]:
        """Return what the sandbox sends."""
        sent: list[Event] = []

        async def receive() -> Event:
            return {"type": "http.request", "body": call.body, "more_body": False}

        async def send(event: Event) -> None:
            sent.append(event)

        await self._sandbox(call.scope, receive, send)
        return sent

    async def customer(self, call: Call) -> dict[str, Json]:
        """Return the customer that a request is about, or nothing."""
        start, *rest = await self.ask(call.reading())
        body = b"".join(event.get("body", b"") for event in rest)
        found: dict[str, Json] = json.loads(body)["customer"] if start["status"] == HTTPStatus.OK else {}
        return found


async def elsewhere() -> None:
    """Let the others have their turn, as a server does that waits for its database."""
    for _ in range(3):
        await anyio.lowlevel.checkpoint()


class WritesBackWhatItRead(Defect):
    """Reads the customer, and writes the whole of it with the changes: what came in between is lost."""

    async def answer(self, call: Call) -> list[Event]:
        changes, before = call.changes, await self.customer(call)
        if not before or not changes or not changes.keys() >= REQUIRED:
            return await self.ask(call)
        await elsewhere()
        return await self.ask(call.holding({**before, **changes}))


class WritesInTwoHalves(Defect):
    """Writes every other property first and the rest later: a read in between shows half of an update."""

    async def answer(self, call: Call) -> list[Event]:
        changes, before = call.changes, await self.customer(call)
        if changes is None or not before:
            return await self.ask(call)
        later = {name: before.get(name) for name in sorted(changes.keys() - REQUIRED)[::2]}
        answer = await self.ask(call)
        if answer[0]["status"] == 200 and later:
            await self.ask(call.holding({**changes, **later}))
            await elsewhere()
            answer = await self.ask(call)
        return answer


class ForgetsWhoseTurnItIs(Defect):
    """Keeps the path of the request in one place for all of them."""

    async def answer(self, call: Call) -> list[Event]:
        self._scope = call.scope
        await elsewhere()
        path = {name: self._scope[name] for name in ("path", "raw_path")}
        return await self.ask(replace(call, scope={**call.scope, **path}))


class AnswersFromMemoryWhenBusy(Defect):
    """Answers a read that comes while another request is being answered with what it read some time ago."""

    def __init__(self) -> None:
        super().__init__()
        self._busy, self._read = 0, dict[str, list[Event]]()

    async def answer(self, call: Call) -> list[Event]:
        busy, path = self._busy > 0, call.scope["path"]
        self._busy += 1
        await elsewhere()
        answer = await self.ask(call)
        self._busy -= 1
        if call.updates:
            return answer
        if busy and path in self._read:
            return self._read[path]
        self._read[path] = answer
        return answer


class BreaksOffAtANul(Defect):
    """Breaks the connection when it is sent a string with a NUL."""

    async def answer(self, call: Call) -> list[Event]:
        if b"\\u0000" in call.body:
            raise ConnectionAbortedError
        return await self.ask(call)


class Echoes(Defect):
    """Says in an error what was sent."""

    async def answer(self, call: Call) -> list[Event]:
        start, *rest = await self.ask(call)
        if start["status"] != HTTPStatus.BAD_REQUEST:
            return [start, *rest]
        detail = {"domain": "test", "code": 200, "message": call.body.decode(errors="replace")}
        body = json.dumps({"errors": [detail]}).encode()
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        return [{**start, "headers": headers}, {"type": "http.response.body", "body": body}]


class StopsAtAnUpdate(Defect):
    """Answers nothing any more, once it was sent an update."""

    stopped = False

    async def answer(self, call: Call) -> list[Event]:
        self.stopped |= call.updates
        if self.stopped:
            raise ConnectionAbortedError
        return await self.ask(call)


class Recorder(Defect):
    """No defect: it writes down each request, a line each, in the file that `RECORD_TO` names."""

    async def answer(self, call: Call) -> list[Event]:
        record = {
            "method": call.scope["method"],
            "path": call.scope["raw_path"].decode(),
            "headers": sorted([name.decode(), value.decode("latin-1")] for name, value in call.scope["headers"]),
            "body": base64.b64encode(call.body).decode(),
            "at": time.monotonic(),
            # In process, the test that asks.
            "test": os.environ.get("PYTEST_CURRENT_TEST", ""),
        }
        self._write(json.dumps(record) + "\n")
        return await self.ask(call)

    def _write(self, line: str) -> None:
        with Path(os.environ["RECORD_TO"]).open("a", encoding="utf-8") as file:
            file.write(line)
