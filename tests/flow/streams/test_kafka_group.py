"""What is Kafka's own: partitions that change hands, and properties."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.servers.broker import KafkaRig
from tocsin.app.stream_settings import KafkaSettings
from tocsin.app.streams.kafka.transport import KafkaTransport
from tocsin.app.streams.message import Letter, Message
from tocsin.model.errors import StreamUnfit

TOPIC = "tocsin.events"


@pytest.fixture
def rig() -> Iterator[KafkaRig]:
    made = KafkaRig()
    yield made
    made.stop()


async def take(transports: list[KafkaTransport], count: int) -> list[list[Message]]:
    """What each gets until they have so many messages together."""
    found: list[list[Message]] = [[] for _ in transports]
    ends = time.monotonic() + 20
    while sum(map(len, found)) < count and time.monotonic() < ends:
        for place, transport in enumerate(transports):
            found[place] += await transport.fetch(500, 0.05)
    return found


def test_what_was_in_hand_when_a_partition_changed_hands_is_not_committed(rig: KafkaRig) -> None:
    admin = AdminClient({"bootstrap.servers": rig.server.brokers})
    admin.create_topics([NewTopic(TOPIC, 2, 1)])[TOPIC].result(10)
    rig.make()
    rig.produce([b"%d" % number for number in range(100)])

    async def work() -> None:
        one, other = rig.transport(), rig.transport()
        await one.open()
        ((held),) = await take([one], 100)
        assert {message.place.partition for message in held} == {0, 1}
        done = [message for message in held if message.place.number < 10]
        await one.acknowledge(done)
        await other.open()
        mine, theirs = await take([one, other], 80)
        assert len({message.place.partition for message in mine}) == 1
        assert len({message.place.partition for message in theirs}) == 1
        assert {message.body for message in (*mine, *theirs, *done)} == {message.body for message in held}
        await one.acknowledge(held)  # of an earlier term: nothing of it is committed
        assert await one.lag() == len(mine)
        await one.acknowledge(mine)
        assert await one.lag() == 0
        await one.close()
        await other.close()

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_partition_that_was_paused_when_it_was_lost_goes_on_when_it_returns(rig: KafkaRig) -> None:
    rig.make()
    rig.produce([b"1"])
    letter = Letter("tocsin.decisions", "e", b"{}")

    async def work() -> None:
        transport = rig.transport()
        await transport.open()
        ((held),) = await take([transport], 1)
        rig.kill()
        assert await transport.send([letter]) == [letter]  # for longer than the group waits for a member
        await transport.keep(held)
        await asyncio.to_thread(rig.restart)
        await asyncio.to_thread(rig.produce, [b"2"])
        assert [message.body for message in (await take([transport], 1))[0]] == [b"2"]
        await transport.close()

    asyncio.run(asyncio.wait_for(work(), 60))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"properties": {"no.such.property": "1"}}, "no.such.property"),
        ({"decisions": TOPIC}, "letters need topics of their own"),
        ({"topics": ["absent"]}, "there is no topic absent"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(rig: KafkaRig, settings: dict[str, object], words: str) -> None:
    rig.make()

    async def work() -> None:
        transport = KafkaTransport(KafkaSettings(brokers=rig.server.brokers, **settings))
        with pytest.raises(StreamUnfit, match=words):
            await transport.open()
        await transport.close()

    asyncio.run(work())
