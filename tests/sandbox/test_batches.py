"""How batches fail: whoever waits is told, and the next batch is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from trustly_customers.sandbox._stores.batches import Batches, Outcomes

from ._process import TIMEOUT

pytestmark = pytest.mark.anyio


class _Breaking:
    """Work that breaks in a way of its own the first time, at once or later, and echoes then."""

    def __init__(self, error: BaseException, *, later: bool) -> None:
        self._error: BaseException | None = error
        self._later = later
        self.begun = asyncio.Event()
        self.break_now = asyncio.Event()

    def __call__(self, jobs: Sequence[int]) -> Outcomes[int] | asyncio.Future[Outcomes[int]]:
        error, self._error = self._error, None
        self.begun.set()
        if error is None:
            return jobs
        if not self._later:
            raise error
        return asyncio.ensure_future(self._breaks(error))

    async def _breaks(self, error: BaseException) -> Outcomes[int]:
        await self.break_now.wait()
        raise error


class _OddError(BaseException):
    pass


@pytest.mark.parametrize("error", [RuntimeError("shut down"), _OddError(), asyncio.CancelledError()], ids=repr)
async def test_work_that_breaks_later_is_told_to_its_callers_and_the_next_batch_is_done(error: BaseException) -> None:
    work = _Breaking(error, later=True)
    batches = Batches[int, int](work)
    first = asyncio.ensure_future(batches.result(1))
    await asyncio.wait_for(work.begun.wait(), TIMEOUT)
    second = asyncio.ensure_future(batches.result(2))
    asyncio.get_running_loop().call_soon(work.break_now.set)
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(first, TIMEOUT)
    assert await asyncio.wait_for(second, TIMEOUT) == 2
    assert await asyncio.wait_for(batches.result(3), TIMEOUT) == 3


async def test_work_that_breaks_at_once_is_told_to_all_its_callers_and_the_next_batch_is_done() -> None:
    batches = Batches[int, int](_Breaking(_OddError(), later=False))
    outcomes = await asyncio.wait_for(
        asyncio.gather(batches.result(1), batches.result(2), return_exceptions=True), TIMEOUT
    )
    assert [type(outcome) for outcome in outcomes] == [RuntimeError] * 2
    assert await asyncio.wait_for(batches.result(3), TIMEOUT) == 3


def test_what_a_loop_leaves_undone_holds_nothing_up_on_the_next() -> None:
    never = _Breaking(_OddError(), later=True)
    batches = Batches[int, int](never)

    async def ask_and_leave() -> None:
        asked = asyncio.ensure_future(batches.result(1))
        await asyncio.wait_for(never.begun.wait(), TIMEOUT)
        asked.cancel()

    async def ask() -> int:
        return await asyncio.wait_for(batches.result(2), TIMEOUT)

    asyncio.run(ask_and_leave())
    assert asyncio.run(ask()) == 2
