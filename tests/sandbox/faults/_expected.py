"""What a client gets for each fault. The documentation's table says the same, and the tests hold both."""

from __future__ import annotations

from dataclasses import dataclass

from trustly_customers import (
    APIConnectionError,
    APITimeoutError,
    ResponseShapeError,
    ServerError,
    TrustlyError,
)


@dataclass(frozen=True)
class Expected:
    """The error, None for none; whether an update is applied; whether a read is tried again."""

    error: type[TrustlyError] | None
    applied: bool
    again: bool

    @property
    def maybe(self) -> bool | None:
        """What `may_have_been_applied` says, of an error that has it."""
        return True if self.error is not None and issubclass(self.error, APIConnectionError) else None


EXPECTED = {
    "latency": Expected(APITimeoutError, applied=True, again=True),
    "status": Expected(ServerError, applied=False, again=True),
    "no-answer": Expected(APITimeoutError, applied=False, again=True),
    "reset-before": Expected(APIConnectionError, applied=False, again=True),
    "reset-during": Expected(APIConnectionError, applied=True, again=True),
    "reset-after": Expected(None, applied=True, again=False),
    "truncated-body": Expected(APIConnectionError, applied=True, again=True),
    "malformed-body": Expected(ResponseShapeError, applied=True, again=False),
    "wrong-shape": Expected(ResponseShapeError, applied=True, again=False),
    "wrong-content-type": Expected(ResponseShapeError, applied=True, again=False),
    "answer-lost": Expected(APIConnectionError, applied=True, again=True),
    "other-writer": Expected(None, applied=True, again=False),
}
