"""What a fault does to the connection, with each protocol and loop of the server, and that the server lives on."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from tests.sandbox._process import running

from ._calls import ID, UPDATE
from ._expected import EXPECTED
from ._served import TIMEOUT, VARIANTS, Served, get, head, heard, path_of, post, serving

LONG = {"name": "latency", "seconds": 3600}
OTHER: str = UPDATE["customerId"]


@pytest.fixture(scope="module", params=VARIANTS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("name", "came", "end"),
    [
        ("reset-before", "nothing", "reset"),
        ("answer-lost", "nothing", "reset"),
        ("reset-during", "a part", "reset"),
        ("truncated-body", "a part", "closed"),
        ("reset-after", "all", "whole"),
        ("malformed-body", "all", "whole"),
    ],
)
@pytest.mark.parametrize("request_of", [get, post])
def test_the_connection_ends_as_the_fault_says(
    served: Served, name: str, came: str, end: str, request_of: type
) -> None:
    received, ended = served.asked(request_of(f"fault-{name}"))
    assert ended == end
    if came == "nothing":
        assert received == b""
    else:
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")
        assert received.partition(b"\r\n\r\n")[2]
    assert served.asked(get(ID))[1] == "whole"


def test_after_a_whole_answer_the_connection_is_reset(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(get("fault-reset-after"))
        assert heard(connection)[1] == "whole"
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_requests_behind_one_that_breaks_the_connection_go_with_it(served: Served) -> None:
    for name in ("reset-before", "truncated-body", "reset-after"):
        with served.connect() as connection:
            connection.sendall(get(f"fault-{name}") + get(ID) * 3)
            received, _ = heard(connection)
            assert received.count(b"HTTP/1.1 200") <= 1
    assert served.asked(get(ID))[1] == "whole"


def test_a_large_answer_leaves_before_the_connection_is_reset(served: Served) -> None:
    large = {
        "name": "large",
        "address": {"country": "US"},
        "phone": "1",
        "email": "e",
        "customData": {"x": "y" * 60000},
    }
    assert served.asked(post(ID, "large", large))[1] == "whole"
    whole, _ = served.asked(get(ID, "large"))
    served.rules.add("large", {"faults": ["reset-after"]})
    received, end = served.asked(get(ID, "large"))
    assert (len(received), end) == (len(whole), "whole")


@pytest.mark.parametrize("fault", [LONG, "no-answer"])
@pytest.mark.parametrize("request_of", [get, post])
def test_who_waits_holds_nobody_up_and_is_let_go_when_the_caller_leaves(
    served: Served, fault: object, request_of: type
) -> None:
    served.rules.add("waits", {"faults": [fault]})
    ended = []
    with served.connect() as connection:
        connection.sendall(request_of(OTHER, "waits"))
        while served.rules.list("waits"):
            # The request has not met its fault yet.
            assert served.asked(get(ID))[1] == "whole"
        assert served.asked(get(ID))[1] == "whole"
        while not served.ended.empty():
            ended.append(served.ended.get())
        assert path_of(OTHER) not in ended
    while served.ended.get(timeout=TIMEOUT) != path_of(OTHER):
        pass


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_stop_waits_for_no_fault_and_sends_the_answers_that_are_made(variant: str) -> None:
    with serving(variant) as served:
        served.rules.add("late", {"faults": [LONG], "times": 2})
        served.rules.add("never", {"faults": ["no-answer"], "times": 2})
        with served.connect() as read, served.connect() as write, served.connect() as never, served.connect() as mute:
            read.sendall(get(ID, "late"))
            write.sendall(post(ID, "late"))
            never.sendall(get(ID, "never"))
            mute.sendall(post(ID, "never"))
            while served.rules.list("late") or served.rules.list("never"):
                served.asked(get(ID))
            served.stop()
            assert [heard(each)[1] for each in (read, write)] == ["whole", "whole"]
            assert [heard(each) for each in (never, mute)] == [(b"", "closed"), (b"", "closed")]
        served.join()


def test_the_command_says_nothing_of_faults_and_ends_well_while_one_waits() -> None:
    with running() as sandbox, sandbox.connect() as waiting:
        waiting.sendall(get("fault-no-answer"))
        for name in EXPECTED.keys() - {"no-answer", "latency"}:
            for request in (get(f"fault-{name}"), post(f"fault-{name}"), head(f"fault-{name}")):
                with sandbox.connect() as connection:
                    connection.sendall(request)
                    heard(connection)
        sandbox.process.terminate()
        assert sandbox.process.communicate(timeout=TIMEOUT) == ("", "")
        assert sandbox.process.returncode == 0
        assert heard(waiting) == (b"", "closed")
