"""What a failing `modify` shows of the customer and of the changes: nothing, the locals of our frames included."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

import trustly_customers
from trustly_customers import Address, CustomData, Customer, TrustlyError

from ._server import Server, answer, both, example, lost_after, lost_before, meanwhile, no_connection
from .conftest import ID, Client, Lock

pytestmark = pytest.mark.anyio

SECRET = "zqsecret"
KEYWORDS: dict[str, Any] = {
    "name": f"{SECRET}1",
    "address": Address(country="US", city=f"{SECRET}2"),
    "tax_id": f"{SECRET}3",
    "custom_data": CustomData.from_dict({SECRET: {SECRET: 1}}),
    "vip": f"{SECRET}4",
}
THEIRS = {"taxId": f"{SECRET}5", "customData": {SECRET: 2}, SECRET: SECRET}
OURS = str(Path(trustly_customers.__file__).parent)


def _edit(update: Any, value: str, then: Callable[[], object] = lambda: None) -> None:
    update.person_id = value
    update[value] = value
    then()


def _raise() -> None:
    raise RuntimeError("oops")


def frames(error: BaseException) -> str:
    """Return a chain of errors as printed with the locals of our own frames."""
    shown = []
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)
    for each in chain:
        stack = traceback.TracebackException.from_exception(each, capture_locals=True)
        ours = [frame for frame in stack.stack if frame.filename.startswith(OURS)]
        assert ours, "no frame of ours was looked at"
        shown += [f"{frame.name}: {frame.locals}" for frame in ours]
        shown += [str(each), repr(each), *stack.format_exception_only()]
    return "\n".join(shown)


FAILURES: dict[str, tuple[Callable[[Server], object], dict[str, Any]]] = {
    "status": (lambda server: server.on("POST", answer(400)), {}),
    "lost": (lambda server: server.on("POST", *[lost_before] * 3), {}),
    "look": (lambda server: server.on("GET", lambda *_: None, *[no_connection] * 3), {}),
    "first look": (lambda server: server.on("GET", answer(404)), {}),
    "doubt": (lambda server: server.on("POST", lost_before, answer(400)), {}),
    "shape": (lambda server: server.on("POST", lambda *_: httpx.Response(200, json={SECRET: SECRET})), {}),
    "conflict": (lambda server: server.on("POST", both(meanwhile(**THEIRS), lost_before)), {}),
    "late conflict": (lambda server: server.on("GET", lambda *_: None, meanwhile(taxId=SECRET)), {}),
    "base": (lambda server: server.set(**THEIRS), {"base": Customer.from_dict(example())}),
    "unknown": (lambda _: None, {"zzz": SECRET}),
    "type": (lambda _: None, {"address": SECRET}),
    "length": (lambda _: None, {"email": ""}),
    "json": (lambda _: None, {"custom_data": CustomData.from_dict({SECRET: {SECRET}})}),
    "edit": (lambda _: None, {"edit": partial(_edit, value=SECRET, then=_raise)}),
    "edit's value": (lambda _: None, {"edit": partial(_edit, value=SECRET, then=lambda: None), "national_id": 7}),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_no_failure_shows_anything(
    failure: str, client: Client, server: Server, lock: Lock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    prepare, more = FAILURES[failure]
    server.set(personId=f"{SECRET}6", **{f"{SECRET}7": f"{SECRET}8"})
    prepare(server)
    if failure in {"look", "late conflict"}:
        server.on("POST", lost_after)
    arguments = (ID, more["edit"]) if "edit" in more else (ID,)
    keywords = {**KEYWORDS, **{name: value for name, value in more.items() if name != "edit"}}
    with pytest.raises((TrustlyError, RuntimeError)) as caught:
        await client.modify(*arguments, lock=lock, **keywords)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.emit(logging.makeLogRecord({"msg": "%r", "args": (caught.value,)}))
    shown = frames(caught.value) + stream.getvalue() + caplog.text
    # The tier is no personal property by the specification, yet it was given as a keyword.
    assert SECRET not in shown.replace(f"vip='{SECRET}4'", "")
    assert "zqkey" not in shown
