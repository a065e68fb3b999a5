"""Changing a customer without losing anybody's data: read, apply, merge, send what changed.

What is guaranteed, and what is not: see `Customers.modify`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from trustly_api.models import Customer, CustomerUpdate
from trustly_api.resources.customers import GET_CUSTOMER, UPDATE_CUSTOMER

from . import _merge
from ._config import Settings
from ._errors import ConflictError, InvalidRequestError, TrustlyError
from ._exchange import identifier_problem, info
from ._flow import Pause, Steps, call, deadline
from ._hidden import Hidden, Problem
from ._merge import Edit, Properties
from ._retry import may_have_been_applied, pause_before_next

P = ParamSpec("P")
R = TypeVar("R")

_CALL = "modify(customer_id, edit, ...)"


def by_place(method: Callable[P, R]) -> Callable[P, R]:
    """Let `modify` tell who gives the id by its name where it goes; Python would say that it is missing."""

    @wraps(method)
    def called(*arguments: P.args, **names: P.kwargs) -> R:
        hidden = Hidden((arguments, names))
        del arguments, names  # a traceback shows the arguments of each frame
        if len(hidden.value[0]) == len(("self",)):
            problem = _merge.place_problem(hidden.value[1], _CALL)
            if problem is not None:
                raise InvalidRequestError(f"{problem}; nothing was sent")
        return method(*hidden.value[0], **hidden.value[1])

    return called


@dataclass(frozen=True)
class Wish:
    """What a caller wants of a customer. `base` is the customer as the caller knows it, if it was read before."""

    customer_id: str = field(repr=False)
    names: Hidden[Properties]
    edit: Hidden[Edit | None]
    base: Customer | None

    @classmethod
    def checked(
        cls,
        customer_id: str,
        names: Hidden[Mapping[str, Any]],
        edit: Hidden[Edit | None],
        base: Customer | None,
        settings: Settings,
    ) -> Wish:
        """Make a wish, or refuse one that nothing can be made of.

        Raises:
            InvalidRequestError: the id is none, a keyword is the name of no property or its value is not acceptable,
                or another argument is not what it must be; the text names it.
        """
        (name,) = UPDATE_CUSTOMER.path_parameters
        problem = identifier_problem(name, customer_id)
        problem = problem or _merge.place_problem(names.value, _CALL)
        if problem is None and edit.value is not None and not callable(edit.value):
            problem = Problem("edit must be a function that changes a CustomerUpdate")
        if problem is None and base is not None:
            problem = _merge.base_problem(base)
        if problem is not None:
            raise InvalidRequestError(f"{problem}; nothing was sent")
        return cls(customer_id, _acceptable(_merge.named(names, validate=settings.validate)), edit, base)


def held(lock: Callable[[str], object] | None, customer_id: str, kind: type) -> Any:
    """Return the context manager that a lock gives for a customer, or one that does nothing.

    Raises:
        InvalidRequestError: the lock is none, or one for code of the other kind.
    """
    if lock is None:
        return nullcontext()
    # A class, forgotten to be made an instance, would take the id for an argument of its own.
    found = lock(customer_id) if callable(lock) and not isinstance(lock, type) else None
    if not isinstance(found, kind):
        raise InvalidRequestError(f"lock must give, called with an id, an {kind.__name__}; nothing was sent")
    return found


def modify(wish: Wish, settings: Settings) -> Steps[Customer]:
    """Carry out a wish. Each request is a call of its own; the deadline is for all of them.

    Raises:
        ConflictError: somebody else has set a property that is to be changed to something else.
        TrustlyError: as `call`. Where several tries failed, the last of those that leave open whether the update was
            applied, for that is what the caller must know; its `__cause__` is then what came after.
    """
    ends = deadline(settings)
    now = yield from _get(wish, settings, ends)
    base = now if wish.base is None else wish.base
    mine = _acceptable(_merge.changes(base, wish.names, wish.edit))
    if wish.edit.value is not None and mine.value:
        # A function may have taken its time.
        now = yield from _get(wish, settings, ends)
    failure: TrustlyError | None = None
    tries = 0
    while (body := _body(base, mine, now, failure)) is not None:
        try:
            # Trying again is this function's, since it looks again first.
            return (yield from call(UPDATE_CUSTOMER, _arguments(wish, body=body), _once(settings), ends=ends))
        except TrustlyError as error:
            tries += error.tries
            pause = pause_before_next(replace(settings, retry_updates=True), error, reads=False, tries=tries)
            failure = _worse(failure, error, tries)
            if pause is None or time.monotonic() + pause >= ends:
                raise failure from _after(failure, error)
        yield Pause(pause)
        try:
            now = yield from _get(wish, settings, ends)
        except TrustlyError as error:
            raise failure from error
    return now


def _get(wish: Wish, settings: Settings, ends: float) -> Steps[Customer]:
    return call(GET_CUSTOMER, _arguments(wish), settings, ends=ends)


def _once(settings: Settings) -> Settings:
    return replace(settings, max_retries=0)


def _arguments(wish: Wish, **more: object) -> dict[str, object]:
    (name,) = UPDATE_CUSTOMER.path_parameters
    return {name: wish.customer_id, **more}


def _acceptable(changes: Hidden[Properties] | Problem) -> Hidden[Properties]:
    if isinstance(changes, Problem):
        raise InvalidRequestError(f"{changes}; nothing was sent")
    return changes


def _body(
    base: Customer, mine: Hidden[Properties], now: Customer, failure: TrustlyError | None
) -> CustomerUpdate | None:
    """Return what is still to be sent, or None when all is as wanted."""
    sides = _merge.in_conflict(base, mine, now)
    if sides is not None:
        doubt = failure is not None and may_have_been_applied(failure)
        conflict = ConflictError(
            request=info(UPDATE_CUSTOMER), sides=sides, declared=_merge.DECLARED, may_have_been_applied=doubt
        )
        conflict.tries = 0 if failure is None else failure.tries
        raise conflict from failure
    left = _merge.still_to_do(mine, now)
    return _merge.update_of(now, left) if left.value else None


def _worse(before: TrustlyError | None, error: TrustlyError, tries: int) -> TrustlyError:
    """Return the failure that the caller must know of: the last that leaves open whether the update was applied."""
    keep = before is not None and may_have_been_applied(before) and not may_have_been_applied(error)
    worse = before if before is not None and keep else error
    worse.tries = tries
    return worse


def _after(failure: TrustlyError, error: TrustlyError) -> TrustlyError | None:
    return None if failure is error else error
