"""Tells of each call: one line in the log, and the hooks around it. Nothing told is personal or secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from ._calls import Call, RequestInfo
from ._config import Settings

LOGGER: Final = logging.getLogger("trustly_customers")


@contextmanager
def observed(request: RequestInfo, settings: Settings) -> Iterator[Call]:
    """Be around a call: hooks inside, and at DEBUG one line when it is over."""
    call = Call(request)
    began = time.perf_counter()
    failure = "-"
    try:
        with ExitStack() as hooks:
            for hook in settings.hooks:
                hooks.enter_context(hook(call))
            yield call
    except BaseException as error:
        failure = type(error).__name__
        raise
    finally:
        if LOGGER.isEnabledFor(logging.DEBUG):
            LOGGER.debug(
                "%s status=%s error=%s tries=%d seconds=%.3f request_id=%s",
                request,
                call.status or "-",
                failure,
                call.tries,
                time.perf_counter() - began,
                call.request_id or "-",
            )
