"""The way in from Kafka: one member of a consumer group.

Receives settings. Gives records of the partitions that it owns. An offset is committed when it is told to, never
otherwise. Runs on one thread, on which the library also calls back.
"""

from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record

from tocsin.app.stream_settings import KafkaSettings
from tocsin.app.streams.kafka.setup import OUTAGE, consumer_config, words
from tocsin.app.streams.line import Line
from tocsin.app.streams.message import Message, Place
from tocsin.model.errors import StreamDown

LAG_S = 1.0
Part = tuple[str, int]
"""Topic and partition."""


class Member:
    """Is one until it leaves.

    Each assignment begins a new term of its partitions. What was handed on in an earlier term is not committed any more:
    the partition may have been another's meanwhile, or may have begun anew.
    """

    def __init__(self, settings: KafkaSettings, line: Line) -> None:
        """Joins.

        Raises:
            KafkaException: the library does not take a property.
        """
        self._line = line
        self._terms: dict[Part, int] = {}
        self._term = 0
        self._handed: dict[Part, int] = {}
        self._done: dict[Part, int] = {}
        self._places: dict[Part, int] = {}
        self._held: list[Record] = []
        self._paused = False
        self._consumer = Consumer(consumer_config(settings, self._on_error))
        self._consumer.subscribe(
            list(settings.topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def fetch(self, limit: int, wait_s: float) -> list[Message]:
        """Records of owned partitions, in the order of each.

        Raises:
            StreamDown: the library has given up.
        """
        try:
            self._resume()
            if not self._held:
                first = self._consumer.poll(wait_s)
                self._held = [first] if first is not None else []
            if self._held and len(self._held) < limit:
                more = self._consumer.consume(limit - len(self._held), 0)
                self._held += more
        except (KafkaException, RuntimeError) as error:
            raise StreamDown(words(error)) from None
        taken, self._held = self._held[:limit], self._held[limit:]
        return [self._message(record) for record in taken if self._is_ours(record)]

    def commit(self, messages: Iterable[Message]) -> None:
        """Commits what is done. Where that fails, the next commit takes it along, or it comes again."""
        for message in messages:
            part = (message.place.source, message.place.partition or 0)
            if message.token == self._terms.get(part):
                self._done[part] = message.place.number + 1
        self._commit()

    def keep(self) -> None:
        """Stays in the group while nothing is fetched."""
        try:
            self._consumer.pause(self._consumer.assignment())
            self._paused = True
            record = self._consumer.poll(0)
        except (KafkaException, RuntimeError) as error:
            raise StreamDown(words(error)) from None
        if record is not None:
            self._held.append(record)

    def lag(self) -> int:
        """How many records of owned partitions wait, as of the last fetch.

        Raises:
            StreamDown: it cannot be known now, or no partition is owned.
        """
        if not self._terms:
            raise StreamDown("no partition is assigned yet")
        try:
            if not self._line.up or self._terms.keys() - self._places.keys():
                self._ask_places()
            return sum(max(0, self._end_of(part) - self._places[part]) for part in self._terms)
        except (KafkaException, RuntimeError) as error:
            raise StreamDown(words(error)) from None

    def leave(self) -> None:
        """Commits what is done and leaves the group."""
        self._commit()
        self._consumer.close()

    def _commit(self) -> None:
        if not self._done:
            return
        offsets = [TopicPartition(topic, partition, number) for (topic, partition), number in self._done.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except (KafkaException, RuntimeError) as error:
            self._line.note(f"offsets were not committed: {words(error)}")
            return
        self._places.update(self._done)
        self._done.clear()

    def _ask_places(self) -> None:
        """Asks from where each partition is not done; that it is answered shows that the broker can be reached."""
        parts = [TopicPartition(topic, number) for topic, number in sorted(self._terms)]
        for found in self._consumer.committed(parts, timeout=LAG_S):
            place = found.offset
            if place < 0:
                place, _ = self._consumer.get_watermark_offsets(
                    TopicPartition(found.topic, found.partition), timeout=LAG_S
                )
            self._places.setdefault((found.topic, found.partition), place)
        self._line.found()

    def _end_of(self, part: Part) -> int:
        """The offset that the next record of a partition will have, as of the last fetch."""
        _, end = self._consumer.get_watermark_offsets(TopicPartition(*part), cached=True)
        if end < 0:
            raise StreamDown("a partition was not fetched yet")
        return end

    def _is_ours(self, record: Record) -> bool:
        error = record.error()
        if error is not None:
            self._on_error(error)
            return False
        return (record.topic() or "", record.partition() or 0) in self._terms

    def _message(self, record: Record) -> Message:
        part = (record.topic() or "", record.partition() or 0)
        offset = record.offset() or 0
        again = offset < self._handed.get(part, 0)
        self._handed[part] = max(self._handed.get(part, 0), offset + 1)
        self._line.found()
        place = Place(part[0], offset, part[1])
        return Message(record.value() or b"", _headers(record), place, record.key(), again, self._terms[part])

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False

    def _on_assign(self, _: Consumer, parts: Sequence[TopicPartition]) -> None:
        self._term += 1
        self._terms.update(((part.topic, part.partition), self._term) for part in parts)
        self._paused = True  # a partition that was paused when it was lost is still paused when it returns
        self._line.found()

    def _on_revoke(self, _: Consumer, parts: Sequence[TopicPartition]) -> None:
        self._commit()
        self._drop(parts)

    def _on_lost(self, _: Consumer, parts: Sequence[TopicPartition]) -> None:
        self._drop(parts)

    def _drop(self, parts: Sequence[TopicPartition]) -> None:
        lost = {(part.topic, part.partition) for part in parts}
        self._held = [record for record in self._held if (record.topic(), record.partition()) not in lost]
        for part in lost:
            self._terms.pop(part, None)
            self._done.pop(part, None)
            self._places.pop(part, None)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._line.lost(error.str())
        elif error.code() not in OUTAGE:
            self._line.note(error.str())


def _headers(record: Record) -> tuple[tuple[str, str], ...]:
    found = record.headers() or ()
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((name, _text(value)) for name, value in pairs)


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value or ""
