"""What the API answers: the words of an error are those of the spec's examples, never those of a request."""

from __future__ import annotations

import functools
import http
from collections.abc import Iterable
from typing import Any

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._http import Headers, Response
from trustly_customers.sandbox._spec import Spec

from .validation import Violation

# Errors too: a cached 404 would outlive the customer's arrival.
_HEADERS: Headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_ERRORS = "errors"


class Answers:
    """Builds answers from the spec's own responses."""

    def __init__(self, spec: Spec) -> None:
        self._errors: dict[int, dict[str, Any]] = {}
        self._others: dict[int, _json.Value] = {}
        """The examples of statuses whose answers have a form of their own."""
        descriptions: dict[int, str] = {}
        for status, response in spec.responses():
            descriptions.setdefault(status, _first_sentence(response["description"]))
            example = spec.example(response.get("content", {}))
            if status < http.HTTPStatus.BAD_REQUEST or example is None:
                continue
            if _is_envelope(example):
                self._errors.setdefault(status, example[_ERRORS][0])
            else:
                self._others.setdefault(status, example)
        # The provider documents no error of its own for these statuses: its nearest one, in the spec's words.
        for status, description in descriptions.items():
            if status >= http.HTTPStatus.BAD_REQUEST and status not in self._errors:
                self._errors[status] = {**self._errors[_nearest(status)], "message": description}
        self._meanings = spec.error_codes

    def ok(self, wrapper: str | None, resource: bytes) -> Response:
        """The resource, a JSON text already, in the wrapper that the spec puts around it."""
        return Response(200, b"%b%b}" % (_opening(wrapper), resource) if wrapper else resource, _HEADERS)

    def options(self, allow: tuple[str, str]) -> Response:
        """The answer to OPTIONS: no body, and what is allowed."""
        return Response(204, headers=_encoded([allow]))

    def error(
        self,
        status: int,
        *headers: tuple[str, str],
        message: str | None = None,
        code: int | None = None,
        domain: str | None = None,
    ) -> Response:
        """The error of a status, or of a code, in the spec's words or in those given here.

        Where the spec gives the status a form of its own, it is the spec's example, unless something is given here.
        """
        given = {"domain": domain, "code": code, "message": message}
        said = {name: value for name, value in given.items() if value is not None}
        if status in self._others and not said:
            return Response(status, _json.write(self._others[status]), _HEADERS + _encoded(headers))
        error = self._errors.get(status) or {**self._errors[_nearest(status)], **_named(status)}
        if code in self._meanings:
            error = {**error, "message": _sentence(self._meanings[code])}
        return self._envelope(status, [{**error, **said}], headers)

    def invalid(self, violations: Iterable[Violation]) -> Response:
        """Status 400 with one error for each broken rule."""
        error = self._errors[400]
        return self._envelope(
            400,
            [
                {**error, "message": f"{error['message']} {pointer or 'The body'}: {keyword}", "location": pointer}
                for pointer, keyword in violations
            ],
        )

    def _envelope(self, status: int, errors: list[dict[str, Any]], headers: Iterable[tuple[str, str]] = ()) -> Response:
        return Response(status, _json.write({_ERRORS: errors}), _HEADERS + _encoded(headers))


def _is_envelope(example: _json.Value) -> bool:
    errors = example.get(_ERRORS) if isinstance(example, dict) else None
    return isinstance(errors, list) and bool(errors) and isinstance(errors[0], dict)


@functools.cache
def _opening(wrapper: str) -> bytes:
    """What comes before the resource in a wrapper of the spec's."""
    return b"{%b:" % _json.write(wrapper)


def _encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return tuple((name.lower().encode(), value.encode()) for name, value in headers)


def _nearest(status: int) -> int:
    return 500 if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR else 400


def _named(status: int) -> dict[str, str]:
    """The message of a status that the spec does not know: the name that HTTP has for it, if it has one."""
    try:
        return {"message": _sentence(http.HTTPStatus(status).phrase)}
    except ValueError:
        return {}


def _sentence(phrase: str) -> str:
    return f"{phrase[0].upper()}{phrase[1:]}."


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."
