"""Between an operation and the wire, without awaiting anything: what to send, and what an answer means.

The sync and the async client share all of this; they differ in who waits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from trustly_api.contract import SPEC_VERSION
from trustly_api.models import ErrorDetail
from trustly_api.operation import Operation
from trustly_api.types import UNSET

from . import _spec
from ._calls import HEADER_VALUE, RequestInfo
from ._config import Settings
from ._errors import APIStatusError, InvalidRequestError, RawResponse, ResponseShapeError
from ._hidden import Problem
from ._version import __version__

T = TypeVar("T")

USER_AGENT: Final = f"trustly-customers/{__version__} (spec {SPEC_VERSION})"


def _refuse_constant(_name: str) -> float:
    raise ValueError  # they are not JSON


# Made once: json.dumps and json.loads make one for each call with arguments like these.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)

_NOT_UNICODE: Final = "{} must be valid Unicode, without lone surrogates"


@dataclass(frozen=True)
class Request:
    """A request, ready for the wire. Only `info` may be shown."""

    info: RequestInfo
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of this request alone, apart from those that many requests have and that are encoded once."""


@dataclass(frozen=True, repr=False)
class _Written:
    """The parts of a request that the operation's arguments make."""

    path: str
    headers: Mapping[str, str]
    content: bytes | None


def info(operation: Operation[Any]) -> RequestInfo:
    """Return what may be said of an operation's requests."""
    return RequestInfo(operation.operation_id, operation.method, operation.path)


def prepare(
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    settings: Settings,
    extra_headers: Mapping[str, str] | None = None,
) -> Request:
    """Make the request of an operation.

    Raises:
        InvalidRequestError: an identifier is none, a parameter or the body is not what the specification wants, or
            cannot be written.
    """
    written = _write(operation, arguments, validate=settings.validate)
    if isinstance(written, Problem):
        raise InvalidRequestError(f"{written}; nothing was sent")
    return Request(
        info=info(operation),
        method=operation.method,
        url=settings.base_url + written.path,
        headers={
            "Accept": "application/json",
            "Authorization": settings.authorization.value,
            "User-Agent": USER_AGENT,
            **written.headers,
        },
        content=written.content,
        extra_headers=extra_headers or {},
    )


def interpret(operation: Operation[T], request: Request, response: RawResponse) -> T:
    """Make the result of an answer.

    Raises:
        APIStatusError: the answer is not a success.
        ResponseShapeError: the answer is a success, but not one that the specification describes.
    """
    if response.status // 100 != 2:  # noqa: PLR2004 - the class of success
        raise APIStatusError.of(request.info, response, _read_errors(response))
    parsed = _read(operation, response)
    if isinstance(parsed, Problem):
        raise ResponseShapeError(parsed, request=request.info, response=response)
    return parsed


def _write(operation: Operation[Any], arguments: Mapping[str, Any], *, validate: bool) -> _Written | Problem:
    identifier_problems = (identifier_problem(name, arguments[name]) for name in operation.path_parameters)
    problem = next(filter(None, identifier_problems), None) or _parameter_problem(
        operation, arguments, validate=validate
    )
    if problem is not None:
        return problem
    # A subclass of str, such as an enumeration of strings, may print as something else.
    identifiers = {name: str.__str__(arguments[name]) for name in operation.path_parameters}
    try:
        wanted = operation.request(**{**arguments, **identifiers})
        query = _query(wanted.get("params", {}))
        headers = {name: _as_text(value) for name, value in wanted.get("headers", {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return Problem(
            "the body or another argument holds a value that is not of the type that the specification gives it"
        )
    content = _content(operation, wanted["json"], validate=validate) if "json" in wanted else None
    if isinstance(content, Problem):
        return content
    path = wanted["url"] + (f"?{query}" if query else "")
    return _Written(path=path, headers=headers, content=content)


def _parameter_problem(operation: Operation[Any], arguments: Mapping[str, Any], *, validate: bool) -> Problem | None:
    """Say what is wrong with an argument that goes into the query or a header, if something is."""
    for name, (place, in_spec) in operation.parameters.items():
        value = _in_json(arguments.get(name, UNSET))
        if value is UNSET:
            continue
        problem = _text_problem(name, place, value)
        if problem is None and validate:
            problem = _spec.parameter_check(operation.operation_id, place, in_spec, name)(value)
        if problem is not None:
            return Problem(problem)
    return None


def _text_problem(name: str, place: str, value: object) -> str | None:
    """Say why the query or a header cannot carry a value, if it cannot."""
    for each in value if isinstance(value, list) and place == "query" else [value]:
        if not isinstance(each, str | int | float) and not (place == "query" and each is None):
            return f"{name} holds a value of a type that a {place} has no form for"
        if isinstance(each, str) and place == "header" and each and not HEADER_VALUE.fullmatch(each):
            return f"{name} must be printable ASCII without spaces around it, since it goes into a header"
        if isinstance(each, str) and not _is_unicode(each):
            return _NOT_UNICODE.format(name)
        try:
            _as_text(each)
        except ValueError:
            return f"{name} holds a number of more digits than Python writes"
    return None


def _in_json(value: object) -> Any:
    """Return a parameter as JSON has it."""
    return [_scalar(each) for each in value] if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str.__str__(value)  # a subclass may print as something else
    return value.isoformat() if isinstance(value, date) else value


def _query(parameters: Mapping[str, Any]) -> str:
    """Return the parameters as a query, lists as one of each; those that are None are left out."""
    given = {
        name: [_as_text(each) for each in value] if isinstance(value, list) else _as_text(value)
        for name, value in parameters.items()
        if value is not None
    }
    return urlencode(given, doseq=True)


def _as_text(value: object) -> str:
    # As JSON spells it, and the specification means it.
    return str(value).lower() if isinstance(value, bool) else str(_scalar(value))


def identifier_problem(name: str, value: object) -> Problem | None:
    """Say why a value is no identifier, if it is none.

    Dots alone would name another path, since URL libraries resolve them, encoded or not.
    """
    if not isinstance(value, str) or not value.strip("."):
        return Problem(f"{name} must be a string that is neither empty nor made of dots alone")
    return None if _is_unicode(value) else Problem(_NOT_UNICODE.format(name))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _content(operation: Operation[Any], body: object, *, validate: bool) -> bytes | Problem:
    try:
        content = _ENCODER.encode(body).encode()
    except UnicodeEncodeError:
        return Problem("the body holds a lone surrogate, which no UTF-8 can carry")
    except RecursionError:
        return Problem("the body is nested too deeply")
    except ValueError:
        return Problem("the body holds a number that JSON has no form for, or holds itself")
    except TypeError:
        return Problem("the body holds a value of a type that JSON has no form for")
    problem = _spec.request_check(operation.operation_id)(body) if validate else None
    return content if problem is None else Problem(problem)


def _read(operation: Operation[T], response: RawResponse) -> T | Problem:
    status = response.status
    if status not in operation.success:
        return Problem(f"the specification knows only {', '.join(map(str, sorted(operation.success)))} as success")
    data = _decoded(response.content)
    if isinstance(data, Problem):
        return data
    data = _spec.settle(data, _spec.response_schema(operation.operation_id, status))
    broken = _spec.response_check(operation.operation_id, status)(data)
    if broken is not None:
        return Problem(broken)
    try:
        return operation.parse(data)
    except (AttributeError, KeyError, TypeError, ValueError):
        place = _spec.unreadable(data, _spec.response_schema(operation.operation_id, status)) or "the body"
        return Problem(f"{place} could not be read as what the specification describes")


def _read_errors(response: RawResponse) -> tuple[ErrorDetail, ...]:
    """The provider's errors; what is not in the envelope's form is left out, since the status says enough."""
    data = _decoded(response.content)
    entries = {} if isinstance(data, Problem) else data.get("errors")
    fitting = [_spec.fitting(entry, ErrorDetail.__name__) for entry in (entries if isinstance(entries, list) else ())]
    return tuple(ErrorDetail.from_dict(entry) for entry in fitting if entry is not None)


def _decoded(content: bytes) -> dict[str, Any] | Problem:
    try:
        data = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError:
        return Problem("the body is not UTF-8")
    except (ValueError, RecursionError):
        return Problem("the body is not JSON" if content else "the body is empty")
    return data if isinstance(data, dict) else Problem("the body is not a JSON object")
