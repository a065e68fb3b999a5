"""The ways in which a server goes wrong, each a maker of mutants from what is particular to one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ._mutant import Answer, Around, Call, Document, Mutant, Server


def around(name: str, defect: str, act: Around) -> Mutant:
    """A server that does something of its own with a call, remembering nothing."""
    return Mutant(name, defect, around=lambda: act)


def remembering(name: str, defect: str, make: Callable[[], Around]) -> Mutant:
    """A server that does something of its own with a call, and remembers."""
    return Mutant(name, defect, around=make)


def receiving(name: str, defect: str, change: Callable[[Call], Call]) -> Mutant:
    """A server that takes each request for another one."""

    async def act(call: Call, server: Server) -> Answer:
        return await server(change(call))

    return around(name, defect, act)


def answering(name: str, defect: str, change: Callable[[Call, Answer], Answer]) -> Mutant:
    """A server that answers something else than it should."""

    async def act(call: Call, server: Server) -> Answer:
        return change(call, await server(call))

    return around(name, defect, act)


def refusing(name: str, defect: str, change: Callable[[Answer], Answer], status: int | None = None) -> Mutant:
    """A server whose errors, or those of one status, are not what they should be."""

    def changed(_call: Call, answer: Answer) -> Answer:
        wanted = answer.status >= 400 if status is None else answer.status == status
        return change(answer) if wanted else answer

    return answering(name, defect, changed)


def storing(name: str, defect: str, change: Callable[[Document], Document]) -> Mutant:
    """A server that keeps something else than it is sent, as long as that is valid at all."""

    async def act(call: Call, server: Server) -> Answer:
        return await server(call.setting(change(call.changes)) if await is_accepted(call, server) else call)

    return around(name, defect, act)


async def is_accepted(call: Call, server: Server) -> bool:
    """Whether a call is an update that the server takes, asked of a customer that is not there.

    What changes an update asks first: what is refused is to be refused for what was sent, or to write it anew would
    repair it, which is a second defect.
    """
    if not call.changes:
        return False
    elsewhere = Call(call.headers, call.body, call.method, call.path.rpartition(b"/")[0] + b"/no-such-one", call.scope)
    return (await server(elsewhere)).status == 404


def showing(name: str, defect: str, change: Callable[[Document], Document], *, only: str | None = None) -> Mutant:
    """A server whose answers show something else than it holds; to all methods, or to one."""

    def changed(call: Call, answer: Answer) -> Answer:
        customer = answer.customer
        if customer is None or only not in {None, "POST" if call.is_update else "GET"}:
            return answer
        return answer.showing(change(customer))

    return answering(name, defect, changed)


def edited(name: str, defect: str, *path: str, **keywords: Any) -> Mutant:
    """A server that holds requests to other keywords, at a place in the components' schemas; None takes one away."""
    return Mutant(name, defect, edit=partial(_edit, path=path, keywords=keywords))


def _edit(document: Document, path: tuple[str, ...], keywords: Document) -> None:
    node = document["components"]["schemas"]
    for step in path:
        node = node[step]
    for keyword, value in keywords.items():
        if value is None:
            del node[keyword]
        else:
            node[keyword] = value


def strings(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return what changes every string in a value, names of members aside."""

    def everywhere(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, dict):
            return {name: everywhere(item) for name, item in value.items()}
        if isinstance(value, list):
            return [everywhere(item) for item in value]
        return value

    return everywhere
