"""From the path on the wire, still percent-encoded, to the operations that live there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from trustly_customers.sandbox._spec import Operation

_NO_IDS = frozenset({"", ".", ".."})


class Route:
    """One path of the spec and the methods it knows."""

    def __init__(self, path: str) -> None:
        self._pattern = tuple(None if part.startswith("{") else part.encode() for part in path.split("/"))
        self._operations: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        """Let the path know one more method."""
        self._operations[operation.method] = operation

    def operation(self, method: str) -> Operation | None:
        """The operation that answers a method; HEAD is answered by GET's."""
        found = self._operations.get(method)
        return self._operations.get("GET") if found is None and method == "HEAD" else found

    @property
    def allow(self) -> str:
        """The value of an `Allow` header that tells the truth."""
        known = {*self._operations, "OPTIONS"}
        if "GET" in known:
            known.add("HEAD")
        return ", ".join(sorted(known))

    @property
    def openness(self) -> tuple[bool, ...]:
        """Sorts paths with fixed words before those with parameters in their place, as OpenAPI demands."""
        return tuple(part is None for part in self._pattern)

    def match(self, segments: list[bytes]) -> list[bytes] | None:
        """The values of the path's parameters, or None when it is another path."""
        if len(segments) != len(self._pattern):
            return None
        values = []
        for part, segment in zip(self._pattern, segments, strict=True):
            if part is None:
                values.append(segment)
            elif part != segment:
                return None
        return values


class Match(NamedTuple):
    """A route, and the identifiers in the path; None for one that cannot be an identifier."""

    route: Route
    identifiers: list[str | None]


class Router:
    """All the paths of the spec."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        routes: dict[str, Route] = {}
        for operation in operations:
            routes.setdefault(operation.path, Route(operation.path)).add(operation)
        self._routes = sorted(routes.values(), key=lambda route: route.openness)

    def match(self, raw_path: bytes) -> Match | None:
        """The route of a path, or None. Split first, decoded once afterwards: `%2F` separates nothing."""
        segments = [unquote_to_bytes(segment) for segment in raw_path.split(b"/")]
        for route in self._routes:
            values = route.match(segments)
            if values is not None:
                return Match(route, [_identifier(value) for value in values])
        return None


def _identifier(value: bytes) -> str | None:
    try:
        identifier = value.decode()
    except UnicodeDecodeError:
        return None
    return None if identifier in _NO_IDS else identifier
