"""What a consumer counts.

Receives messages and letters as they pass. Gives Prometheus families beside those of the service.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tocsin.app.streams.line import Line


class StreamTally(Collector):
    """Every count of one consumer. A collector for prometheus_client."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.messages = 0
        self.redelivered = 0
        self.published = 0
        self.dead_letters: Counter[str] = Counter()
        self.held: Counter[str] = Counter()

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        yield CounterMetricFamily("tocsin_stream_messages", "Messages fetched from the stream", value=self.messages)
        yield CounterMetricFamily(
            "tocsin_stream_redelivered", "Messages that had been delivered before", value=self.redelivered
        )
        yield CounterMetricFamily("tocsin_stream_published", "Decisions published", value=self.published)
        dead = CounterMetricFamily("tocsin_stream_dead_letters", "Messages that are no event", labels=["error"])
        for code, count in self.dead_letters.items():
            dead.add_metric([code], count)
        yield dead
        held = CounterMetricFamily("tocsin_stream_held", "Waits before the same batch is tried again", labels=["cause"])
        for cause, count in self.held.items():
            held.add_metric([cause], count)
        yield held
        yield CounterMetricFamily(
            "tocsin_stream_reconnects", "Times the broker was reached again", value=self._line.reconnects
        )
        yield GaugeMetricFamily("tocsin_stream_connected", "1 when the broker is reached", value=int(self._line.up))
