"""What stops a call from outside stops it whatever the steps make of it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from trustly_customers import AsyncTrustly, Trustly
from trustly_customers._drive import drive, drive_async
from trustly_customers._flow import Pause


class Stop(BaseException):
    """Comes from outside, as an interrupt does."""


def stubborn(heard: list[BaseException]) -> Generator[Pause, Any, None]:
    """Hear of what stops it, and want to go on."""
    while True:
        try:
            yield Pause(1)
        except Stop as error:
            heard.append(error)


def test_steps_hear_of_an_interrupt_and_cannot_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise Stop

    monkeypatch.setattr("time.sleep", interrupted)
    heard: list[BaseException] = []
    with Trustly("id", "key") as client, pytest.raises(Stop) as caught:
        drive(stubborn(heard), client._http)
    assert heard == [caught.value]


@pytest.mark.anyio
async def test_awaited_steps_hear_of_an_interrupt_and_cannot_keep_it(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert anyio_backend

    async def interrupted(_seconds: float) -> None:
        raise Stop

    monkeypatch.setattr("anyio.sleep", interrupted)
    heard: list[BaseException] = []
    async with AsyncTrustly("id", "key") as client:
        with pytest.raises(Stop) as caught:
            await drive_async(stubborn(heard), client._http)
    assert heard == [caught.value]
