"""The context of a trace in requests: sent where it is asked for, and nothing but the identifiers of the span."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import respx
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import NonRecordingSpan, NoOpTracerProvider, SpanContext, TraceFlags, TraceState

from trustly_customers import Hook
from trustly_customers.opentelemetry import span_hook

from .conftest import ANSWER, ID, KINDS, SECRET

pytestmark = pytest.mark.anyio

URL = f"https://sandbox.trustly.one/api/v1/customers/{ID}"
OF_A_CONTEXT = ("traceparent", "tracestate", "baggage")


class Spans:
    """A provider of tracers, and what names its spans in a request."""

    def __init__(self, sampler: Sampler = ALWAYS_ON) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler, shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def names(self) -> list[str]:
        contexts = [span.context for span in self._exporter.get_finished_spans()]
        return [
            f"00-{each.trace_id:032x}-{each.span_id:016x}-{each.trace_flags:02x}"
            for each in contexts
            if each is not None
        ]


@contextmanager
def an_application_s_context() -> Iterator[None]:
    """Have a trace whose context holds more than its identifiers."""
    state = TraceState([("vendor", SECRET)])
    parent = NonRecordingSpan(SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state))
    token = context.attach(trace.set_span_in_context(parent, baggage.set_baggage("tenant", SECRET)))
    try:
        yield
    finally:
        context.detach(token)


async def sent(flavour: str, hook: Hook, *answers: int) -> list[dict[str, str]]:
    """Get a customer, and return what each of the tries tells of a trace."""
    client: Any = KINDS[flavour]("id", "key", hooks=[hook])
    with respx.mock(using="httpx") as server:
        server.get(URL).side_effect = [
            httpx.Response(each, json=ANSWER, headers={"Retry-After": "0"}) for each in answers
        ]
        result = client.customers.get(ID)
        if inspect.isawaitable(result):
            await result
        heads = [call.request.headers for call in server.calls]
    closing = client.close()
    if inspect.isawaitable(closing):
        await closing
    return [{name: head[name] for name in OF_A_CONTEXT if name in head} for head in heads]


async def test_by_default_the_provider_learns_nothing_of_a_trace(flavour: str) -> None:
    with an_application_s_context():
        assert await sent(flavour, span_hook(Spans().provider), 200) == [{}]


async def test_each_try_names_the_call_s_span_and_carries_nothing_else_of_the_context(flavour: str) -> None:
    spans = Spans()
    hook = span_hook(spans.provider, propagate=True)
    with an_application_s_context():
        first = await sent(flavour, hook, 503, 200)
        second = await sent(flavour, hook, 200)
    names = spans.names()
    assert len(set(names)) == 2
    assert [*first, *second] == [{"traceparent": each} for each in (names[0], names[0], names[1])]


async def test_a_span_that_is_not_sampled_says_so(flavour: str) -> None:
    (head,) = await sent(flavour, span_hook(Spans(ALWAYS_OFF).provider, propagate=True), 200)
    assert int(head["traceparent"][-2:], 16) & TraceFlags.SAMPLED == 0


async def test_without_a_span_nothing_is_sent(flavour: str) -> None:
    assert await sent(flavour, span_hook(NoOpTracerProvider(), propagate=True), 200) == [{}]
