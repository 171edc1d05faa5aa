"""What every transport keeps: the order, what was not acknowledged, and what was sent."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.servers.broker import KafkaRig, NatsRig
from tests.servers.memory import MemoryRig
from tocsin.app.streams.message import Letter, Message
from tocsin.app.streams.transport import Transport
from tocsin.model.errors import StreamDown, StreamUnfit

Rig = NatsRig | KafkaRig | MemoryRig
DEADLINE_S = 20.0


@pytest.fixture(params=("nats", "kafka", "memory"))
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A broker that has nothing yet."""
    rigs: dict[str, Callable[[], Rig]] = {
        "nats": lambda: NatsRig(tmp_path / "broker"),
        "kafka": KafkaRig,
        "memory": MemoryRig,
    }
    rig = rigs[request.param]()
    yield rig
    rig.stop()


@pytest.fixture
def rig(bare: Rig) -> Rig:
    if isinstance(bare, NatsRig):
        bare.make(ack_wait_s=30.0)
    else:
        bare.make()
    return bare


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await asyncio.wait_for(work(), 60)

    asyncio.run(within())


@asynccontextmanager
async def opened(rig: Rig) -> AsyncIterator[Transport]:
    transport: Transport = rig.transport()
    try:
        await transport.open()
        yield transport
    finally:
        await transport.close()


async def lag_becomes(transport: Transport, expected: int) -> None:
    """A broker may take a moment to count what was acknowledged."""
    ends = time.monotonic() + DEADLINE_S
    while await transport.lag() != expected:
        assert time.monotonic() < ends, await transport.lag()


async def take(transport: Transport, count: int, limit: int = 100) -> list[Message]:
    """So many messages, and not one more than `limit` at a time."""
    found: list[Message] = []
    ends = time.monotonic() + DEADLINE_S
    while len(found) < count and time.monotonic() < ends:
        some = await transport.fetch(limit, 0.2)
        assert len(some) <= limit
        found += some
    return found


def bodies(count: int, start: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(start, start + count)]


def test_messages_come_in_order_with_their_place_and_headers(rig: Rig) -> None:
    rig.produce(bodies(250), {"content-type": "application/json", "ce-x": "%20"})

    async def work() -> None:
        async with opened(rig) as transport:
            found = await take(transport, 250)
        assert [message.body for message in found] == bodies(250)
        assert {message.place.source for message in found} == {"tocsin.events"}
        numbers = [message.place.number for message in found]
        assert numbers == list(range(numbers[0], numbers[0] + 250))
        assert dict(found[0].headers) == {"content-type": "application/json", "ce-x": "%20"}
        assert not any(message.again for message in found)

    run(work)


def test_what_was_not_acknowledged_comes_first_and_at_once(rig: Rig) -> None:
    rig.produce(bodies(60))

    async def work() -> None:
        async with opened(rig) as transport:
            found = await take(transport, 60, 50)
            await transport.acknowledge(found[:20])
        await asyncio.to_thread(rig.produce, bodies(40, 60))
        async with opened(rig) as transport:
            found = await take(transport, 80)
            assert [message.body for message in found] == bodies(80, 20)
            await transport.open()
            found = await take(transport, 80)
            assert [message.body for message in found] == bodies(80, 20), "and so it does after each opening"
            await transport.acknowledge(found)
            await lag_becomes(transport, 0)

    run(work)


def test_what_was_acknowledged_does_not_come_again(rig: Rig) -> None:
    rig.produce(bodies(30))

    async def work() -> None:
        async with opened(rig) as transport:
            found = await take(transport, 30)
            await transport.acknowledge(found)
            await lag_becomes(transport, 0)
        async with opened(rig) as transport:
            await asyncio.to_thread(rig.produce, bodies(1, 30))
            assert [message.body for message in await take(transport, 1)] == bodies(1, 30)
            assert await transport.fetch(10, 0.2) == []

    run(work)


def test_the_lag_counts_what_waits_and_what_is_in_hand(rig: Rig) -> None:
    rig.produce(bodies(70))

    async def work() -> None:
        async with opened(rig) as transport:
            found = await take(transport, 10, 10)
            assert await transport.lag() == 70
            await transport.acknowledge(found)
            await lag_becomes(transport, 60)
            await transport.acknowledge(await take(transport, 60))
            await lag_becomes(transport, 0)

    run(work)


def test_letters_arrive_with_headers_and_are_confirmed(rig: Rig) -> None:
    async def work() -> None:
        letters = [Letter("tocsin.decisions", f"e/{n} 诈", b"%d" % n, (("a", "x 诈"),), b"k") for n in range(200)]
        big = Letter("tocsin.dead-letters", "big", b"x" * 1_048_000, (("tocsin-error", "too_large"),), may_cut=True)
        async with opened(rig) as transport:
            assert await transport.send(letters) == []
            assert await transport.send([big]) == []

    run(work)
    arrived = rig.letters("decisions")
    assert [body for body, _ in arrived] == bodies(200)
    assert arrived[0][1]["a"] == "x 诈"
    ((body, headers),) = rig.letters("dead-letters")
    assert headers["tocsin-error"] == "too_large"
    assert headers["tocsin-cut"] == "1048000"
    assert 800_000 < len(body) < 1_048_000


def test_a_letter_that_cannot_be_cut_and_is_too_large_is_not_confirmed(rig: Rig) -> None:
    async def work() -> None:
        big = Letter("tocsin.decisions", "big", b"x" * 1_100_000)
        async with opened(rig) as transport:
            assert await transport.send([Letter("tocsin.decisions", "e", b"{}"), big]) == [big]

    run(work)
    assert [body for body, _ in rig.letters("decisions")] == [b"{}"]


def test_while_the_broker_is_away_nothing_is_confirmed_and_then_all_goes_on(rig: Rig) -> None:
    rig.produce(bodies(10))
    letter = Letter("tocsin.decisions", "e", b"{}")

    async def is_refused(transport: Transport) -> bool:
        try:
            return await transport.send([letter]) == [letter]
        except StreamDown:
            return True

    async def go_on(transport: Transport, held: list[Message]) -> list[bytes]:
        """What comes when the broker is back."""
        again: list[bytes] = []
        ends = time.monotonic() + DEADLINE_S
        while not set(bodies(5, 10)) <= set(again) and time.monotonic() < ends:
            try:
                await transport.keep(held)
                again += [message.body for message in await transport.fetch(100, 0.1)]
            except StreamDown:
                await transport.open()
        return again

    async def work() -> None:
        async with opened(rig) as transport:
            found = await take(transport, 10)
            rig.kill()
            assert await is_refused(transport)
            with suppress(StreamDown):
                await transport.acknowledge(found)
            with pytest.raises(StreamDown):
                await transport.open()
            with pytest.raises(StreamDown):
                await transport.lag()
            await asyncio.to_thread(rig.restart)
            await asyncio.to_thread(rig.produce, bodies(5, 10))
            assert set(bodies(5, 10)) <= set(await go_on(transport, found))
            assert await transport.send([letter]) == []

    run(work)
    assert [body for body, _ in rig.letters("decisions")] == [b"{}"]


def test_what_is_absent_is_said_and_made_on_demand_only(bare: Rig) -> None:
    async def work() -> None:
        for _ in range(2):
            transport = bare.transport()
            with pytest.raises(StreamUnfit, match="--create"):
                await transport.open()
            await transport.close()
        for _ in range(2):
            made = bare.transport(create=True)
            await made.open()
            await made.close()
        found = bare.transport()
        await found.open()
        assert await found.send([Letter("tocsin.decisions", "e", b"1"), Letter("tocsin.dead-letters", "e", b"2")]) == []
        await found.close()

    run(work)
