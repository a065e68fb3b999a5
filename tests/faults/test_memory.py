"""A server cannot make the client take memory, or read on, beyond its limit."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest

from trustly_customers import ResponseShapeError

from ._calls import FLAVOURS, Flavour, attempt
from ._examples import head
from ._faults import pours, says
from ._server import Play, Server

LIMIT = 1024 * 1024
MUCH = 100 * LIMIT
PART = bytes(64 * 1024)


def _bomb() -> bytes:
    """Compress 100 MB of zeros."""
    compressor = zlib.compressobj(1, wbits=31)
    return b"".join(compressor.compress(PART) for _ in range(MUCH // len(PART))) + compressor.flush()


BODIES: dict[str, Play] = {
    "a body with a length": pours(head("200 OK", f"Content-Length: {MUCH}"), PART),
    "a body without a length": pours(head("200 OK", "Connection: close"), PART),
    "chunks": pours(head("200 OK", "Transfer-Encoding: chunked"), b"10000\r\n" + PART + b"\r\n"),
    "a bomb": says(head("200 OK", "Content-Encoding: gzip", "Connection: close"), _bomb()),
    "garbage after gzip": pours(
        head("200 OK", "Content-Encoding: gzip", "Connection: close") + zlib.compress(b"{}", wbits=31), PART
    ),
}


# Not under trio, which warns of a generator that httpcore leaves to the collector when a body is not read to its end.
@pytest.mark.parametrize("flavour", [each for each in FLAVOURS if each != "trio"])
@pytest.mark.parametrize("play", BODIES.values(), ids=BODIES)
def test_a_body_of_100_megabytes_is_left_at_the_limit(flavour: Flavour, play: Play) -> None:
    with Server(play) as server:
        tracemalloc.start()
        try:
            (ended,) = attempt(flavour, "get", base_url=server.url(), max_response_bytes=LIMIT)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(ended.error, ResponseShapeError)
    assert len(ended.error.response.content) <= LIMIT
    assert peak < 8 * LIMIT
    assert server.poured < MUCH / 2
