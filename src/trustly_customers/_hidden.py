"""Values that no frame may show.

A debugger or an error tracker prints the locals of every frame of a traceback. Functions that handle raw values
return a `Problem` instead of raising, so that no frame that holds them is part of one; what must be handed on travels
in a `Hidden`.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Hidden(Generic[T]):
    """Holds a value and shows nothing of it."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "***"


class Problem(str):
    """Says in words, without a value, why there is no result."""

    __slots__ = ()
