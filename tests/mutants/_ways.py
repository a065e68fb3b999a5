"""The ways in which a server goes wrong, each a maker of mutants from what is particular to one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ._mutant import AUTHORIZATION, Answer, Around, Call, Document, Mutant, Server


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


def restating(name: str, defect: str, status: int, when: Callable[[Call, Answer], bool]) -> Mutant:
    """A server that gives some answers another status."""
    return answering(
        name, defect, lambda call, answer: replace(answer, status=status) if when(call, answer) else answer
    )


def failing(status: int) -> Around:
    """Return what does nothing, and answers with an error."""

    async def act(call: Call, server: Server) -> Answer:
        refused = await server(call.having(AUTHORIZATION, None))
        return replace(refused, status=status).having(b"www-authenticate", None)

    return act


async def not_stored(call: Call, server: Server) -> Answer:
    """Answer as if it were stored, and put it back."""
    if not call.is_update:
        return await server(call)
    before = (await server(call.reading())).customer
    answer = await server(call)
    if before is not None and answer.customer is not None:
        await server(call.setting({**dict.fromkeys(answer.customer), **before}))
    return answer


async def answered_as_before(call: Call, server: Server) -> Answer:
    """Carry an update out, and answer with the customer before it."""
    if not call.is_update:
        return await server(call)
    held, answer = await server(call.reading()), await server(call)
    return held if answer.status == 200 else answer


def refused_as_read(name: str, defect: str, status: int, when: Callable[[Call, Answer], bool]) -> Mutant:
    """A server that first does what a read does for some calls, and answers so where that has a status.

    That is 401 for the credentials, and 404 for the customer, who is looked up whoever asks.
    """

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if not when(call, answer):
            return answer
        read = await server(call.reading() if status == 401 else call.reading().authorized())
        return read if read.status == status else answer

    return around(name, defect, act)


def repairing(name: str, defect: str, repair: Callable[[bytes], bytes]) -> Mutant:
    """A server that reads some malformed bodies as if they were written well."""

    async def act(call: Call, server: Server) -> Answer:
        answer = await server(call)
        if not call.is_update or answer.status != 400:
            return answer
        try:
            return await server(call.holding(repair(call.body)))
        except (ValueError, RecursionError):
            return answer

    return around(name, defect, act)


def misreading(name: str, defect: str, refuses: Callable[[bytes], bool]) -> Mutant:
    """A server that takes some bodies for malformed."""
    return receiving(name, defect, lambda call: call.holding(b"{") if call.is_update and refuses(call.body) else call)


def refusing(name: str, defect: str, change: Callable[[Answer], Answer], status: int | None = None) -> Mutant:
    """A server whose errors, or those of one status, are not what they should be."""

    def changed(_call: Call, answer: Answer) -> Answer:
        return change(answer) if _is_error(answer, status) else answer

    return answering(name, defect, changed)


def _is_error(answer: Answer, status: int | None) -> bool:
    return answer.status >= 400 if status is None else answer.status == status


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
    return (await server(call.elsewhere)).status == 404


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


def errors(change: Callable[[Document], Any]) -> Callable[[Answer], Answer]:
    """Return what changes each error of an envelope."""
    return lambda answer: (
        answer.telling({"errors": [change(error) for error in answer.json["errors"]]}) if answer.body else answer
    )


def saying(name: str, defect: str, words: str | Callable[[Call], str], status: int | None = None) -> Mutant:
    """A server that says something more in each error, or in those of one status."""

    def changed(call: Call, answer: Answer) -> Answer:
        if not _is_error(answer, status):
            return answer
        more = words if isinstance(words, str) else words(call).encode("utf-8", "replace").decode()
        return errors(lambda error: {**error, "message": f"{error['message']} {more}".rstrip()})(answer)

    return answering(name, defect, changed)


def throughout(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what changes each value in a value, from the innermost outwards."""

    def everywhere(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: everywhere(item) for name, item in value.items()})
        return change([everywhere(item) for item in value] if isinstance(value, list) else value)

    return everywhere


def strings(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return what changes every string in a value, names of members aside."""
    return throughout(lambda value: change(value) if isinstance(value, str) else value)


def replacing(pattern: str, by: str) -> Callable[[str], str]:
    """Return what replaces what matches a pattern in a text."""
    return lambda text: re.sub(pattern, by, text)


def member(field: str, change: Callable[[Any], Any], *, of: type = object) -> Callable[[Document], Document]:
    """Return what changes a member of an object, where it is there and of some type."""
    return lambda whole: (
        {**whole, field: change(whole[field])} if field in whole and isinstance(whole[field], of) else whole
    )


def inside(change: Callable[[Any], Any]) -> Callable[[Document], Document]:
    """Return what changes each value inside customData, from the innermost outwards, and customData themselves."""
    return member("customData", throughout(change), of=dict)


def names(change: Callable[[str], str | None]) -> Callable[[Document], Document]:
    """Return what changes the names of members inside customData, or drops them."""

    def changed(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        renamed = [(change(name), item) for name, item in value.items()]
        return {name: item for name, item in renamed if name is not None}

    return inside(changed)


def without(*dropped: str) -> Callable[[Document], Document]:
    """Return what takes members away."""
    return lambda document: {name: value for name, value in document.items() if name not in dropped}
