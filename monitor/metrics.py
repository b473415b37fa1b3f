"""Counters, levels and histograms, cheap enough for the hot path (below a microsecond each).

A family has a name and the names of its labels; a series is one combination of their values. Label values are roles,
outcomes and the like, never items, ids or free text; should some come from outside, they are made harmless, and a
family takes no more than `MAX_SERIES` of them: the rest is counted together under `other`. To be used on the event loop
only: there are no locks.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from monitor.text import redacted, shortened, visible, well_formed

Values: TypeAlias = tuple[str, ...]
"""The values of a family's labels, in their order."""

Nested: TypeAlias = "dict[str, Nested] | int | float"

BOUNDS_S = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
"""Upper bounds of the buckets of a histogram in seconds; one more bucket takes what is longer."""

MAX_SERIES = 200
MAX_LABEL_CHARS = 80
OTHER = "other"
_INFINITE = math.inf


@dataclass(slots=True)
class Counter:
    """Numbers that only grow."""

    labels: Values
    series: dict[Values, float] = field(default_factory=dict)

    def add(self, values: Values, n: float = 1) -> None:
        """Add `n` to a series; nothing that is negative or no number."""
        if n != 1 and not 0 <= n < _INFINITE:
            n = 0
        try:
            self.series[values] += n
        except KeyError:
            values = _admitted(values, self.series)
            self.series[values] = self.series.get(values, 0) + n

    def figures(self) -> Iterator[tuple[Values, Nested]]:
        """Each series with its number."""
        yield from self.series.items()


@dataclass(slots=True)
class Gauge:
    """Numbers that rise and fall. Where `measure` is given, the numbers are had by asking it."""

    labels: Values
    series: dict[Values, float] = field(default_factory=dict)
    measure: Callable[[], Mapping[Values, float]] | None = None

    def set(self, values: Values, level: float) -> None:
        """Take the newest level of a series."""
        if values not in self.series:
            values = _admitted(values, self.series)
        self.series[values] = level

    def refresh(self) -> None:
        """Take the levels as they are now, where somebody is to be asked for them."""
        if self.measure is not None:
            for values, level in self.measure().items():
                self.set(values, level)

    def figures(self) -> Iterator[tuple[Values, Nested]]:
        """Each series with its number."""
        yield from self.series.items()


@dataclass(slots=True)
class Distribution:
    """How one series of durations is spread: `buckets` counts those up to each of `BOUNDS_S`, and the longer."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    count: int = 0
    sum_s: float = 0.0
    max_s: float = 0.0

    def quantile_s(self, share: float) -> float:
        """The duration that `share` (0..1) of all do not exceed; 0 if there are none.

        Interpolated within a bucket, so it is off by at most the bucket's width.
        """
        wanted, lower = share * self.count, 0.0
        for upper, inside in zip((*BOUNDS_S, math.inf), self.buckets, strict=True):
            if inside and wanted <= inside:
                top = min(upper, self.max_s)
                return lower + max(0.0, top - lower) * wanted / inside
            wanted -= inside
            lower = upper
        return self.max_s

    def figures(self) -> dict[str, Nested]:
        """Count, and in seconds the sum, the median, the 95th percentile and the longest."""
        return {
            "count": self.count,
            "sum": round(self.sum_s, 6),
            "p50": round(self.quantile_s(0.5), 6),
            "p95": round(self.quantile_s(0.95), 6),
            "max": round(self.max_s, 6),
        }


@dataclass(slots=True)
class Histogram:
    """Durations in seconds, in fixed buckets."""

    labels: Values
    series: dict[Values, Distribution] = field(default_factory=dict)

    def observe(self, values: Values, seconds: float) -> None:
        """Take one duration; one that is negative or no number counts as none at all."""
        spread = self.series.get(values)
        if spread is None:
            spread = self.series.setdefault(_admitted(values, self.series), Distribution())
        if not 0 <= seconds < _INFINITE:
            return
        spread.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        spread.count += 1
        spread.sum_s += seconds
        if seconds > spread.max_s:
            spread.max_s = seconds

    def figures(self) -> Iterator[tuple[Values, Nested]]:
        """Each series with its figures."""
        return ((values, spread.figures()) for values, spread in self.series.items())


Family: TypeAlias = Counter | Gauge | Histogram
F = TypeVar("F", Counter, Gauge, Histogram)


class Metrics:
    """All families by name. Asking for a family makes it, or raises ValueError if it is there with another meaning."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    @property
    def families(self) -> Mapping[str, Family]:
        """The families by name, with levels as they are now."""
        for family in self._families.values():
            if isinstance(family, Gauge):
                family.refresh()
        return self._families

    def counter(self, name: str, *labels: str) -> Counter:
        """The counter of this name."""
        return self._family(Counter, name, labels)

    def gauge(self, name: str, *labels: str) -> Gauge:
        """The gauge of this name."""
        return self._family(Gauge, name, labels)

    def histogram(self, name: str, *labels: str) -> Histogram:
        """The histogram of this name."""
        return self._family(Histogram, name, labels)

    def as_nested(self) -> dict[str, Nested]:
        """What has occurred, by name and then by label values: `{"steps_total": {"read": {"done": 7}}}`."""
        return {name: _nested(family) for name, family in self.families.items() if family.series}

    def _family(self, kind: type[F], name: str, labels: Values) -> F:
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = kind(labels)
        if not isinstance(family, kind) or family.labels != labels:
            raise ValueError(f"{name} is already a {type(family).__name__} of {family.labels}")
        return family


def _admitted(values: Values, series: Mapping[Values, object]) -> Values:
    """The label values of what may be a new series: harmless ones, or those of all that is too much."""
    clean = tuple([shortened(visible(redacted(well_formed(value))), MAX_LABEL_CHARS) for value in values])
    return clean if clean in series or len(series) < MAX_SERIES else (OTHER,) * len(values)


def _nested(family: Family) -> Nested:
    """The series as nested mappings; a family without labels has only one."""
    root: dict[str, Nested] = {}
    for values, figure in family.figures():
        if not values:
            return figure
        place = root
        for value in values[:-1]:
            inner = place.setdefault(value, {})
            assert isinstance(inner, dict)  # noqa: S101  (every series has all labels)
            place = inner
        place[values[-1]] = figure
    return root
