"""Between an operation and the wire, without awaiting anything: what to send, and what an answer means.

The sync and the async client share all of this; they differ in who waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from trustly_api.contract import SPEC_VERSION
from trustly_api.operation import Operation

from . import _spec
from ._config import Settings
from ._errors import APIStatusError, InvalidRequestError, RawResponse, RequestInfo, ResponseShapeError
from ._version import __version__

T = TypeVar("T")

USER_AGENT: Final = f"trustly-customers/{__version__} (spec {SPEC_VERSION})"


@dataclass(frozen=True)
class Request:
    """A request, ready for the wire. Only `info` may be shown."""

    info: RequestInfo
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


def prepare(operation: Operation[T], arguments: Mapping[str, Any], settings: Settings) -> Request:
    """Make the request of an operation.

    Raises:
        InvalidRequestError: an identifier is none, or the body cannot be written as JSON.
    """
    identifiers = {name: _identifier(name, arguments[name]) for name in operation.path_parameters}
    try:
        wanted = operation.request(**{**arguments, **identifiers})
    except (AttributeError, KeyError, TypeError, ValueError):
        # The original error would show the value.
        msg = (
            f"an argument of {operation.operation_id} holds a value that is not of the type the specification gives it"
        )
        raise InvalidRequestError(msg) from None
    query = {key: value for key, value in wanted.get("params", {}).items() if value is not None}
    headers = {
        "Accept": "application/json",
        "Authorization": settings.authorization,
        "User-Agent": USER_AGENT,
        **wanted.get("headers", {}),
    }
    return Request(
        info=RequestInfo(operation.operation_id, operation.method, operation.path),
        method=operation.method,
        url=settings.base_url + wanted["url"] + (f"?{urlencode(query, doseq=True)}" if query else ""),
        headers=headers,
        content=_encode(wanted["json"]) if "json" in wanted else None,
    )


def interpret(operation: Operation[T], request: Request, response: RawResponse) -> T:
    """Make the result of an answer.

    Raises:
        APIStatusError: the answer is not a success.
        ResponseShapeError: the answer is a success, but not one that the specification describes.
    """
    status = response.status
    if status // 100 != 2:  # noqa: PLR2004 - the class of success
        raise APIStatusError.of(request.info, response)
    if status not in operation.success:
        problem = f"the specification knows only {', '.join(map(str, sorted(operation.success)))} as success"
        raise ResponseShapeError(problem, request=request.info, response=response)
    data = _decode(response, request)
    data = _spec.settle(data, _spec.response_schema(operation.operation_id, status))
    problem_found = _spec.response_check(operation.operation_id, status)(data)
    if problem_found is not None:
        raise ResponseShapeError(problem_found, request=request.info, response=response)
    try:
        return operation.parse(data)
    except (ValueError, TypeError, KeyError, AttributeError):
        problem = "a value has not the format that the specification gives it"
    raise ResponseShapeError(problem, request=request.info, response=response)


def _identifier(name: str, value: object) -> str:
    """Return an identifier as a plain string, and refuse what is none.

    Dots alone would name another path, since URL libraries resolve them, encoded or not.
    """
    if not isinstance(value, str) or not value.strip("."):
        msg = f"{name} must be a string that is neither empty nor made of dots alone"
        raise InvalidRequestError(msg)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        msg = f"{name} must be valid Unicode, without lone surrogates"
        raise InvalidRequestError(msg)
    # A subclass, such as an enumeration of strings, may print as something else.
    return str.__str__(value)


def _encode(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        reason = "holds a lone surrogate, which no UTF-8 can carry"
    except RecursionError:
        reason = "is nested too deeply"
    except ValueError:
        reason = "holds a number that JSON has no form for, or holds itself"
    except TypeError:
        reason = "holds a value of a type that JSON has no form for"
    msg = f"the body {reason}"
    # The original error would show the value.
    raise InvalidRequestError(msg) from None


def _decode(response: RawResponse, request: Request) -> dict[str, Any]:
    try:
        data = json.loads(response.content.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        problem = "the body is not UTF-8"
    except (ValueError, RecursionError):
        problem = "the body is not JSON" if response.content else "the body is empty"
    else:
        if isinstance(data, dict):
            return data
        problem = "the body is not a JSON object"
    raise ResponseShapeError(problem, request=request.info, response=response)


def _refuse_constant(_name: str) -> float:
    msg = "NaN and Infinity are not JSON"
    raise ValueError(msg)
