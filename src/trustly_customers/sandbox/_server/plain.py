"""Connections read by h11, the parser in Python, which bounds heads, chunks and pipelines itself."""

from __future__ import annotations

from uvicorn.protocols.http.h11_impl import H11Protocol

from trustly_customers.sandbox._http import Event

from .guarded import Guarded


class PlainConnection(Guarded, H11Protocol):  # type: ignore[misc] # Guarded is typed for the other parser
    """A connection that reads nothing more once it has refused something."""

    def has_begun_a_head(self) -> bool:
        """See Guarded."""
        return bool(self.conn.trailing_data[0])

    def end_after_answers(self) -> None:
        """See Guarded."""
        # h11 finds the same fault again when the answer is complete, and the connection is refused then.
        self.refused = False
        self.flow.pause_reading()


def write_nothing(_cycle: object, _start: Event, _body: bytes) -> bool:
    """Leave answers to h11, which counts them."""
    return False
