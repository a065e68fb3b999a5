"""What a hook adds to a request, as it arrives: over each of the transports."""

from __future__ import annotations

import re

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from trustly_customers import Customer
from trustly_customers.opentelemetry import span_hook

from ._calls import FLAVOURS, Flavour, attempt
from ._examples import GOOD, answer
from ._faults import says
from ._server import Server


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_request_names_the_span_of_its_call(flavour: Flavour) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with Server(says(answer("200 OK", GOOD))) as server:
        ended = attempt(
            flavour, "get", "update", base_url=server.url(), hooks=[span_hook(provider, propagate=True)], timeout=5
        )
    assert all(isinstance(each.result, Customer) for each in ended)
    names = [re.findall(rb"(?im)^traceparent: (\S+)\r?$", head) for head in server.heads]
    contexts = [span.get_span_context() for span in exporter.get_finished_spans()]
    assert names == [
        [f"00-{each.trace_id:032x}-{each.span_id:016x}-{each.trace_flags:02x}".encode()] for each in contexts if each
    ]
    assert len(contexts) == 2
