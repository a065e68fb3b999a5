"""How a body is read, whatever a server under ASGI lets through."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from trustly_customers.sandbox._http import BodyTooLargeError, ClientDisconnectedError, Event, Receive, read_body

pytestmark = pytest.mark.anyio
LIMIT = 65536


def receiving(events: Iterable[Event]) -> Receive:
    left = iter(events)

    async def receive() -> Event:
        return next(left)

    return receive


WHOLE: list[Event] = [{"type": "http.request", "body": b"{}", "more_body": False}]
SPARSE: list[Event] = [{"type": "http.request", "more_body": True}, {"type": "http.request", "body": b"{}"}]
EMPTY: list[Event] = [{"type": "http.request"}]


@pytest.mark.parametrize("length", [None, b"2", b"0" * 40 + b"2", b"", b"two", b"-1", "²".encode()])
@pytest.mark.parametrize(("events", "body"), [(WHOLE, b"{}"), (SPARSE, b"{}"), (EMPTY, b"")])
async def test_a_body_within_the_limit_is_read_whatever_its_length_is_said_to_be(
    length: bytes | None, events: list[Event], body: bytes
) -> None:
    assert await read_body([] if length is None else [length], receiving(events), LIMIT) == body


@pytest.mark.parametrize("length", [b"65537", b"100000", b"0100000", b"9" * 18, b"9" * 19, b"1" + b"0" * 5000])
async def test_a_body_that_is_said_to_be_too_long_is_refused_before_any_of_it_is_read(length: bytes) -> None:
    with pytest.raises(BodyTooLargeError):
        await read_body([length], receiving([]), LIMIT)


async def test_a_body_is_as_long_as_the_limit_and_no_longer() -> None:
    parts: list[Event] = [{"type": "http.request", "body": b" " * (LIMIT // 2), "more_body": True}] * 2
    assert len(await read_body([], receiving([*parts, *EMPTY]), LIMIT)) == LIMIT
    with pytest.raises(BodyTooLargeError):
        await read_body([], receiving([*parts, *WHOLE]), LIMIT)


async def test_a_body_whose_caller_leaves_is_none() -> None:
    parts: list[Event] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    with pytest.raises(ClientDisconnectedError):
        await read_body([], receiving(parts), LIMIT)
