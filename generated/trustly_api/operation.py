# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
"""What the resource classes hand to the `send` they are given: an operation, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Operation(Generic[T]):
    """One operation of the specification.

    `path` is the template of the specification, fit for logs. `path_parameters` are the names, in Python, of the
    arguments that become part of the path; `parameters` says of each other one but the body whether it goes into the
    `query` or a `header`, and under which name. `request` makes of the arguments what an HTTP library wants: `method`,
    `url` below the base URL, and where there are any `headers`, `params` and `json`. `parse` makes the result of
    the decoded body of an answer whose status is in `success`.
    """

    operation_id: str
    method: str
    path: str
    path_parameters: tuple[str, ...]
    parameters: Mapping[str, tuple[str, str]]
    request: Callable[..., dict[str, Any]]
    parse: Callable[[Mapping[str, Any]], T]
    success: frozenset[int]


class Send(Protocol):
    """Carries out an operation with the arguments of the method that was called."""

    def __call__(self, operation: Operation[T], /, **arguments: Any) -> T: ...


class AsyncSend(Protocol):
    """As `Send`, and awaited."""

    async def __call__(self, operation: Operation[T], /, **arguments: Any) -> T: ...
