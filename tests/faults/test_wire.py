"""What a connection of the quick transport does where a real socket would leave it to chance."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from trustly_customers._wire import _READ_AHEAD, Broken, Connection

from ._examples import head


@pytest.fixture
def transport() -> Mock:
    return Mock(spec=asyncio.Transport)


@pytest.fixture
def connection(transport: Mock) -> Connection:
    made = Connection()
    made.connection_made(transport)
    return made


def test_a_body_that_nobody_reads_is_not_read_on(connection: Connection, transport: Mock) -> None:
    connection.send(b"")
    connection.data_received(head("200 OK", f"Content-Length: {10 * _READ_AHEAD}"))
    transport.pause_reading.assert_not_called()
    connection.data_received(bytes(_READ_AHEAD + 1))
    transport.pause_reading.assert_called_once_with()

    assert len(asyncio.run(connection.part(1.0))) == _READ_AHEAD + 1
    transport.resume_reading.assert_called_once_with()


def test_nothing_is_sent_on_a_connection_that_is_gone(connection: Connection, transport: Mock) -> None:
    connection.connection_lost(None)
    with pytest.raises(Broken):
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
    transport.write.assert_not_called()


def test_interim_answers_without_an_end_are_too_long_a_head(connection: Connection) -> None:
    connection.send(b"")
    for _ in range(1000):
        connection.data_received(head("100 Continue", "X: " + "y" * 1000))
    with pytest.raises(Broken):
        asyncio.run(connection.head(1.0))
