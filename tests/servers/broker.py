"""Brokers with what stands around them: a producer, and a reader of decisions and dead letters."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import nats
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka import Message as Record
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from tests.servers.kafka import QUICK, KafkaServer
from tests.servers.nats import NatsServer
from tocsin.app.stream_settings import KafkaSettings, NatsSettings
from tocsin.app.streams.kafka.setup import check_topics
from tocsin.app.streams.kafka.transport import KafkaTransport
from tocsin.app.streams.nats.transport import NatsTransport

Headers = dict[str, str]
Letter = tuple[bytes, Headers]
T = TypeVar("T")


class NatsRig:
    """JetStream."""

    name = "nats"

    def __init__(self, folder: Path) -> None:
        self.server = NatsServer(folder)
        self.server.start()

    def make(self, ack_wait_s: float = 1.0) -> None:
        """What the consumer needs, as an operator makes it."""

        async def make(js: JetStreamContext) -> None:
            for name in ("events", "decisions", "dead-letters"):
                await js.add_stream(name=f"tocsin-{name}", subjects=[f"tocsin.{name}"])
            config = ConsumerConfig(durable_name="tocsin", ack_policy=AckPolicy.EXPLICIT, ack_wait=ack_wait_s)
            await js.add_consumer("tocsin-events", config)

        self._with(make)

    def produce(self, bodies: Sequence[bytes], headers: Headers | None = None) -> None:
        """Sends events and waits until the broker has them."""

        async def produce(js: JetStreamContext) -> None:
            await asyncio.gather(*[await js.publish_async("tocsin.events", body, headers=headers) for body in bodies])

        self._with(produce)

    def letters(self, kind: str) -> list[Letter]:
        """Everything that was sent to `decisions` or `dead-letters` so far, in order."""

        async def read(js: JetStreamContext) -> list[Letter]:
            config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL)
            stream = await js.find_stream_name_by_subject(f"tocsin.{kind}")
            left = (await js.stream_info(stream)).state.messages
            found: list[Letter] = []
            reading = await js.pull_subscribe(f"tocsin.{kind}", config=config)
            while len(found) < left:
                found += [(message.data, message.headers or {}) for message in await reading.fetch(1_000, timeout=1)]
            return found

        return self._with(read)

    def exists(self, stream: str) -> bool:
        """Whether there is such a stream."""

        async def look(js: JetStreamContext) -> bool:
            try:
                await js.stream_info(stream)
            except NotFoundError:
                return False
            return True

        return self._with(look)

    def kill(self) -> None:
        self.server.kill()

    def restart(self) -> None:
        """The same address again, with what it had."""
        self.server.start()

    def transport(self, *, create: bool = False) -> NatsTransport:
        return NatsTransport(NatsSettings(url=[self.server.url]), create=create)

    def options(self) -> list[str]:
        return ["--url", self.server.url]

    def stop(self) -> None:
        self.server.stop()

    def _with(self, work: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        async def run() -> T:
            client = await nats.connect(self.server.url)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(run())


class KafkaRig:
    """Kafka's protocol."""

    name = "kafka"

    def __init__(self) -> None:
        self.server = KafkaServer()
        self.server.start()

    def make(self) -> None:
        """What the consumer needs, as an operator makes it."""
        check_topics(KafkaSettings(brokers=self.server.brokers), create=True)

    def produce(self, bodies: Sequence[bytes], headers: Headers | None = None) -> None:
        """Sends events and waits until the broker has them."""
        producer = Producer({"bootstrap.servers": self.server.brokers, "log_level": 0})
        failed: list[KafkaError] = []

        def on_delivery(error: KafkaError | None, _: Record) -> None:
            if error is not None:
                failed.append(error)

        pairs = [(name, value.encode()) for name, value in (headers or {}).items()]
        for body in bodies:
            producer.produce("tocsin.events", body, headers=pairs, on_delivery=on_delivery)
        assert producer.flush(20) == 0
        assert not failed

    def letters(self, kind: str) -> list[Letter]:
        """Everything that was sent to `decisions` or `dead-letters` so far, in order."""
        consumer = Consumer(
            {"bootstrap.servers": self.server.brokers, "group.id": "rig", "log_level": 0, "fetch.wait.max.ms": 50}
        )
        found: list[Letter] = []
        try:
            consumer.assign([TopicPartition(f"tocsin.{kind}", 0, 0)])
            while records := consumer.consume(10_000, 0.4):
                for record in records:
                    assert record.error() is None, record.error()
                    pairs = [(name, (value or b"").decode()) for name, value in record.headers() or ()]
                    found.append((record.value() or b"", dict(pairs)))
        finally:
            consumer.close()
        return found

    def kill(self) -> None:
        self.server.kill()

    def restart(self) -> None:
        """The same address again; what it had is gone."""
        self.server.start()
        self.make()

    def transport(self, *, create: bool = False) -> KafkaTransport:
        return KafkaTransport(KafkaSettings(brokers=self.server.brokers, properties=QUICK), create=create)

    def options(self) -> list[str]:
        properties = [f"{name}={value}" for name, value in QUICK.items()]
        return ["--brokers", self.server.brokers, *(word for each in properties for word in ("--property", each))]

    def stop(self) -> None:
        self.server.stop()
