"""Changing a customer without losing anybody's data: read, apply, merge, send what changed.

What is guaranteed, and what is not: see `Customers.modify`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trustly_api.models import Customer
from trustly_api.resources.customers import GET_CUSTOMER, UPDATE_CUSTOMER

from . import _merge
from ._config import Settings
from ._errors import ConflictError, InvalidRequestError, TrustlyError
from ._exchange import info
from ._flow import Pause, Steps, call, deadline
from ._hidden import Hidden, Problem
from ._merge import Edit, Properties
from ._retry import pause_before_next


@dataclass(frozen=True)
class Wish:
    """What a caller wants of a customer. `base` is the customer as the caller knows it, if it was read before."""

    customer_id: str
    names: Hidden[Mapping[str, Any]]
    edit: Edit | None
    base: Customer | None

    def check(self) -> None:
        """Refuse a wish that nothing can be made of.

        Raises:
            InvalidRequestError: a keyword is the name of no property, or there is nothing to do.
        """
        problem = _merge.name_problem(self.names.value.keys())
        if problem is not None:
            raise InvalidRequestError(f"{problem}; nothing was sent")
        if self.edit is not None and not callable(self.edit):
            raise InvalidRequestError("edit must be a function that changes a CustomerUpdate; nothing was sent")
        if self.base is not None and not isinstance(self.base, Customer):
            raise InvalidRequestError("base must be a Customer, as get returned it; nothing was sent")


def modify(wish: Wish, settings: Settings) -> Steps[Customer]:
    """Carry out a wish. Each request is a call of its own; the deadline is for all of them.

    Raises:
        ConflictError: somebody else has set a property that is to be changed to something else.
        TrustlyError: as `call`; InvalidRequestError also for what `Wish.check` refuses.
    """
    wish.check()
    ends = deadline(settings)
    now = yield from _get(wish, settings, ends)
    base = wish.base or now
    mine = _merge.changes(base, wish.names, wish.edit)
    if isinstance(mine, Problem):
        raise InvalidRequestError(f"{mine}; nothing was sent")
    if wish.edit is not None and mine.value:
        # A function may have taken its time.
        now = yield from _get(wish, settings, ends)
    # Trying again is this function's, since it looks again first.
    once = replace(settings, max_retries=0)
    tries = 0
    while True:
        mine_left = _mine_left(base, mine, now)
        if not mine_left.value:
            return now
        tries += 1
        body = _merge.update_of(now, mine_left)
        if isinstance(body, Problem):
            raise InvalidRequestError(f"{body}; nothing was sent")
        try:
            return (yield from call(UPDATE_CUSTOMER, _arguments(wish, body=body), once, ends=ends))
        except TrustlyError as error:
            pause = pause_before_next(replace(settings, retry_updates=True), error, reads=False, tries=tries)
            if pause is None or time.monotonic() + pause >= ends:
                error.tries = tries
                raise
        yield Pause(pause)
        now = yield from _get(wish, settings, ends)


def _get(wish: Wish, settings: Settings, ends: float) -> Steps[Customer]:
    return call(GET_CUSTOMER, _arguments(wish), settings, ends=ends)


def _arguments(wish: Wish, **more: object) -> dict[str, object]:
    (name,) = UPDATE_CUSTOMER.path_parameters
    return {name: wish.customer_id, **more}


def _mine_left(base: Customer, mine: Hidden[Properties], now: Customer) -> Hidden[Properties]:
    conflict = _merge.in_conflict(base, mine, now)
    if conflict is not None:
        raise ConflictError(request=info(UPDATE_CUSTOMER), sides=conflict)
    return _merge.still_to_do(mine, now)
