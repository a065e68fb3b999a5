"""One request to the operator's side, and where it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from trustly_customers.sandbox import _json
from trustly_customers.sandbox._api.exchange import Exchange
from trustly_customers.sandbox._http import BodyTooLargeError, Response, is_json, read_body

from .answers import RefusedError

MAX_BODY = 1024 * 1024
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose credentials are right. Everything that it asks for concerns its namespace alone."""

    namespace: str
    identifier: str
    """What the path names; empty where it names nothing."""
    parameters: Mapping[str, str]
    exchange: Exchange

    async def document(self) -> dict[str, Any]:
        """The JSON object that was sent; RefusedError for anything else."""
        if not is_json(self.exchange.header(b"content-type")):
            raise RefusedError(415, "The body must be sent as application/json.")
        try:
            body = await read_body(self.exchange.header(b"content-length"), self.exchange.receive, MAX_BODY)
            value = _json.read(body)
        except BodyTooLargeError:
            raise RefusedError(413, f"The body is larger than {MAX_BODY} bytes.") from None
        except _json.NotStrictJSONError:
            raise RefusedError(400, "The body is not one strict JSON text in UTF-8.") from None
        if not isinstance(value, dict):
            raise RefusedError(400, "The body is not a JSON object.")
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int = 10**_MAX_DIGITS - 1) -> int:
        """A whole number of the query; RefusedError for anything else, and for one out of bounds."""
        text = self.parameters.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and least <= int(text) <= most:
            return int(text)
        raise RefusedError(400, f"The parameter {name} must be a whole number from {least} to {most}.")

    def flag(self, name: str) -> bool:
        """Whether a parameter of the query is `true`; RefusedError for anything but true and false."""
        text = self.parameters.get(name, "false")
        if text not in ("true", "false"):
            raise RefusedError(400, f"The parameter {name} must be true or false.")
        return text == "true"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method on a path of the operator's side."""

    method: str
    path: str
    handler: Callable[[Call], Awaitable[Response]]
    parameters: tuple[str, ...] = ()
    """The names that its query may have."""
    is_open: bool = False
    """Whether it needs no credentials."""

    def query(self, text: bytes) -> Mapping[str, str]:
        """The parameters of a query; RefusedError for names that are not known here, and for one that comes twice."""
        try:
            pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
        except ValueError:
            raise RefusedError(400, "The query cannot be read.") from None
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise RefusedError(400, "The query names a parameter twice.")
        if not set(names) <= set(self.parameters):
            known = ", ".join(self.parameters) or "none"
            raise RefusedError(400, f"The query has a parameter that is not known here; there are: {known}.")
        return dict(pairs)
