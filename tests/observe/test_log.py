"""The one line that is logged for a call."""

from __future__ import annotations

import logging
import re
from contextlib import suppress

import httpx
import pytest

from trustly_customers import APIStatusError, APITimeoutError, InvalidRequestError
from trustly_customers._observe import LOGGER

from .conftest import ID, SECRET, Connect, in_turn, status, well

pytestmark = pytest.mark.anyio

LINE = re.compile(r"(?P<what>[A-Z]+ /customers/\{customerId\} .*) seconds=\d+\.\d{3} (?P<id>request_id=\S+)")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines without the time that each call took."""
    found = []
    for record in caplog.records:
        assert (record.name, record.levelno) == ("trustly_customers", logging.DEBUG)
        match = LINE.fullmatch(record.getMessage())
        assert match is not None, record.getMessage()
        found.append(f"{match['what']} {match['id']}")
    return found


@pytest.fixture(autouse=True)
def debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="trustly_customers")


async def test_a_success_is_one_line(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    await connect().get()
    await connect().update()
    assert lines(caplog) == [
        "GET /customers/{customerId} status=200 error=- tries=1 request_id=req-1",
        "POST /customers/{customerId} status=200 error=- tries=1 request_id=req-1",
    ]


async def test_a_failure_names_its_class(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(APIStatusError):
        await connect(status(404)).get()
    with pytest.raises(APITimeoutError):
        await connect(in_turn(httpx.ReadTimeout)).update()
    with pytest.raises(InvalidRequestError):
        await connect().update(name="")
    assert lines(caplog) == [
        "GET /customers/{customerId} status=404 error=NotFoundError tries=1 request_id=-",
        "POST /customers/{customerId} status=- error=APITimeoutError tries=1 request_id=-",
        "POST /customers/{customerId} status=- error=InvalidRequestError tries=0 request_id=-",
    ]


async def test_all_tries_of_a_call_are_one_line(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    await connect(in_turn(status(503), status(429), well)).update()
    assert lines(caplog) == ["POST /customers/{customerId} status=200 error=- tries=3 request_id=req-1"]


async def test_nothing_personal_is_logged(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    for code in (200, 302, 400, 500):
        with suppress(Exception):  # what it comes to is not looked at here
            await connect(status(code)).update()
    assert len(lines(caplog)) == 4
    for record in caplog.records:
        shown = f"{record.__dict__}"
        assert not any(each in shown for each in (SECRET, ID, "zqkey", "zqid"))


async def test_nothing_is_formatted_when_nobody_listens(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "level", logging.INFO)
    LOGGER.manager._clear_cache()  # type: ignore[attr-defined] # setLevel does the same
    monkeypatch.setattr(LOGGER, "debug", lambda *_: pytest.fail("a line was made"))
    await connect().get()
    LOGGER.manager._clear_cache()  # type: ignore[attr-defined] # as above
