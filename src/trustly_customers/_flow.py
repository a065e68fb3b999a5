"""A call from beginning to end, as steps that somebody else takes: try, pause, try again.

Written once, as generators. The sync and the async driver each take the steps in their own way; see `_drive`.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from trustly_api.operation import Operation

from ._calls import Call
from ._config import Settings
from ._errors import APIStatusError, APITimeoutError, RawResponse, TrustlyError
from ._exchange import Request, info, interpret, prepare
from ._observe import Observed, extra_headers, unbroken
from ._retry import may_have_been_applied, pause_before_next

T = TypeVar("T")


@dataclass(frozen=True)
class Try:
    """Send the request, and give back the answer or the error within so many seconds."""

    request: Request
    timeout: float
    max_response_bytes: int


@dataclass(frozen=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


Outcome = RawResponse | TrustlyError
Steps = Generator[Try | Pause, Outcome | None, T]


def deadline(settings: Settings) -> float:
    """Return when a call that begins now must be over, as a `time.monotonic()`."""
    return time.monotonic() + settings.deadline


def call(operation: Operation[T], arguments: Mapping[str, Any], settings: Settings, *, ends: float) -> Steps[T]:
    """Carry out an operation, with retries.

    Raises:
        TrustlyError: see `prepare` and `interpret`; also what the last try came to. Where that surely was not applied
            but an earlier one may have been, that one's error, for it is what the caller must know.
    """
    doubt: TrustlyError | None = None
    with Observed(info(operation), settings) as seen:
        request = prepare(operation, arguments, settings, extra_headers(seen))
        while True:
            outcome = yield from _attempt(request, settings, seen, ends)
            pause = pause_before_next(settings, outcome, reads=request.method == "GET", tries=seen.tries)
            # A pause that outlasts the deadline would only delay the bad news.
            if pause is None or time.monotonic() + pause >= ends:
                return _finish(operation, request, outcome, seen, doubt)
            doubt = _doubt(request, outcome) or doubt
            yield Pause(pause)


def _attempt(request: Request, settings: Settings, seen: Call, ends: float) -> Steps[Outcome]:
    """Send a request once, within what is left of the time."""
    timeout = min(settings.timeout, ends - time.monotonic())
    if timeout <= 0:
        text = f"{request.info} was not sent: the deadline of {settings.deadline:g} seconds has passed."
        return APITimeoutError(text, request=request.info, may_have_been_applied=False)
    seen.tries += 1
    outcome = yield Try(request, timeout, settings.max_response_bytes)
    assert outcome is not None  # noqa: S101 - for the type checker: a driver answers each try
    seen.status = seen.request_id = None
    if isinstance(outcome, RawResponse):
        seen.status, seen.request_id = outcome.status, outcome.request_id
        if settings.on_response is not None:
            with unbroken("on_response"):
                settings.on_response(outcome)
    return outcome


def _doubt(request: Request, outcome: Outcome) -> TrustlyError | None:
    """Return the error of a try that may have been applied all the same."""
    if request.method == "GET":
        return None
    error = APIStatusError.of(request.info, outcome, ()) if isinstance(outcome, RawResponse) else outcome
    return error if may_have_been_applied(error) else None


def _finish(operation: Operation[T], request: Request, outcome: Outcome, seen: Call, doubt: TrustlyError | None) -> T:
    """Make of the last try what the caller gets."""
    try:
        if isinstance(outcome, TrustlyError):
            raise outcome
        return interpret(operation, request, outcome)
    except TrustlyError as error:
        if doubt is None or may_have_been_applied(error):
            error.tries = seen.tries
            raise
        doubt.tries = seen.tries
        raise doubt from error
