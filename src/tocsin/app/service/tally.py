"""What the service counts.

Receives decisions, rejects and times as they pass. Gives Prometheus families when they are asked for; counting costs
next to nothing.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from tocsin.model.decision import Decision
from tocsin.model.errors import EventError

BOUNDS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class Spread:
    """A histogram over fixed bounds, in seconds."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Counts one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total += seconds

    def family(self, name: str, title: str) -> Metric:
        """The histogram as Prometheus takes it."""
        sums, below = [], 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self.counts, strict=True):
            below += count
            sums.append((bound, below))
        return HistogramMetricFamily(name, title, buckets=sums, sum_value=self.total)


class Gauges(Struct, frozen=True):
    """What is so now."""

    journal_waiting: int
    journal_last_seq: int
    state_cells: int
    state_entries: int
    state_bytes: int
    late: int
    ready: bool
    consumer_lag: int | None
    clock_s: float = 0.0
    disk_free: int = 0
    records_reachable: bool = True


class Tally:
    """Every count of one service. A collector for prometheus_client."""

    def __init__(self, gauges: Callable[[], Gauges]) -> None:
        self._gauges = gauges
        self.outcomes: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.shadow: Counter[str] = Counter()
        self.unavailable: Counter[str] = Counter()
        self.rejects: Counter[str] = Counter()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.duplicates = 0
        self.latency = Spread()
        self.further: list[Collector] = []

    def add(self, decision: Decision) -> None:
        """Counts a decision."""
        self.outcomes[decision.outcome] += 1
        for fired in decision.fired:
            self.rules[fired.rule] += 1
        for fired in decision.shadow:
            self.shadow[fired.rule] += 1
        for lost in decision.unavailable:
            self.unavailable[lost.name] += 1

    def reject(self, error: EventError) -> None:
        """Counts a reject."""
        self.rejects[error.code] += 1

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        labelled = [
            ("tocsin_decisions", "Decisions by outcome", "outcome", self.outcomes),
            ("tocsin_rules_fired", "Fired rules", "rule", self.rules),
            ("tocsin_rules_shadow", "Shadow rules that would have fired", "rule", self.shadow),
            ("tocsin_unavailable", "Signals, features and lists that could not be had", "name", self.unavailable),
            ("tocsin_rejects", "Rejected events by error", "error", self.rejects),
        ]
        for name, title, label, counts in labelled:
            family = CounterMetricFamily(name, title, labels=[label])
            for value, count in counts.items():
                family.add_metric([str(value)], count)
            yield family
        requests = CounterMetricFamily(
            "tocsin_http_requests", "Requests by route and status", labels=["route", "status"]
        )
        for (route, status), count in self.requests.items():
            requests.add_metric([route, str(status)], count)
        yield requests
        yield CounterMetricFamily("tocsin_duplicates", "Events whose id had been decided", value=self.duplicates)
        yield self.latency.family("tocsin_decision_seconds", "From an event's arrival to its durable decision")
        yield from self._collect_gauges()
        for each in self.further:
            yield from each.collect()

    def _collect_gauges(self) -> Iterator[Metric]:
        now = self._gauges()
        yield CounterMetricFamily("tocsin_late_events", "Events too late for their windows", value=now.late)
        values: dict[str, tuple[str, float]] = {
            "tocsin_journal_waiting": ("Entries decided and not yet on the disk", now.journal_waiting),
            "tocsin_journal_last_seq": ("Number of the last entry on the disk", now.journal_last_seq),
            "tocsin_state_cells": ("Keys held in windows", now.state_cells),
            "tocsin_state_entries": ("Events held in windows", now.state_entries),
            "tocsin_state_bytes": ("Bytes reserved for windows", now.state_bytes),
            "tocsin_ready": ("1 when decisions are taken", int(now.ready)),
            "tocsin_clock_seconds": ("The service's clock, in seconds since 1970 UTC", now.clock_s),
            "tocsin_disk_free_bytes": ("Bytes free below the data folder", now.disk_free),
            "tocsin_records_reachable": ("1 while the database of keys and lists answers", int(now.records_reachable)),
        }
        if now.consumer_lag is not None:
            values["tocsin_consumer_lag"] = ("Messages of the stream that wait", now.consumer_lag)
        for name, (title, value) in values.items():
            yield GaugeMetricFamily(name, title, value=value)
