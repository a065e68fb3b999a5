"""What a connection of the quick transport does where a real socket would leave it to chance."""

from __future__ import annotations

import asyncio
import socket
from unittest.mock import Mock

import pytest

from trustly_customers._wire import _LONGEST_HEAD, _READ_AHEAD, Broken, Connection, _readable

from ._examples import answer, head


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


def test_what_comes_after_the_answer_is_no_part_of_it(connection: Connection) -> None:
    connection.send(b"")
    connection.data_received(answer("200 OK", b"body") + answer("200 OK", b"more"))
    assert asyncio.run(connection.part(1.0)) == b"body"
    assert asyncio.run(connection.part(1.0)) == b""
    assert not connection.is_done


def test_a_wait_without_a_limit_ends_with_what_was_waited_for(connection: Connection) -> None:
    async def main() -> None:
        connection.send(b"")
        asyncio.get_running_loop().call_soon(connection.data_received, answer("200 OK", b""))
        await connection.head(None)

    asyncio.run(main())
    assert connection.status == 200


def test_a_connection_that_was_never_made_is_not_fresh_and_has_nothing_to_close() -> None:
    connection = Connection()
    assert not connection.is_fresh
    connection.abort()


@pytest.mark.parametrize("has_poll", [True, False])
def test_a_socket_is_readable_when_it_has_something_to_tell(
    has_poll: bool,  # noqa: FBT001 - a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not has_poll:
        monkeypatch.delattr("select.poll", raising=False)  # as on Windows
    here, there = socket.socketpair()
    with here:
        with there:
            assert not _readable(here.fileno())
        assert _readable(here.fileno())
    assert _readable(here.fileno())


@pytest.mark.parametrize("ends", ["eof_received", "connection_lost"])
def test_an_ended_connection_is_used_no_more(ends: str, connection: Connection, transport: Mock) -> None:
    getattr(connection, ends)(*[None] * (ends == "connection_lost"))
    assert not connection.is_fresh
    with pytest.raises(Broken, match=r"^the server broke off$"):
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
    transport.write.assert_not_called()


@pytest.mark.parametrize("has_poll", [True, False])
def test_looking_at_a_socket_takes_no_time(
    has_poll: bool,  # noqa: FBT001 - a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = Mock()
    system.select.return_value = system.poll.return_value.poll.return_value = ([], [], [])[: not has_poll]
    if not has_poll:
        del system.poll
        system.select.return_value = ([], [7], [7])
    monkeypatch.setattr("trustly_customers._wire.select", system)
    assert not _readable(7)
    if has_poll:
        system.poll.return_value.register.assert_called_once_with(7, system.POLLIN)
        system.poll.return_value.poll.assert_called_once_with(0)
    else:
        system.select.assert_called_once_with([7], [], [], 0)


def test_the_parts_of_a_body_come_in_one_piece_and_in_order(connection: Connection, transport: Mock) -> None:
    connection.send(b"")
    connection.data_received(head("200 OK", f"Content-Length: {3 * _READ_AHEAD}") + b"ab")
    connection.data_received(b"cd")
    assert asyncio.run(connection.part(1.0)) == b"abcd"
    transport.resume_reading.assert_not_called()

    connection.data_received(bytes(_READ_AHEAD - 1))
    connection.data_received(b"x")
    transport.pause_reading.assert_not_called()
    assert len(asyncio.run(connection.part(1.0))) == _READ_AHEAD
    transport.resume_reading.assert_not_called()
    connection.data_received(bytes(_READ_AHEAD))
    transport.pause_reading.assert_not_called()
    connection.data_received(b"x")
    transport.pause_reading.assert_called_once_with()


@pytest.mark.parametrize(
    ("length", "failure"), [(_LONGEST_HEAD - 1, None), (_LONGEST_HEAD, "the headers are too long")]
)
def test_a_head_may_be_so_long_and_no_longer(length: int, failure: str | None, connection: Connection) -> None:
    connection.send(b"")
    connection.data_received(head("200 OK", "X:" + "y" * length))
    assert connection._failure == failure


def test_a_connection_that_spoke_without_being_asked_is_not_fresh(connection: Connection, transport: Mock) -> None:
    here, there = socket.socketpair()
    with here, there:
        transport.is_closing.return_value = False
        transport.get_extra_info.return_value = here
        connection.send(b"")
        connection.data_received(answer("200 OK", b""))
        assert connection.is_fresh
        connection.data_received(b"no HTTP")
        assert not connection.is_fresh
