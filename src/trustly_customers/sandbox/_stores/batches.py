"""What waits at the same moment is done together: one transaction, one flush, whatever a store saves by it.

Knows nothing of a database. A thread, where there is one, lets the event loop serve on while the work is done; then
what arrives meanwhile is the next batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

Work = Callable[[Sequence[Job]], Sequence[Result | Exception]]
"""Does jobs, and returns what came of each, in their order; an exception that it raises came of all."""


class Batches(Generic[Job, Result]):
    """Hands jobs to a function, as many at once as wait. Used from one event loop at a time."""

    def __init__(self, work: Work[Job, Result], thread: Executor | None = None) -> None:
        """Without a thread, the work is done on the event loop."""
        self._work = work
        self._thread = thread
        self._waiting: list[tuple[Job, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    async def result(self, job: Job) -> Result:
        """Have a job done with the next batch; return what came of it, or raise that."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._working is None:
            loop.call_soon(self._begin, loop)
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, done))
        return await done

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._thread is None:
            jobs, waiting = self._taken()
            _answer(waiting, self._outcomes(jobs))
        else:
            self._working = loop.create_task(self._work_on(loop, self._thread))

    async def _work_on(self, loop: asyncio.AbstractEventLoop, thread: Executor) -> None:
        waiting: list[asyncio.Future[Result]] = []
        try:
            while self._waiting:
                jobs, waiting = self._taken()
                _answer(waiting, await loop.run_in_executor(thread, self._outcomes, jobs))
        except RuntimeError as error:  # the thread has been shut down
            _answer(waiting, [error] * len(waiting))
        finally:
            self._working = None

    def _taken(self) -> tuple[list[Job], list[asyncio.Future[Result]]]:
        # A cancelled caller hears nothing of its job, so it is dropped rather than done.
        batch = [(job, done) for job, done in self._waiting if not done.done()]
        self._waiting.clear()
        return [job for job, _ in batch], [done for _, done in batch]

    def _outcomes(self, jobs: list[Job]) -> Sequence[Result | Exception]:
        try:
            return self._work(jobs) if jobs else []
        except Exception as error:  # noqa: BLE001 - nothing was done, and every caller waits to hear of it
            return [error] * len(jobs)


def _answer(waiting: list[asyncio.Future[Result]], outcomes: Sequence[Result | Exception]) -> None:
    for done, outcome in zip(waiting, outcomes, strict=True):
        if done.done():
            continue  # its caller left while the work was done
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
