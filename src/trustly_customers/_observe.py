"""Tells of each call: one line in the log, and the hooks around it. Nothing told is personal or secret.

Who watches a call never changes what it comes to: what a hook raises is logged by its type, and what it would
suppress is raised all the same. An update that was applied must not look like one that failed.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from traceback import extract_tb
from types import TracebackType
from typing import Final

from ._calls import HEADER_VALUE, Call, RequestInfo
from ._config import Hook, Settings

LOGGER: Final = logging.getLogger("trustly_customers")

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Who asks, whom, and what for, and where a message ends: one that says otherwise than the client is another request.
_CLIENT_S_OWN: Final = re.compile(
    r"(accept|accept-encoding|authorization|connection|cookie|expect|host|keep-alive|te|trailer|transfer-encoding"
    r"|upgrade|user-agent|content-.*|proxy-.*)",
    re.IGNORECASE,
)


class Observed:
    """Is around a call: hooks inside, and at DEBUG one line when it is over."""

    def __init__(self, request: RequestInfo, settings: Settings) -> None:
        self._call = Call(request, settings.base_url)
        self._hooks = settings.hooks
        self._leaving: ExitStack | None = None
        self._began = 0.0

    def __enter__(self) -> Call:
        self._began = time.perf_counter()
        if self._hooks:
            with ExitStack() as entered:
                for hook in self._hooks:
                    _enter(hook, self._call, entered)
                self._leaving = entered.pop_all()
        return self._call

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._leaving is not None:
                self._leaving.__exit__(kind, error, traceback)
        finally:
            if LOGGER.isEnabledFor(logging.DEBUG):
                LOGGER.debug(
                    "%s status=%s error=%s tries=%d seconds=%.3f request_id=%s",
                    self._call.request,
                    self._call.status or "-",
                    "-" if kind is None else kind.__name__,
                    self._call.tries,
                    time.perf_counter() - self._began,
                    self._call.request_id or "-",
                )


def extra_headers(call: Call) -> dict[str, str]:
    """Return the headers that hooks have added, without those that are not theirs to set; these are logged."""
    found: dict[str, str] = {}
    if not call.headers:
        return found
    with unbroken("a hook's headers"):
        for name, value in call.headers.items():
            is_name = isinstance(name, str) and _HEADER_NAME.fullmatch(name)
            if not is_name or not (isinstance(value, str) and HEADER_VALUE.fullmatch(value)):
                LOGGER.warning(
                    "a hook's header %s was left out: it is not valid", name if is_name else "without a name"
                )
            elif _CLIENT_S_OWN.fullmatch(name):
                LOGGER.warning("a hook's header %s was left out: it is the client's to set", name)
            else:
                found[name] = value
    return found


@contextmanager
def unbroken(what: str) -> Iterator[None]:
    """Keep what a function of the user's raises from the call that it watches, and log where it was raised.

    Its words are not logged, since it was shown the call.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever the user's own code raises
        place = extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        LOGGER.warning("%s raised %s at %s:%s; the call goes on", what, kind, place.filename, place.lineno)


def _enter(hook: Hook, call: Call, entered: ExitStack) -> None:
    with unbroken("a hook"):
        manager = hook(call)
        manager.__enter__()
        entered.push(partial(_leave, manager))


def _leave(
    manager: AbstractContextManager[object],
    kind: type[BaseException] | None,
    error: BaseException | None,
    traceback: TracebackType | None,
) -> None:
    with unbroken("a hook"):
        manager.__exit__(kind, error, traceback)
