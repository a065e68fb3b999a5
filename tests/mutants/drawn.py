"""Servers with a defect that was drawn: something goes wrong under some condition, by a number that repeats it.

The catalogue holds what somebody thought of; these are what nobody did.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import chain

from . import _failures as failures
from ._conditions import Condition, forms, histories, neighbours, texts, values
from ._failures import Failure
from ._mutant import Answer, Around, Call, Mutant, Server
from ._ways import is_accepted

PATTERN = re.compile("drawn-([0-9]+)", re.ASCII)
"""What a name looks like, with its number."""

Concerned = Callable[[Call, Server], Awaitable[bool]]
_Drawn = tuple[Condition, Failure, str, Concerned]


def drawn(name: str) -> Mutant:
    """Return the server of a name that looks like the pattern."""
    draw = random.Random(name)  # noqa: S311 - nobody is to be surprised
    kind = draw.choice((_of_an_update, _of_an_update, _of_a_wrong_value, _of_a_refusal, _of_a_read))
    condition, failure, subject, concerned = kind(draw)
    defect = f"{failure.words.format(subject)} where {condition.words}."
    return Mutant(name, defect, lambda: _going_wrong(condition, failure, concerned), group="drawn")


def names(count: int, *, seed: int) -> list[str]:
    """Return the names of so many servers, others for another seed."""
    return [f"drawn-{number}" for number in random.Random(seed).sample(range(10**6), count)]  # noqa: S311 - as above


def _going_wrong(condition: Condition, failure: Failure, concerned: Concerned) -> Around:
    met = condition.make()

    async def act(call: Call, server: Server) -> Answer:
        # Asked of every call, whether it is concerned or not: some conditions are about what came before.
        if met(call) and await concerned(call, server):
            return await failure.act(call, server, condition.of)
        return await server(call)

    return act


def _of_an_update(draw: random.Random) -> _Drawn:
    family = draw.choice((texts, partial(values, allowed=True), neighbours, histories, forms))
    condition = draw.choice(list(family()))
    found: Sequence[Failure] = failures.OF_UPDATES
    if condition.is_set or family is neighbours:
        more = (failures.OF_VALUES if condition.is_set else ()) + (failures.OF_TEXTS if family is texts else ())
        found = draw.choice((failures.OF_UPDATES, failures.OF_PROPERTIES + more))
    return condition, draw.choice(found), ".".join(condition.of), is_accepted


def _of_a_wrong_value(draw: random.Random) -> _Drawn:
    condition = draw.choice(list(values(allowed=False)))
    return condition, draw.choice(failures.OF_WRONG_VALUES), ".".join(condition.of), _refused(400)


def _of_a_refusal(draw: random.Random) -> _Drawn:
    status = draw.choice(sorted(failures.OF_REFUSALS))
    condition = draw.choice(list(chain(histories(), (one for one in forms() if one.is_of_any))))
    return condition, draw.choice(failures.OF_REFUSALS[status]), f"with {status}", _refused(status)


def _of_a_read(draw: random.Random) -> _Drawn:
    condition = draw.choice([one for one in chain(histories(), forms()) if one.is_of_any])
    return condition, draw.choice(failures.OF_READS), "", _is_read


async def _is_read(call: Call, server: Server) -> bool:
    return call.method == "GET" and (await server(call)).status == 200


def _refused(status: int) -> Concerned:
    async def concerned(call: Call, server: Server) -> bool:
        return (await server(call)).status == status

    return concerned
