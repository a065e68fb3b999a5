"""The public names, all of them, in one place; `__init__` gives them out."""

from trustly_api.contract import SPEC_SHA256, SPEC_VERSION
from trustly_api.models import *  # noqa: F403 - every generated model, whatever the specification adds
from trustly_api.models import __all__ as _models
from trustly_api.types import UNSET, Unset

from ._calls import Call, RequestInfo
from ._client import AsyncTrustly, Trustly
from ._config import ClientOptions, Hook, RequestOptions
from ._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    LockError,
    NotFoundError,
    RateLimitError,
    RawResponse,
    ResponseShapeError,
    ServerError,
    TrustlyError,
)
from ._version import Provenance, __version__, provenance

__all__ = [
    "SPEC_SHA256",
    "SPEC_VERSION",
    "UNSET",
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncTrustly",
    "AuthenticationError",
    "BadRequestError",
    "Call",
    "ClientOptions",
    "ConflictError",
    "Hook",
    "InvalidRequestError",
    "LockError",
    "NotFoundError",
    "Provenance",
    "RateLimitError",
    "RawResponse",
    "RequestInfo",
    "RequestOptions",
    "ResponseShapeError",
    "ServerError",
    "Trustly",
    "TrustlyError",
    "Unset",
    "__version__",
    "provenance",
]
__all__ += _models  # noqa: PLE0605 - a tuple, generated
