"""The one place that decides whether a failed try is followed by another, when, and why.

| After                                     | a read        | an update                                            |
| ----------------------------------------- | ------------- | ---------------------------------------------------- |
| the connection was never made             | again         | again: the server cannot have seen it                |
| 429                                       | again         | again: it says that the request was not processed    |
| 503 with Retry-After                      | again         | again: it says that the request was not processed    |
| no answer, 408, 500, 502, 503, 504        | again         | only if `retry_updates`: it may have been applied    |
| anything else                             | never         | never: the same request gets the same answer         |

The pause is drawn evenly from nothing to twice the pause before it (full jitter), which keeps many clients from coming
back at the same moment. Retry-After, in seconds or as a date, is obeyed: a longer one than allowed ends the call.

No retry library: what is decided here depends on the method and on the answer, and both the pause and the next try's
time are cut by the deadline. Of what such a library offers, the loop would be left.
"""

from __future__ import annotations

import random
import re
import time
from email.utils import parsedate_to_datetime
from typing import Final

from ._config import Settings
from ._errors import APIConnectionError, APIStatusError, RawResponse, ResponseShapeError, TrustlyError

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0

_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_REQUEST_TIMEOUT: Final = 408
_TRANSIENT: Final = frozenset({_REQUEST_TIMEOUT, _TOO_MANY, 500, 502, _UNAVAILABLE, 504})
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def pause_before_next(
    settings: Settings, outcome: RawResponse | TrustlyError, *, reads: bool, tries: int
) -> float | None:
    """Return the seconds to wait before the next try, or None when there shall be none."""
    if isinstance(outcome, APIStatusError):
        outcome = outcome.response
    if tries > settings.max_retries or not _is_worth_another(settings, outcome, reads=reads):
        return None
    asked = retry_after(outcome) if isinstance(outcome, RawResponse) else None
    if asked is None:
        return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)))  # noqa: S311 - no secret
    return asked if asked <= settings.max_retry_after else None


def _is_worth_another(settings: Settings, outcome: RawResponse | TrustlyError, *, reads: bool) -> bool:
    repeatable = reads or settings.retry_updates
    if isinstance(outcome, APIConnectionError):
        return repeatable or not outcome.may_have_been_applied
    if isinstance(outcome, RawResponse):
        return _is_refusal(outcome) or (repeatable and outcome.status in _TRANSIENT)
    return False


def may_have_been_applied(failure: TrustlyError) -> bool:
    """Say whether an update that failed in this way can have been applied all the same."""
    if isinstance(failure, APIConnectionError):
        return failure.may_have_been_applied
    if isinstance(failure, APIStatusError):
        server_failed = failure.status == _REQUEST_TIMEOUT or failure.status // 100 == 5  # noqa: PLR2004 - 5xx
        return server_failed and not _is_refusal(failure.response)
    return isinstance(failure, ResponseShapeError)


def _is_refusal(response: RawResponse) -> bool:
    """Say whether an answer tells that the request was not processed."""
    return response.status == _TOO_MANY or (response.status == _UNAVAILABLE and retry_after(response) is not None)


def retry_after(response: RawResponse) -> float | None:
    """Return the seconds that the server asks to wait, or None where it does not say so in a form that it may use."""
    value = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
