"""The errors, and the one place that composes their text.

    TrustlyError
    ├── InvalidRequestError      refused before anything was sent
    ├── APIConnectionError       no answer arrived
    │   └── APITimeoutError      not within the time allowed
    ├── APIStatusError           an answer that is not a success
    │   ├── BadRequestError      400
    │   ├── AuthenticationError  401
    │   ├── NotFoundError        404
    │   ├── RateLimitError       429
    │   └── ServerError          5xx
    ├── ResponseShapeError       a success that does not hold what the specification promises
    ├── ConflictError            somebody else changed the same field
    └── LockError                a lock could not be had, or was lost

What a server says is untrusted and may repeat personal data. It stays on attributes; texts are composed here from
statuses, known codes and the specification's words. Nothing in this module knows of HTTP libraries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from trustly_api.contract import ERROR_CODES
from trustly_api.models import ErrorDetail

from ._calls import RequestInfo
from ._hidden import Hidden

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:/+=-]{1,128}")
# A server could put anything into these two; only what looks like the provider's own is shown.
_SHOWN_DOMAIN = re.compile(r"com\.trustly(\.[A-Za-z_]\w{0,80}){1,8}", re.ASCII)
_LARGEST_SHOWN_CODE = 9999
_MOST_SHOWN_ERRORS = 3


@dataclass(frozen=True)
class RawResponse:
    """An answer as it arrived. Its repr shows the status alone; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def request_id(self) -> str | None:
        """The identifier by which the provider's support finds the request, if the server sent one that looks so."""
        found = next((self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers), None)
        return found if found and _REQUEST_ID.fullmatch(found) else None

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep, when pickled, the status and the request id alone: pickles end up in queues and caches."""
        kept = {_REQUEST_ID_HEADERS[0]: self.request_id} if self.request_id else {}
        return RawResponse, (self.status, kept, b"")


class TrustlyError(Exception):
    """Any failure of this client. Its text holds no credentials and no personal data, nor does its pickle.

    `tries` says how often the request was sent, or tried to be, before this was raised.
    """

    tries: int = 0

    def __str__(self) -> str:
        return f"{self.args[0]} ({self.tries} tries)" if self.tries > 1 else str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args[0], self._shareable())

    def _shareable(self) -> dict[str, Any]:
        """The attributes that a pickle or a copy keeps."""
        return vars(self)


class InvalidRequestError(TrustlyError):
    """An argument that is not acceptable, or a client that is closed; nothing was sent.

    The text names the argument and what is allowed.
    """


class APIConnectionError(TrustlyError):
    """No answer arrived: no connection, or one that broke.

    `may_have_been_applied` is False only when the request surely never reached the server.
    """

    def __init__(self, text: str, *, request: RequestInfo, may_have_been_applied: bool) -> None:
        super().__init__(text)
        self.request = request
        self.may_have_been_applied = may_have_been_applied


class APITimeoutError(APIConnectionError):
    """No complete answer arrived within the time allowed."""


class APIStatusError(TrustlyError):
    """An answer that is not a success.

    `status`, `errors` (the provider's, parsed as far as they could be), `codes`, `domain` and `message` (the
    provider's words, which may repeat personal data), `request`, `request_id` and `response`.
    """

    def __init__(self, *, request: RequestInfo, response: RawResponse, errors: tuple[ErrorDetail, ...] = ()) -> None:
        self.request = request
        self.response = response
        self.errors = errors
        super().__init__(_status_text(request, response, self.errors))

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def request_id(self) -> str | None:
        """The identifier by which the provider's support finds the request, if the server sent one."""
        return self.response.request_id

    @property
    def codes(self) -> tuple[int, ...]:
        """The provider's codes, one an error."""
        return tuple(error.code for error in self.errors)

    @property
    def domain(self) -> str | None:
        """The part of the provider's system that reports the first error."""
        return self.errors[0].domain if self.errors else None

    @property
    def message(self) -> str | None:
        """The provider's words for the first error. They may repeat what was sent, personal data included."""
        return self.errors[0].message if self.errors else None

    def _shareable(self) -> dict[str, Any]:
        bare = tuple(ErrorDetail(domain=_shown_domain(error), code=error.code, message="") for error in self.errors)
        return {**vars(self), "errors": bare}

    @staticmethod
    def of(request: RequestInfo, response: RawResponse, errors: tuple[ErrorDetail, ...]) -> APIStatusError:
        """Return the error that fits the status."""
        status = response.status
        kind = _BY_STATUS.get(status, ServerError if status // 100 == 5 else APIStatusError)  # noqa: PLR2004 - 5xx
        return kind(request=request, response=response, errors=errors)


class BadRequestError(APIStatusError):
    """Status 400: a parameter is missing or not acceptable. Nothing was changed."""


class AuthenticationError(APIStatusError):
    """Status 401: the accessId or the accessKey is wrong."""


class NotFoundError(APIStatusError):
    """Status 404: there is no such customer."""


class RateLimitError(APIStatusError):
    """Status 429: too many requests; this one was not applied."""


class ServerError(APIStatusError):
    """Status 5xx: the provider failed, is overloaded or in maintenance."""


class ResponseShapeError(TrustlyError):
    """A success that does not hold what the specification promises.

    After an update the change has been applied. `response` is the answer as it arrived, as far as it was read.
    """

    def __init__(self, problem: str, *, request: RequestInfo, response: RawResponse) -> None:
        self.request = request
        self.response = response
        super().__init__(
            f"{request} was answered with {response.status}, yet {problem}."
            f"{'' if request.method == 'GET' else ' The update was probably applied; read the customer to see.'}"
        )


class ConflictError(TrustlyError):
    """Somebody else changed the same fields meanwhile, so nothing was sent any more.

    `fields` names what is in conflict, as the keywords of `modify` do. `base`, `mine` and `theirs` map each field to
    its value when it was read, as wanted here, and as it stands now; None where there is none. The text names the
    fields alone, and of them only those that the specification knows.

    `may_have_been_applied` says whether an earlier try, whose answer was lost, can have been applied before the other
    change; that try's error is the `__cause__`.
    """

    def __init__(
        self,
        *,
        request: RequestInfo,
        sides: Hidden[tuple[dict[str, Any], ...]],
        declared: Collection[str],
        may_have_been_applied: bool = False,
    ) -> None:
        self.request = request
        self.base, self.mine, self.theirs = sides.value
        self.fields = tuple(sorted(self.mine))
        self.may_have_been_applied = may_have_been_applied
        shown = [name for name in self.fields if name in declared]
        if len(shown) < len(self.fields):
            shown.append("a property that the specification does not name")
        state = "an update sent before may have been applied" if may_have_been_applied else "nothing was sent"
        super().__init__(f"somebody else has changed {', '.join(shown)} meanwhile; {state}")

    def _shareable(self) -> dict[str, Any]:
        return {**vars(self), "base": {}, "mine": {}, "theirs": {}}


class LockError(TrustlyError):
    """A lock could not be had, in which case nothing was done; or it was lost while it was held, as the text says."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    404: NotFoundError,
    429: RateLimitError,
}

_ADVICE: dict[int, str] = {
    400: "Nothing was changed. See `message` for the provider's words, which may repeat what was sent.",
    401: "Check the access id and the access key, and that they belong to this environment.",
    404: "There is no customer with this id in this environment, or base_url is not that of the API.",
    413: "Nothing was changed. Send less, customData above all.",
    429: "Nothing was changed. Wait before trying again.",
}


def _status_text(request: RequestInfo, response: RawResponse, errors: tuple[ErrorDetail, ...]) -> str:
    status = response.status
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "no standard status"
    shown = "; ".join(filter(None, map(_shown, errors[:_MOST_SHOWN_ERRORS])))
    if len(errors) > _MOST_SHOWN_ERRORS:
        shown += f"; and {len(errors) - _MOST_SHOWN_ERRORS} more"
    advice = _ADVICE.get(status)
    if advice is None and status // 100 == 3:  # noqa: PLR2004 - the class of redirections
        advice = "Redirects are not followed, since they would carry the credentials elsewhere. Check the base URL."
    if advice is None and status // 100 == 5 and request.method != "GET":  # noqa: PLR2004 - the class of failures
        advice = "Whether the update was applied is not known; read the customer to see."
    return " ".join(
        part for part in (f"{request} was answered with {status} {phrase}.", shown and f"{shown}.", advice) if part
    )


def _shown(error: ErrorDetail) -> str:
    parts = []
    if error.code in ERROR_CODES:
        parts.append(f"code {error.code}, {ERROR_CODES[error.code]}")
    elif 0 <= error.code <= _LARGEST_SHOWN_CODE:
        parts.append(f"code {error.code}")
    if domain := _shown_domain(error):
        parts.append(f"from {domain}")
    return ", ".join(parts)


def _shown_domain(error: ErrorDetail) -> str:
    return error.domain if _SHOWN_DOMAIN.fullmatch(error.domain) else ""


def _restored(kind: type[TrustlyError], text: str, attributes: dict[str, Any]) -> TrustlyError:
    """Make an error again, as pickled: the constructors want more than a pickle keeps."""
    error = kind.__new__(kind, text)
    vars(error).update(attributes)
    return error
