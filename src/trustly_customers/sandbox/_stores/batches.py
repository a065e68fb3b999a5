"""What waits at the same moment is done together: one transaction, one flush, whatever a store saves by it.

Knows nothing of a database. Work that gives a future lets the event loop serve on; then what arrives meanwhile is the
next batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

Outcomes = Sequence[Result | Exception]
Work = Callable[[Sequence[Job]], Outcomes[Result] | asyncio.Future[Outcomes[Result]]]
"""Does jobs, and returns what came of each, in their order, at once or in a future; what it raises came of all."""


class Batches(Generic[Job, Result]):
    """Hands jobs to a function, as many at once as wait. Used from one event loop at a time."""

    def __init__(self, work: Work[Job, Result]) -> None:
        self._work = work
        self._waiting: list[tuple[Job, asyncio.Future[Result]]] = []
        self._working: asyncio.Future[Outcomes[Result]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def result(self, job: Job) -> asyncio.Future[Result]:
        """Have a job done with the next batch; give what came of it, once it did."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # what the one before left undone has nobody left to hear of it
            self._loop, self._waiting, self._working = loop, [], None
        if not self._waiting and self._working is None:
            loop.call_soon(self._begin)
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, done))
        return done

    def _begin(self) -> None:
        # A cancelled caller hears nothing of its job, so it is dropped rather than done.
        batch = [(job, done) for job, done in self._waiting if not done.done()]
        self._waiting.clear()
        if not batch:
            return
        waiting = [done for _, done in batch]
        try:
            outcomes = self._work([job for job, _ in batch])
        except BaseException as error:  # nothing was done, and every caller waits to hear of it
            _answer(waiting, [_told(error)] * len(waiting))
            if not isinstance(error, Exception):
                raise
            return
        if isinstance(outcomes, asyncio.Future):
            self._working = outcomes
            outcomes.add_done_callback(partial(self._ended, waiting))
        else:
            _answer(waiting, outcomes)

    def _ended(self, waiting: list[asyncio.Future[Result]], working: asyncio.Future[Outcomes[Result]]) -> None:
        self._working = None
        error = asyncio.CancelledError() if working.cancelled() else working.exception()
        _answer(waiting, working.result() if error is None else [_told(error)] * len(waiting))
        self._begin()


def _told(error: BaseException) -> Exception:
    """The error as callers hear of it: what would end the loop, or cancel them, is not theirs to raise."""
    return error if isinstance(error, Exception) else RuntimeError(f"the work was broken off by {type(error).__name__}")


def _answer(waiting: list[asyncio.Future[Result]], outcomes: Outcomes[Result]) -> None:
    for done, outcome in zip(waiting, outcomes, strict=True):
        if done.done():
            continue  # its caller left while the work was done
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
