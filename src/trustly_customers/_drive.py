"""Takes the steps of a call, waiting in the way of sync or of async code: all that the two ways do not share."""

from __future__ import annotations

import time
from typing import TypeVar

from ._flow import Outcome, Pause, Steps
from ._http import AsyncHTTP, SyncHTTP

T = TypeVar("T")


def drive(steps: Steps[T], http: SyncHTTP) -> T:
    """Take all steps, blocking, and return what they come to."""
    outcome: Outcome | None = None
    while True:
        try:
            step = steps.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = http.exchange(step)
        except BaseException as error:
            # Interrupted while waiting: who watches the call shall hear of it now, not when it is collected.
            steps.throw(error)
            raise


async def drive_async(steps: Steps[T], http: AsyncHTTP) -> T:
    """Take all steps, awaiting, and return what they come to."""
    outcome: Outcome | None = None
    while True:
        try:
            step = steps.send(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            if isinstance(step, Pause):
                from anyio import sleep  # noqa: PLC0415 - slow to import, and of no use to a sync client

                await sleep(step.seconds)
                outcome = None
            else:
                outcome = await http.exchange(step)
        except BaseException as error:
            steps.throw(error)
            raise
