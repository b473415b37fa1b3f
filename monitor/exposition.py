"""The metrics in the words of Prometheus: its text format, or OpenMetrics for who asks for that."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Exposed
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from monitor.catalogue import PREFIX, SAYS
from monitor.metrics import BOUNDS_S, Counter, Distribution, Family, Gauge, Histogram, Metrics

_LE = (*map(floatToGoString, BOUNDS_S), "+Inf")


def registry_of(metrics: Metrics) -> CollectorRegistry:
    """A registry of its own that has these metrics only, as they are when it is asked."""
    registry = CollectorRegistry()
    registry.register(_Metrics(metrics))
    return registry


def exposed(registry: CollectorRegistry, accept: str = "") -> tuple[bytes, str]:
    """The body and the content type for a scraper that sends this `Accept` header.

    Every name begins with `doodlebound_`. A histogram has a gauge `…_max_seconds` beside it, which buckets cannot tell.
    Costs about 10 µs a series.
    """
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Metrics(Collector):
    """Gives our families at each scrape, without copies between scrapes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> list[Exposed]:
        """Nothing in advance: families come as they are used."""
        return []

    def collect(self) -> Iterator[Exposed]:
        """All families that have occurred."""
        for name, family in self._metrics.families.items():
            if family.series:
                yield from _exposed(name, family)


def _exposed(name: str, family: Family) -> Iterator[Exposed]:
    full, says = f"{PREFIX}{name}", SAYS.get(name, "A figure of the swarm.")
    match family:
        case Counter(labels, series):
            counter = CounterMetricFamily(full, says, labels=labels)
            for values, number in series.items():
                counter.add_metric(values, number)
            yield counter
        case Gauge(labels, series):
            yield _gauge(full, says, labels, series)
        case Histogram(labels, spreads):
            histogram = HistogramMetricFamily(full, says, labels=labels)
            for values, spread in spreads.items():
                histogram.add_metric(values, _buckets(spread), spread.sum_s)
            yield histogram
            longest = {values: spread.max_s for values, spread in spreads.items()}
            yield _gauge(f"{full.removesuffix('_seconds')}_max_seconds", f"The longest: {says}", labels, longest)


def _gauge(full: str, says: str, labels: tuple[str, ...], series: dict[tuple[str, ...], float]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(full, says, labels=labels)
    for values, level in series.items():
        gauge.add_metric(values, level)
    return gauge


def _buckets(spread: Distribution) -> list[tuple[str, float]]:
    """Cumulated, as Prometheus wants them."""
    return list(zip(_LE, accumulate(spread.buckets, initial=None), strict=True))
