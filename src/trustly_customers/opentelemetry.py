"""Spans for OpenTelemetry: `Trustly(..., hooks=[span_hook()])`. Needs the extra `trustly-customers[opentelemetry]`.

A span is one call of a method with all its tries, and its attributes follow the semantic conventions for HTTP clients.
`url.full`, which those want too, is left out, since it holds the customer's identifier; so are exceptions, whose
tracebacks and attributes may hold what a server said. Each request that `modify` makes is a call of its own.

The span is the current one while the call runs, so that instrumentation of the HTTP library's transports finds its
parent in it, and the application's spans are parents of it. The provider is told of it only where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ._calls import Call
from ._config import Hook
from ._errors import APIStatusError
from ._version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider
    from opentelemetry.util.types import AttributeValue

__all__ = ["span_hook"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def span_hook(tracer_provider: TracerProvider | None = None, *, propagate: bool = False) -> Hook:
    """Return a hook that makes one CLIENT span a call, named after the method and the path's template.

    Args:
        tracer_provider: Where the spans go; by default OpenTelemetry's global one.
        propagate: Whether each request carries the W3C header `traceparent`, by which the span can be found in the
            provider's records. Neither `tracestate` nor baggage is ever sent, whatever the global propagator would
            do: they hold what an application tells itself, and this goes to another company.

    Raises:
        ImportError: OpenTelemetry is not installed; the text names the extra.
    """
    try:
        from opentelemetry import trace  # noqa: PLC0415 - comes with an extra
    except ImportError as error:
        text = 'span_hook needs OpenTelemetry: pip install "trustly-customers[opentelemetry]"'
        raise ImportError(text) from error
    tracer = trace.get_tracer("trustly_customers", __version__, tracer_provider)

    def hook(call: Call) -> AbstractContextManager[object]:
        return _span(tracer, call, propagate=propagate)

    return hook


@contextmanager
def _span(tracer: Tracer, call: Call, *, propagate: bool) -> Iterator[None]:
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - as above

    with tracer.start_as_current_span(
        str(call.request),
        kind=SpanKind.CLIENT,
        attributes=_known_before(call),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        if propagate:
            _name_parent(call)
        try:
            yield
        except BaseException as error:
            _set_failure(span, error)
            raise
        finally:
            if call.status is not None:
                span.set_attribute("http.response.status_code", call.status)
            if call.tries > 1:
                span.set_attribute("http.request.resend_count", call.tries - 1)


def _name_parent(call: Call) -> None:
    """Name the current span in the call's requests, as the parent of what the server does."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(found)
    call.headers.update((name, value) for name, value in found.items() if name == "traceparent")


def _known_before(call: Call) -> dict[str, AttributeValue]:
    """What a sampler may decide by."""
    server = urlsplit(call.base_url)
    return {
        "http.request.method": call.request.method,
        "url.template": call.request.path,
        "server.address": server.hostname or "",
        "server.port": server.port or _DEFAULT_PORTS[server.scheme],
    }


def _set_failure(span: Span, error: BaseException) -> None:
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - as above

    kind = type(error).__name__
    span.set_attribute("error.type", str(error.status) if isinstance(error, APIStatusError) else kind)
    span.set_status(Status(StatusCode.ERROR, kind))
