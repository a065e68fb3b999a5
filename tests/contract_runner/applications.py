"""Applications for runs in process, and for servers of the tests' own: the sandbox, and the sandbox with a defect.

The defects here are those that the check's own tests need; each passes for the sandbox where its defect does not
come into play.
"""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import anyio
import anyio.lowlevel
from tests.contract._asgi import ASGIApp, Event
from tests.mutants._mutant import Answer, Call, Document, Receive, Send, Server, wrapped

from trustly_customers.sandbox import create_app, open_store

REQUIRED = {"name", "address", "phone", "email"}


def sandbox() -> ASGIApp:
    """Return the sandbox as it is, over a store in memory of its own."""
    return create_app(open_store("memory"))


class Defect:
    """The sandbox behind a wrapper; a subclass says in `answer` what it does otherwise."""

    def __init__(self, **credentials: str) -> None:
        self._app = wrapped(create_app(open_store("memory"), **credentials), self.answer)

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def answer(self, call: Call, server: Server) -> Answer:
        """Return what is answered; `server` is the sandbox."""
        return await server(call)


async def customer_of(call: Call, server: Server) -> Document:
    """Return the customer that a call is about, or nothing."""
    return (await server(call.reading())).customer or {}


async def elsewhere() -> None:
    """Let the others have their turn, as a server does that waits for its database."""
    for _ in range(3):
        await anyio.lowlevel.checkpoint()


class WritesBackWhatItRead(Defect):
    """Reads the customer, and writes the whole of it with the changes: what came in between is lost."""

    async def answer(self, call: Call, server: Server) -> Answer:
        changes, before = call.changes, await customer_of(call, server)
        if not before or not changes.keys() >= REQUIRED:
            return await server(call)
        await elsewhere()
        return await server(call.setting({**before, **changes}))


class CannotReadANul(Defect):
    """Keeps some bytes, and cannot read the customer any more."""

    unreadable = b"\\u0000"

    async def answer(self, call: Call, server: Server) -> Answer:
        answer = await server(call)
        if call.is_update or self.unreadable not in answer.body:
            return answer
        return replace(answer, status=HTTPStatus.INTERNAL_SERVER_ERROR).holding(b"Internal Server Error")


class CannotReadTheUnknown(CannotReadANul):
    unreadable = b'"contractCheck"'


class WritesInTwoHalves(Defect):
    """Writes every other property first and the rest later: a read in between shows half of an update."""

    async def answer(self, call: Call, server: Server) -> Answer:
        changes, before = call.changes, await customer_of(call, server)
        if not changes or not before:
            return await server(call)
        later = {name: before.get(name) for name in sorted(changes.keys() - REQUIRED)[::2]}
        answer = await server(call)
        if answer.status == HTTPStatus.OK and later:
            await server(call.setting({**changes, **later}))
            await elsewhere()
            answer = await server(call)
        return answer


class ForgetsWhoseTurnItIs(Defect):
    """Keeps the path of the request in one place for all of them."""

    async def answer(self, call: Call, server: Server) -> Answer:
        self._path = call.path
        await elsewhere()
        return await server(replace(call, path=self._path))


class AnswersFromMemoryWhenBusy(Defect):
    """Answers a read that comes while another request is being answered with what it read some time ago."""

    def __init__(self) -> None:
        super().__init__()
        self._busy, self._read = 0, dict[bytes, Answer]()

    async def answer(self, call: Call, server: Server) -> Answer:
        busy = self._busy > 0
        self._busy += 1
        await elsewhere()
        answer = await server(call)
        self._busy -= 1
        if call.is_update:
            return answer
        if busy and call.path in self._read:
            return self._read[call.path]
        self._read[call.path] = answer
        return answer


class BreaksOffAtANul(Defect):
    """Breaks the connection when it is sent a string with a NUL."""

    async def answer(self, call: Call, server: Server) -> Answer:
        if b"\\u0000" in call.body:
            raise ConnectionAbortedError
        return await server(call)


class Echoes(Defect):
    """Says in an error what was sent."""

    async def answer(self, call: Call, server: Server) -> Answer:
        answer = await server(call)
        if answer.status != HTTPStatus.BAD_REQUEST:
            return answer
        detail = {"domain": "test", "code": 200, "message": call.body.decode(errors="replace")}
        return answer.telling({"errors": [detail]})


class StopsAtAnUpdate(Defect):
    """Answers nothing any more, once it was sent an update."""

    stopped = False

    async def answer(self, call: Call, server: Server) -> Answer:
        self.stopped |= call.is_update
        if self.stopped:
            raise ConnectionAbortedError
        return await server(call)


class Recorder(Defect):
    """No defect: it writes down each request, a line each, in the file that `RECORD_TO` names."""

    async def answer(self, call: Call, server: Server) -> Answer:
        record = {
            "method": call.method,
            "path": call.scope["raw_path"].decode(),
            "headers": sorted([name.decode(), value.decode("latin-1")] for name, value in call.headers),
            "body": base64.b64encode(call.body).decode(),
            "at": time.monotonic(),
            # In process, the test that asks.
            "test": os.environ.get("PYTEST_CURRENT_TEST", ""),
        }
        self._write(json.dumps(record) + "\n")
        return await server(call)

    def _write(self, line: str) -> None:
        with Path(os.environ["RECORD_TO"]).open("a", encoding="utf-8") as file:
            file.write(line)
