"""What an operator watches (docs/operations.md). Calls are counted as they end; all else is read at each scrape."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from itertools import accumulate
from math import inf
from typing import Any, NamedTuple, TypeAlias

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from engine.service.advising import Advising
from engine.service.meters import BOUNDS, Meters
from engine.service.pricer import Pricer
from engine.service.pricing_service import PricingService
from engine.service.statuses import ending
from engine.service.workers import Workers
from engine.store.following import Following

_PREFIX = "cartwright_"
_BOUNDS = tuple(map(floatToGoString, (*BOUNDS, inf)))

_Values: TypeAlias = Mapping[Any, float]
"""By tuples of the values of the labels."""


class Watched(NamedTuple):
    """The parts of a service; ``following`` returns None if it has no store."""

    meters: Meters
    pricing: PricingService
    pricer: Pricer
    advising: Advising
    workers: Mapping[str, Workers]
    following: Callable[[], Following | None]


def registry_of(watched: Watched) -> CollectorRegistry:
    """The metrics of a service and of its process."""
    registry = CollectorRegistry(auto_describe=True)
    registry.register(_Service(watched))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


class _Service(Collector):
    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._build = {(version("cartwright"),): 1}

    def collect(self) -> Iterator[Metric]:
        yield from self._calls()
        yield from self._streams()
        yield from self._carts()
        yield from self._rule_sets()
        yield from self._store()
        yield _gauge("build_info", "1; the label is the version of Cartwright.", self._build, "version")

    def _calls(self) -> Iterator[Metric]:
        calls: Counter[tuple[str, str, str]] = Counter()
        durations = HistogramMetricFamily(
            f"{_PREFIX}call_duration_seconds", "From request to answer, without gRPC.", labels=["method"]
        )
        for method, meter in sorted(self._watched.meters.by_method.items()):
            counted = meter.read()
            calls[method, *ending(Exception)] += 0  # without this, no rate would show the first fault
            for error, count in counted.ended.items():
                calls[method, *ending(error)] += count
            buckets = zip(_BOUNDS, accumulate(counted.within), strict=True)
            durations.add_metric([method], list(buckets), counted.seconds)
        yield _counter("calls", "Calls ended; each message of a PriceStream is one.", calls, "method", "code", "reason")
        yield durations
        waiting = {(name,): each.waiting for name, each in self._watched.workers.items()}
        waiting[("explaining",)] = self._watched.advising.waiting
        yield _gauge("calls_waiting", "Calls that wait for a thread or a turn.", waiting, "queue")

    def _streams(self) -> Iterator[Metric]:
        streams = self._watched.pricing.streams
        yield _gauge("streams_open", "PriceStreams open.", {(): streams.open})
        yield _gauge("streams_limit", "PriceStreams that may be open at once.", {(): streams.limit})
        yield _counter("streams_refused", "PriceStreams refused, since too many were open.", {(): streams.refused})

    def _carts(self) -> Iterator[Metric]:
        held = self._watched.pricing.held
        yield _gauge("held_carts", "Carts held between mutations.", {(): held.carts})
        yield _gauge("held_carts_bytes", "Memory that held carts take.", {(): held.bytes})
        yield _gauge("held_carts_limit_bytes", "Memory that held carts may take.", {(): held.limit})
        yield _counter("held_carts_forgotten", "Carts not held any longer for lack of memory.", {(): held.forgotten})

    def _rule_sets(self) -> Iterator[Metric]:
        rule_sets = self._watched.pricer.rule_sets
        served = {(each.name, str(each.revision), each.program.version): 1 for each in rule_sets}
        unproven = {(each.name,): self._watched.pricer.unproven[each.name] for each in rule_sets}
        yield _gauge("rule_set_info", "1; the labels are what is served.", served, "rule_set", "revision", "version")
        yield _counter("unproven_quotes", "Quotes whose promotions are not proven best.", unproven, "rule_set")

    def _store(self) -> Iterator[Metric]:
        following, facts = self._watched.following(), self._watched.pricer.facts
        up_to_date = {} if facts is None else facts.counters_up_to_date
        now = time.monotonic()  # after what it is compared with, so that no age is negative
        rule_sets = {} if following is None else following.rule_sets
        switched = {(name,): each.since / 10**9 for name, each in rule_sets.items() if each.since}
        faults = {(name,): int(bool(each.fault)) for name, each in rule_sets.items()}
        up = {} if following is None else {(): int(following.available)}
        age = {} if following is None else {(): _age(following.answered, now)}
        counters = {(name,): _age(at, now) for name, at in up_to_date.items()}
        yield _gauge("rule_set_switched_timestamp_seconds", "When the revision served began.", switched, "rule_set")
        yield _gauge("rule_set_fault", "1 if `cartwright rules status` reports a fault.", faults, "rule_set")
        yield _gauge("redis_up", "1 if Redis answered the last poll for rule sets.", up)
        yield _gauge("rule_sets_age_seconds", "Time since Redis answered such a poll.", age)
        yield _gauge("counters_age_seconds", "Time since the counters were up to date.", counters, "rule_set")


def _age(moment: float | None, now: float) -> float:
    """Seconds since then; without end if it never was."""
    return inf if moment is None else now - moment


def _gauge(name: str, help: str, values: _Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, help, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counter(name: str, help: str, values: _Values, *labels: str) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, help, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
