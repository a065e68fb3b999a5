"""How a signal ends a command that works on a store: at once, and with nothing changed, until it is committed."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Let a signal raise KeyboardInterrupt, as long as the function that this gives has not been called.

    The function is for the moment before a commit, and any thread may call it. Later signals are ignored, so that
    nobody is told of an interruption where all was done. It raises KeyboardInterrupt where a signal was there before.
    """
    first: dict[str, str] = {}

    def comes_too_late(what: str) -> bool:
        # In one step: the signal and a commit in another thread cannot both be the first.
        return first.setdefault("", what) != what

    def interrupt(_number: int, _frame: object) -> None:
        if not comes_too_late("signal"):
            raise KeyboardInterrupt

    def committing() -> None:
        if comes_too_late("commit"):
            raise KeyboardInterrupt

    # Not Python's own handler for SIGINT, in whose place asyncio.run would put one that waits for the next await.
    before = {number: signal.signal(number, interrupt) for number in _heard()}
    try:
        yield committing
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard() -> list[signal.Signals]:
    known = [signal.Signals[name] for name in _ENDING if hasattr(signal, name)]  # Windows knows no SIGHUP
    # What is ignored stays so, as nohup wants it.
    return [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]
