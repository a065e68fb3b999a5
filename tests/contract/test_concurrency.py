"""Several callers at once: no update is lost, no read shows half of one, and time goes forward for everybody.

Each caller sends what was laid down beforehand, so that the same seed sends the same requests; how they fall
between each other is left to the machine. What is asserted holds for every order, once all have come back.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest

from ._compare import same
from ._customers import ANSWERED, EXISTING, Customers
from ._ledger import Ledger
from ._promises import OK
from ._server import NoAnswerError
from ._spec import Field
from ._target import current_settings
from ._wire import Exchange, Request, basic, dump
from .test_tables import LEAST, OPTIONAL, SAMPLES, SPEC, VIOLATIONS, full, of_another

pytestmark = pytest.mark.flood

Json = Any
_ROUNDS = {"fast": 6, "full": 60}[current_settings().profile]
_READERS = 4
_BAD_REQUEST, _UNAUTHORIZED = 400, 401
_TOLD = "updatedAt"
_LAST_WRITER_WINS = ["set-fields", "read-your-writes"]


@dataclass(frozen=True)
class Seen:
    """An exchange, and when it began and ended on this machine's clock."""

    exchange: Exchange
    began: float
    ended: float


def at_once(customers: Customers, callers: Sequence[Sequence[Request]]) -> list[list[Seen]]:
    """Let each caller send its requests in order, all callers beginning together, and judge all the answers."""
    together = threading.Barrier(len(callers))

    def call(requests: Sequence[Request]) -> list[Seen]:
        link, seen = customers.server.connect(), []
        try:
            together.wait()
            for request in requests:
                began = time.monotonic()
                seen.append(Seen(link.send(request), began, time.monotonic()))
        finally:
            link.close()
        return seen

    with ThreadPoolExecutor(len(callers)) as pool:
        running = [pool.submit(call, requests) for requests in callers]
    try:
        answers = [future.result() for future in running]
    except NoAnswerError as error:
        customers.ledger.holds(ANSWERED, condition=False, message=str(error), seen=error.seen)
        raise
    for seen in answers:
        for one in seen:
            customers.ledger.sent(one.exchange)
            customers.promises.held(one.exchange)
    customers.forget()
    return answers


def customer_in(seen: Seen, ledger: Ledger) -> dict[str, Json]:
    """Return the customer in an answer that should hold one."""
    status = seen.exchange.status
    ledger.holds(EXISTING, status == OK, f"{status} for a customer that exists", seen.exchange)
    found: dict[str, Json] = seen.exchange.json()[SPEC.wrapper]
    return found


def not_shown(customer: dict[str, Json], body: dict[str, Json]) -> list[str]:
    """Return the names under which a customer is not as an update with `body` left it."""
    gone = [name for name, value in body.items() if value is None and name in customer]
    return gone + [name for name, value in body.items() if value is not None and not same(customer.get(name), value)]


def _rounds_of(field: Field) -> list[dict[str, Json]]:
    """Return the updates of a field's own writer: a value, its removal where that is allowed, another value."""
    first, last = (SAMPLES[field.name][number].value for number in (0, -1))
    cycle = [first, None, last] if field.nullable else [first, last]
    return [{**LEAST, field.name: cycle[number % len(cycle)]} for number in range(_ROUNDS)]


def test_updates_of_different_fields_at_the_same_time_all_survive(
    customers: Customers, ledger: Ledger, one: str
) -> None:
    customers.update(one, full())
    bodies = [_rounds_of(field) for field in OPTIONAL]
    read = customers.request(SPEC.read, one)
    callers = [
        [each for body in own for each in (customers.request(SPEC.update, one, dump(body)), read)] for own in bodies
    ]
    answers = at_once(customers, callers)
    for own, seen in zip(bodies, answers, strict=True):
        for number, answer in enumerate(seen):
            # Nobody else writes this field, so that it is what its writer made it, whatever the others do.
            wrong = not_shown(customer_in(answer, ledger), own[number // 2])
            claims = ["concurrent-updates", "set-fields", "keep-omitted", "read-your-writes"]
            ledger.holds(claims, not wrong, f"{wrong} were lost between two updates", answer.exchange)
    _each_has_its_own_time([answer for seen in answers for answer in seen[::2]], ledger)


def _each_has_its_own_time(updated: Sequence[Seen], ledger: Ledger) -> None:
    times = Counter(customer_in(answer, ledger)[_TOLD] for answer in updated)
    for answer in updated:
        alone = times[customer_in(answer, ledger)[_TOLD]] == 1
        ledger.holds("updated-at", alone, f"two updates have the same {_TOLD}", answer.exchange)


def test_the_same_update_from_several_callers_at_once_is_several(
    customers: Customers, ledger: Ledger, one: str
) -> None:
    updates = [customers.request(SPEC.update, one, dump(full(number % 2))) for number in range(_ROUNDS)]
    answers = at_once(customers, [updates] * _READERS)
    _each_has_its_own_time([answer for seen in answers for answer in seen], ledger)


def test_a_read_during_updates_shows_one_of_them_whole_and_never_an_older_one_again(
    customers: Customers, ledger: Ledger, one: str
) -> None:
    customers.update(one, full())
    bodies = [[full((number + first) % 2) for number in range(_ROUNDS * _READERS)] for first in (0, 1)]
    writers = [[customers.request(SPEC.update, one, dump(body)) for body in own] for own in bodies]
    reader = [customers.request(SPEC.read, one)] * (_ROUNDS * _READERS)
    answers = at_once(customers, [*writers, *[reader] * _READERS])
    written, read = answers[: len(writers)], answers[len(writers) :]
    for own, seen in zip(bodies, written, strict=True):
        for body, answer in zip(own, seen, strict=True):
            wrong = not_shown(customer_in(answer, ledger), body)
            ledger.holds(_LAST_WRITER_WINS, not wrong, f"{wrong} are of another update", answer.exchange)
    done = [(answer.ended, customer_in(answer, ledger)[_TOLD]) for seen in written for answer in seen]
    for seen in read:
        shown = [customer_in(answer, ledger) for answer in seen]
        for answer, customer in zip(seen, shown, strict=True):
            torn = all(not_shown(customer, full(number)) for number in (0, 1))
            ledger.holds(_LAST_WRITER_WINS, not torn, "a read shows half of an update", answer.exchange)
            due = max((told for ended, told in done if ended < answer.began), default=0)
            message = "a read shows less than was acknowledged before it"
            ledger.holds("read-your-writes", customer[_TOLD] >= due, message, answer.exchange)
        for (earlier, later), answer in zip(pairwise(shown), seen[1:], strict=True):
            ledger.holds("updated-at", earlier[_TOLD] <= later[_TOLD], f"{_TOLD} went back", answer.exchange)


def test_what_is_refused_between_updates_leaves_no_trace(customers: Customers, ledger: Ledger, one: str) -> None:
    customers.update(one, full(1))
    few = VIOLATIONS[:: max(1, len(VIOLATIONS) // (_ROUNDS * 4))]
    refused = [customers.request(SPEC.update, one, dump(violation.body)) for violation in few]
    # Two in turn, so that one that is lost shows.
    bodies = [full((number + 1) % 2) for number in range(_ROUNDS * 2)]
    read = customers.request(SPEC.read, one)
    accepted = [each for body in bodies for each in (customers.request(SPEC.update, one, dump(body)), read)]
    answers, others = at_once(customers, [refused, accepted])
    were_refused = True
    for violation, answer in zip(few, answers, strict=True):
        message = f"{violation.where} ({violation.kind}) was answered with {answer.exchange.status}"
        is_refused = answer.exchange.status == _BAD_REQUEST
        were_refused &= ledger.holds(violation.claim, is_refused, message, answer.exchange)
    if not were_refused:
        return  # what was taken may well leave a trace
    for number, answer in enumerate(others):
        wrong = not_shown(customer_in(answer, ledger), bodies[number // 2])
        ledger.holds("atomic-rejection", not wrong, f"{wrong} came from a refused update", answer.exchange)


def test_updates_of_two_customers_at_the_same_time_keep_apart(
    customers: Customers, ledger: Ledger, one: str, other: str
) -> None:
    bodies = {one: full(), other: of_another(full(1))}
    callers = [
        [customers.request(SPEC.update, who, dump(body)), customers.request(SPEC.read, who)] * (_ROUNDS * 2)
        for who, body in bodies.items()
    ]
    for (who, body), seen in zip(bodies.items(), at_once(customers, callers), strict=True):
        for answer in seen:
            customer = customer_in(answer, ledger)
            wrong = not_shown(customer, {**body, SPEC.path_parameter["name"]: who})
            ledger.holds("one-customer", not wrong, f"{wrong} are another customer's", answer.exchange)


def test_wrong_credentials_are_refused_while_right_ones_are_let_in(
    customers: Customers, ledger: Ledger, one: str
) -> None:
    customers.update(one, full(1))
    read, update = customers.request(SPEC.read, one), customers.request(SPEC.update, one, dump(full()))
    wrong = {"Authorization": basic(customers.target.access_id, "wrong-key")}
    locked_out = [replace(each, headers={**each.headers, **wrong}) for each in (read, update)]
    let_in, refused = at_once(customers, [[read] * (_ROUNDS * 4), locked_out * (_ROUNDS * 2)])
    for answer in refused:
        status = answer.exchange.status
        message = f"a wrong key was answered with {status} while the right one was in use"
        ledger.holds("basic-auth", status == _UNAUTHORIZED, message, answer.exchange)
    for answer in let_in:
        wrongly = not_shown(customer_in(answer, ledger), full(1))
        ledger.holds("atomic-rejection", not wrongly, f"{wrongly} came from a refused update", answer.exchange)
