"""What goes wrong with a request, once something does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from ._mutant import FIRST, OTHER, REQUIRED, Answer, Around, Call, Document, Json, Server
from ._ways import answered_as_before, failing, not_stored, without

Place = tuple[str, ...]
Act = Callable[[Call, Server, Place], Awaitable[Answer]]


@dataclass(frozen=True)
class Failure:
    """What goes wrong. `act` answers in place of the server, given the place that the condition is about."""

    words: str
    act: Act


def _of_other(call: Call) -> Call:
    return call.of(OTHER if call.identifier == FIRST else FIRST)


def _put(document: Document, place: Place, value: Json) -> Document:
    """Return an object with another value at a place; Ellipsis takes away what is there."""
    step, *rest = place
    if rest:
        inner = document.get(step)
        return {**document, step: _put(inner, tuple(rest), value)} if isinstance(inner, dict) else document
    return without(step)(document) if value is ... else {**document, step: value}


def _answered(change: Callable[[Answer], Answer]) -> Act:
    async def act(call: Call, server: Server, _place: Place) -> Answer:
        return change(await server(call))

    return act


def _shown(change: Callable[[Document], Document]) -> Act:
    def changed(answer: Answer) -> Answer:
        return answer if answer.customer is None else answer.showing(change(answer.customer))

    return _answered(changed)


def _sent(change: Callable[[Document, Place], Document]) -> Act:
    async def act(call: Call, server: Server, place: Place) -> Answer:
        return await server(call.setting(change(call.changes, place)))

    return act


def _whole(act: Around) -> Act:
    return lambda call, server, _place: act(call, server)


def _with(status: int) -> Act:
    return _whole(failing(status))


async def _time_as_before(call: Call, server: Server, _place: Place) -> Answer:
    before = (await server(call.reading())).customer
    answer = await server(call)
    if answer.customer is None or before is None:
        return answer
    return answer.showing({**answer.customer, "updatedAt": before["updatedAt"]})


async def _stored_and_failed(call: Call, server: Server, _place: Place) -> Answer:
    await server(call)
    return await failing(500)(call, server)


async def _stored_of_other(call: Call, server: Server, _place: Place) -> Answer:
    await server(call)
    return await server(_of_other(call).reading())


async def _ignored(call: Call, server: Server, place: Place) -> Answer:
    before = (await server(call.reading())).customer or {}
    name = place[0]
    return await server(call.setting(_put(call.changes, (name,), before.get(name, ...))))


async def _ignored_but_shown(call: Call, server: Server, place: Place) -> Answer:
    answer = await _ignored(call, server, place)
    value = call.changes[place[0]]
    return (
        answer
        if answer.customer is None
        else answer.showing(_put(answer.customer, place[:1], ... if value is None else value))
    )


async def _hidden(call: Call, server: Server, place: Place) -> Answer:
    answer = await server(call)
    return answer if answer.customer is None else answer.showing(_put(answer.customer, place, ...))


async def _also_of_other(call: Call, server: Server, place: Place) -> Answer:
    other = _of_other(call)
    before = (await server(other.reading())).customer
    if before is not None:
        needed = {name: before[name] for name in REQUIRED}
        await server(other.setting({**needed, place[0]: call.changes[place[0]]}))
    return await server(call)


def _text(change: Callable[[str], str]) -> Act:
    def changed(changes: Document, place: Place) -> Document:
        value: Json = changes
        for step in place:
            value = value[step]
        return _put(changes, place, change(value))

    return _sent(changed)


_EARLIER = 86_400_000
OF_UPDATES = (
    Failure("An update is answered, and not stored,", _whole(not_stored)),
    Failure("An update is answered with the customer before it", _whole(answered_as_before)),
    Failure("An update is answered with the updatedAt before it", _time_as_before),
    Failure("An update is answered with 500", _with(500)),
    Failure("An update is answered with 400", _with(400)),
    Failure("An update is answered with 503", _with(503)),
    Failure("An update is stored, and answered with 500,", _stored_and_failed),
    Failure("An update is answered with the other customer", _stored_of_other),
    Failure("An update is answered with 201", _answered(lambda answer: replace(answer, status=201))),
    Failure("An update is answered with nothing", _answered(lambda answer: answer.holding(b""))),
    Failure("An update is answered without its wrapper", _answered(lambda answer: answer.telling(answer.customer))),
    Failure(
        "An update is answered without Cache-Control", _answered(lambda answer: answer.having(b"cache-control", None))
    ),
    Failure("An update is answered as text", _answered(lambda answer: answer.having(b"content-type", b"text/plain"))),
    Failure(
        "An update is answered with another createdAt", _shown(lambda shown: {**shown, "createdAt": shown["updatedAt"]})
    ),
    Failure(
        "An update is answered with a time of yesterday",
        _shown(lambda shown: {**shown, "updatedAt": shown["updatedAt"] - _EARLIER}),
    ),
    Failure("An update is answered without the required members", _shown(without(*REQUIRED))),
)
OF_PROPERTIES = (
    Failure("{} is not stored", _ignored),
    Failure("{} is not stored, but shown,", _ignored_but_shown),
    Failure("{} is stored for the other customer, too,", _also_of_other),
)
OF_VALUES = (Failure("{} is stored, but not shown,", _hidden),)
OF_TEXTS = (
    Failure("{} loses its end", _text(lambda text: text[:-1] or "x")),
    Failure("{} gets a question mark", _text(lambda text: text + "?")),
    Failure("{} is stored backwards", _text(lambda text: text[::-1] if text != text[::-1] else "x")),
)


async def _read_of_other(call: Call, server: Server, _place: Place) -> Answer:
    return await server(_of_other(call))


OF_READS = (
    Failure("A read shows the other customer", _read_of_other),
    Failure("A read is answered with 404", _with(404)),
    Failure("A read is answered with 500", _with(500)),
    Failure(
        "A read is answered without Cache-Control", _answered(lambda answer: answer.having(b"cache-control", None))
    ),
    Failure("A read shows a later updatedAt", _shown(lambda shown: {**shown, "updatedAt": shown["updatedAt"] + 1})),
    Failure("A read shows another createdAt", _shown(lambda shown: {**shown, "createdAt": shown["createdAt"] + 1})),
    Failure("A read shows no address", _shown(without("address"))),
    Failure("A read shows a null", _shown(lambda shown: {"vip": None, "taxId": None, **shown})),
    Failure("A read shows its last property not", _shown(lambda shown: without(list(shown)[-1])(shown))),
    Failure("A read shows an empty phone", _shown(lambda shown: {**shown, "phone": shown["phone"][:-1] or "x"})),
    Failure("A read is answered as text", _answered(lambda answer: answer.having(b"content-type", b"text/plain"))),
)


async def _taken_without(call: Call, server: Server, place: Place) -> Answer:
    """Take an update that is to be refused, with what was there before in place of what is wrong with it."""
    answer = await server(call)
    before = (await server(call.reading())).customer
    if before is None:
        return answer
    name = place[0]
    mended = await server(call.setting(_put(call.changes, (name,), before.get(name, ...))))
    return mended if mended.status == 200 else answer


async def _rest_stored(call: Call, server: Server, place: Place) -> Answer:
    await _taken_without(call, server, place)
    return await server(call)


OF_WRONG_VALUES = (
    Failure("An update is taken, and {} left as it was,", _taken_without),
    Failure("An update is refused, and the rest of it stored,", _rest_stored),
    Failure("An update is refused with 422", _with(422)),
    Failure("An update is answered with 500", _with(500)),
)


async def _by_anybody(call: Call, server: Server, _place: Place) -> Answer:
    return await server(call.authorized())


async def _of_another_type(call: Call, server: Server, _place: Place) -> Answer:
    return await server(call.having(b"content-type", b"application/json"))


_OF_ERRORS = (
    Failure("A refusal {} has no body", _answered(lambda answer: answer.holding(b""))),
    Failure("A refusal {} is text", _answered(lambda answer: answer.having(b"content-type", b"text/plain"))),
    Failure("A refusal {} is no envelope", _answered(lambda answer: answer.telling({"error": "refused"}))),
    Failure("A refusal {} is answered with 500", _with(500)),
)
OF_REFUSALS: dict[int, Sequence[Failure]] = {
    400: (*_OF_ERRORS, Failure("A refusal {} is answered with 422", _with(422))),
    401: (
        *_OF_ERRORS,
        Failure("A refusal {} is answered with 403", _with(403)),
        Failure("A refusal {} challenges nobody", _answered(lambda answer: answer.having(b"www-authenticate", None))),
        Failure("A refusal {} is carried out all the same,", _by_anybody),
    ),
    404: (*_OF_ERRORS, Failure("A refusal {} is answered with 400", _with(400))),
    413: (*_OF_ERRORS, Failure("A refusal {} is answered with 400", _with(400))),
    415: (
        *_OF_ERRORS,
        Failure("A refusal {} is answered with 400", _with(400)),
        Failure("A refusal {} is carried out all the same,", _of_another_type),
    ),
}
