"""The span hook, against OpenTelemetry's own SDK."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress

import anyio
import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from trustly_customers import (
    APIConnectionError,
    APIStatusError,
    AsyncTrustly,
    InvalidRequestError,
    Trustly,
    __version__,
)
from trustly_customers.opentelemetry import span_hook

from .conftest import ANSWER, ID, SECRET, Connect, in_turn, status, well

pytestmark = pytest.mark.anyio

PATH = "/customers/{customerId}"
SERVER = {"server.address": "sandbox.trustly.one", "server.port": 443}


class Spans:
    """A provider of tracers, and the spans that it was given."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.hooks = [span_hook(self.provider)]

    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def one(self) -> ReadableSpan:
        (span,) = self.all()
        return span


@pytest.fixture
def spans() -> Spans:
    return Spans()


async def test_a_success(spans: Spans, connect: Connect) -> None:
    await connect(hooks=spans.hooks).get()
    span = spans.one()
    assert (span.name, span.kind) == (f"GET {PATH}", SpanKind.CLIENT)
    assert span.attributes == {
        "http.request.method": "GET",
        "url.template": PATH,
        **SERVER,
        "http.response.status_code": 200,
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert (span.instrumentation_scope.name, span.instrumentation_scope.version) == ("trustly_customers", __version__)


async def test_an_answer_that_is_no_success(spans: Spans, connect: Connect) -> None:
    with pytest.raises(APIStatusError):
        await connect(status(404), hooks=spans.hooks).update()
    span = spans.one()
    assert span.attributes == {
        "http.request.method": "POST",
        "url.template": PATH,
        **SERVER,
        "http.response.status_code": 404,
        "error.type": "404",
    }
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "NotFoundError")
    assert span.events == ()


async def test_no_answer(spans: Spans, connect: Connect) -> None:
    with pytest.raises(APIConnectionError):
        await connect(in_turn(httpx.ReadError), hooks=spans.hooks).update()
    span = spans.one()
    assert span.attributes == {
        "http.request.method": "POST",
        "url.template": PATH,
        **SERVER,
        "error.type": "APIConnectionError",
    }
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "APIConnectionError")
    assert span.events == ()


async def test_what_was_not_sent(spans: Spans, connect: Connect) -> None:
    with pytest.raises(InvalidRequestError):
        await connect(hooks=spans.hooks).update(name="")
    assert spans.one().attributes == {
        "http.request.method": "POST",
        "url.template": PATH,
        **SERVER,
        "error.type": "InvalidRequestError",
    }


async def test_retries_are_counted_and_a_success_in_the_end_is_one(spans: Spans, connect: Connect) -> None:
    await connect(in_turn(status(503), status(429), well), hooks=spans.hooks).update()
    span = spans.one()
    assert span.attributes is not None
    assert span.attributes["http.request.resend_count"] == 2
    assert span.attributes["http.response.status_code"] == 200
    assert "error.type" not in span.attributes
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("base_url", "address", "port"),
    [
        ("https://host.example/v1", "host.example", 443),
        ("https://host.example:8443/v1", "host.example", 8443),
        ("http://127.0.0.1/v1", "127.0.0.1", 80),
        ("http://[::1]:8086/v1", "::1", 8086),
    ],
)
async def test_the_server_is_named(base_url: str, address: str, port: int, spans: Spans, connect: Connect) -> None:
    await connect(hooks=spans.hooks, base_url=base_url).get()
    attributes = spans.one().attributes or {}
    assert (attributes["server.address"], attributes["server.port"]) == (address, port)


async def test_nothing_personal_is_exported(spans: Spans, connect: Connect) -> None:
    for answers in (
        well,
        status(400),
        status(500),
        in_turn(httpx.ReadError),
        lambda _: httpx.Response(200, text=SECRET),
    ):
        with suppress(Exception):  # what it comes to is not looked at here
            await connect(answers, hooks=spans.hooks).update()
    assert len(spans.all()) == 5
    exported = "".join(span.to_json() for span in spans.all())
    assert not any(each in exported for each in (SECRET, ID, "zqkey", "zqid", "req-1", "Broadway"))


async def test_a_call_is_the_child_of_the_application_s_span_and_the_parent_of_what_happens_in_it(
    spans: Spans, connect: Connect
) -> None:
    tracer = spans.provider.get_tracer("application")

    def answers(request: httpx.Request) -> httpx.Response:
        with tracer.start_as_current_span("within"):
            return well(request)

    with tracer.start_as_current_span("around"):
        await connect(answers, hooks=spans.hooks).get()
    within, call, around = spans.all()
    assert within.parent == call.context
    assert call.parent == around.context
    assert around.parent is None


@pytest.mark.parametrize("flavour", ["asyncio", "trio"])
async def test_concurrent_calls_have_their_own_parents(flavour: str, spans: Spans) -> None:
    tracer = spans.provider.get_tracer("application")
    arrived = 0
    all_there = anyio.Event()

    async def answers(_: httpx.Request) -> httpx.Response:
        nonlocal arrived
        arrived += 1
        if arrived == 8:
            all_there.set()
        await all_there.wait()
        with tracer.start_as_current_span("within"):
            await anyio.lowlevel.checkpoint()
        return httpx.Response(200, json=ANSWER)

    async with AsyncTrustly("zqid", "zqkey", transport=httpx.MockTransport(answers), hooks=spans.hooks) as client:

        async def one(name: str) -> None:
            with tracer.start_as_current_span(name):
                await client.customers.get(name)

        names = [f"task{number}" for number in range(8)]
        with tracer.start_as_current_span("root"):
            if flavour == "asyncio":
                await asyncio.gather(*map(one, names))
            else:
                async with anyio.create_task_group() as group:
                    for name in names:
                        group.start_soon(one, name)
    by_id = {span.context.span_id: span for span in spans.all() if span.context is not None}

    def parent(span: ReadableSpan) -> ReadableSpan:
        assert span.parent is not None
        return by_id[span.parent.span_id]

    within = [span for span in spans.all() if span.name == "within"]
    calls = [parent(span) for span in within]
    assert {call.name for call in calls} == {f"GET {PATH}"}
    assert len({id(call) for call in calls}) == 8
    assert sorted(parent(call).name for call in calls) == names
    assert {parent(parent(call)).name for call in calls} == {"root"}


async def test_the_global_provider_is_the_default(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    spans = Spans()
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: spans.provider)
    await connect(hooks=[span_hook()]).get()
    assert spans.one().name == f"GET {PATH}"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("opentelemetry", "opentelemetry.trace"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        ImportError, match=r'^span_hook needs OpenTelemetry: pip install "trustly-customers\[opentelemetry\]"$'
    ):
        span_hook()


def test_the_module_is_imported_without_the_extra_and_by_nothing_else() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None; sys.modules['psycopg'] = None\n"
        "import trustly_customers; trustly_customers.Trustly\n"
        "assert not any(name.startswith('trustly_customers.opentel') for name in sys.modules)\n"
        "import trustly_customers.opentelemetry, trustly_customers.locks"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_hook_is_shared_by_clients(spans: Spans) -> None:
    for _ in range(2):
        with Trustly("zqid", "zqkey", transport=httpx.MockTransport(well), hooks=spans.hooks) as client:
            client.customers.get(ID)
    assert len(spans.all()) == 2
