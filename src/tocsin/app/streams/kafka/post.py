"""The way out to Kafka: an idempotent producer.

Receives letters. Gives back those that the brokers have not confirmed. A producer that has failed once is thrown away
with whatever it still holds: a broker that has forgotten its numbers would refuse it for ever. Runs on one thread.
"""

from collections.abc import Sequence
from contextlib import suppress

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Record

from tocsin.app.stream_settings import KafkaSettings
from tocsin.app.streams.kafka.setup import OUTAGE, ROOM, producer_config, words
from tocsin.app.streams.letter import fit
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Letter

PURGED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}
LIBRARY_FAULTS = (KafkaException, BufferError, SystemError)
"""What the library raises; SystemError is its way of leaving `flush` when the producer has failed for good meanwhile."""


class Post:
    """One producer at a time."""

    def __init__(self, settings: KafkaSettings, line: Line) -> None:
        """Makes the first.

        Raises:
            KafkaException: the library does not take a property.
        """
        self._settings = settings
        self._line = line
        self._producer: Producer | None = self._make()

    def send(self, letters: Sequence[Letter]) -> list[Letter]:
        """Publishes and waits for the brokers; answers with the letters that are not confirmed."""
        producer = self._producer = self._producer or self._make()
        confirmed: set[int] = set()
        try:
            for index, letter in enumerate(letters):
                self._produce(producer, letter, index, confirmed)
            producer.flush(self._within_s)
        except LIBRARY_FAULTS as error:
            self._line.note(words(error))
        left = [letter for index, letter in enumerate(letters) if index not in confirmed]
        if left:
            self.close()
        return left

    def close(self) -> None:
        """Throws the producer away."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(*LIBRARY_FAULTS):
                producer.purge()
                producer.flush(0)

    def _make(self) -> Producer:
        config = producer_config(self._settings, self._on_error)
        producer = Producer(config)
        self._within_s = float(config["message.timeout.ms"]) / 1_000 + 1
        return producer

    def _produce(self, producer: Producer, letter: Letter, index: int, confirmed: set[int]) -> None:
        def on_delivery(error: KafkaError | None, _: Record) -> None:
            if error is None:
                confirmed.add(index)
            elif error.code() not in PURGED:
                self._line.note(f"a letter was refused: {error.str()}")

        fitting = fit(letter, ROOM)
        if fitting is None:
            self._line.note(f"a letter of {len(letter.body)} bytes is larger than the brokers take")
            return
        headers: list[tuple[str, str | bytes | None]] = [
            (name, value.encode("utf-8", "surrogateescape")) for name, value in fitting.headers
        ]
        producer.produce(letter.to, fitting.body, letter.key, headers=headers, on_delivery=on_delivery)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() not in OUTAGE:  # the member tells of these
            self._line.note(error.str())
