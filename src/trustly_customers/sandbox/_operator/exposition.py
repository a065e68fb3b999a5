"""The metrics in Prometheus's text format. The one module that names its library, loaded when metrics are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from .metrics import BOUNDS, Metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_PREFIX = "trustly_sandbox_"


def exposition(metrics: Metrics) -> bytes:
    """What Prometheus reads: the application's counts, and the process's memory and time where the system tells."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Counts(metrics))
    return generate_latest(registry)


class _Counts(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        yield self._requests()
        yield self._durations()
        faults = CounterMetricFamily(_PREFIX + "faults", "Faults that requests met.", labels=["fault"])
        for name, number in self._metrics.faults.items():
            faults.add_metric([name], number)
        yield faults
        updates, requests, size = self._metrics.gauges()
        yield CounterMetricFamily(_PREFIX + "updates_committed", "Updates of customers committed.", updates)
        yield GaugeMetricFamily(_PREFIX + "journal_requests", "Requests that the journal holds.", requests)
        yield GaugeMetricFamily(_PREFIX + "journal_bytes", "Bytes that the journal holds.", size)

    def _requests(self) -> Metric:
        family = CounterMetricFamily(
            _PREFIX + "requests",
            "Requests to the API; the status is `none` where nothing was sent.",
            labels=["operation", "status"],
        )
        for (operation, status), number in self._metrics.requests.items():
            family.add_metric([operation, "none" if status is None else str(status)], number)
        return family

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            _PREFIX + "request_duration_seconds",
            "Time from a request's head to its answer, faults included.",
            labels=["operation"],
        )
        ends = [*map(str, BOUNDS), "+Inf"]
        for operation, durations in self._metrics.durations.items():
            buckets = list(zip(ends, accumulate(durations.buckets), strict=True))
            family.add_metric([operation], buckets, durations.seconds)
        return family
