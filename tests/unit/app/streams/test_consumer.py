"""What is taken is decided, published and acknowledged in this order, and held while it cannot be."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.servers.memory import MemoryRig
from tests.unit.app.streams.fakes import FakeEngine, events
from tocsin.app.service.engine import Engine
from tocsin.app.streams.consumer import Consumer, Wanted
from tocsin.app.streams.tally import StreamTally
from tocsin.model.errors import HistoryError, NotReady, Overloaded, StorageFull, StreamDown

WANTED = Wanted("tocsin.decisions", "tocsin.dead-letters", batch=10, until_idle_s=0.0)


class House:
    """A consumer with an engine and a broker that are fakes."""

    def __init__(self) -> None:
        self.rig = MemoryRig()
        self.rig.make()
        self.engine = FakeEngine()
        transport = self.rig.transport()
        self.tally = StreamTally(transport.line)
        self.consumer = Consumer(transport, cast("Engine", self.engine), WANTED, self.tally)

    def run(self, meanwhile: Callable[[], Any] | None = None) -> None:
        async def within() -> None:
            task = asyncio.create_task(self.consumer.run())
            if meanwhile is not None:
                while not meanwhile():
                    assert not task.done()
                    await asyncio.sleep(0.001)
            await asyncio.wait_for(task, 20)

        asyncio.run(within())

    def published(self) -> list[str]:
        return [letter.id for letter in self.rig.sent if letter.to == "tocsin.decisions"]


@pytest.fixture
def house() -> House:
    return House()


def names(count: int, start: int = 0) -> list[str]:
    return [f"e{number}" for number in range(start, start + count)]


def test_a_batch_is_acknowledged_only_after_it_is_published(house: House) -> None:
    house.rig.produce(events(25))
    house.run()
    assert house.rig.calls == [
        *("fetch 10", "send 10", "acknowledge 10"),
        *("fetch 10", "send 10", "acknowledge 10"),
        *("fetch 5", "send 5", "acknowledge 5"),
    ]
    assert house.engine.waits == 3, "one wait for the disk for each batch"
    assert house.published() == names(25)
    assert (house.tally.messages, house.tally.published) == (25, 25)


def test_what_is_no_event_goes_aside_and_the_rest_goes_on(house: House) -> None:
    house.rig.produce([*events(3), b"x", b"", *events(3, 3)])
    house.run()
    assert house.published() == names(6)
    assert [body for body, _ in house.rig.letters("dead-letters")] == [b"x", b""]
    assert house.tally.dead_letters == {"malformed": 2}
    assert house.rig.done == 8


@pytest.mark.parametrize("error", [Overloaded("o"), StorageFull("s"), NotReady("n")])
def test_nothing_is_fetched_while_the_engine_takes_nothing(house: House, error: HistoryError) -> None:
    house.rig.produce(events(5))
    house.engine.closed = error

    def opened() -> bool:
        if house.tally.held["engine"] < 2:
            return False
        assert not [call for call in house.rig.calls if call.startswith("fetch")]
        house.engine.closed = None
        return True

    house.run(opened)
    assert house.published() == names(5)


def test_a_full_disk_holds_the_batch_and_drops_nothing(house: House) -> None:
    house.rig.produce(events(10))
    house.engine.wait_fails = 3
    house.run()
    assert house.rig.calls == ["fetch 10", *["keep 10"] * 3, "send 10", "acknowledge 10"]
    assert list(house.engine.decided) == names(10)
    assert house.published() == names(10)


def test_an_engine_that_is_full_in_the_middle_of_a_batch_keeps_the_order(house: House) -> None:
    house.rig.produce([*events(4), b"x", *events(5, 4)])
    house.engine.refuse = {7: Overloaded("o")}
    house.run()
    assert list(house.engine.decided) == names(9)
    assert house.published() == names(9)
    assert len(house.rig.letters("dead-letters")) == 1
    assert house.rig.calls == ["fetch 10", "keep 10", "send 10", "acknowledge 10"]


def test_what_the_broker_does_not_confirm_is_sent_again_before_anything_is_acknowledged(house: House) -> None:
    house.rig.produce(events(10))
    transport = house.rig.transport()
    rest: list[int] = []

    async def send(letters: Any) -> Any:
        rest.append(len(letters))
        assert house.rig.done == 0
        house.rig.sent += letters[:4]
        return letters[4:]

    transport.send = send  # type: ignore[method-assign]
    house.consumer = Consumer(transport, cast("Engine", house.engine), WANTED, house.tally)
    house.run()
    assert rest == [10, 6, 2]
    assert house.published() == names(10)
    assert house.rig.done == 10


def test_a_stop_finishes_what_is_in_hand_and_fetches_nothing_more(house: House) -> None:
    house.rig.produce(events(30))
    house.engine.wait_fails = 2

    def stopped() -> bool:
        if house.tally.held["engine"] < 1:
            return False
        house.consumer.stopping.set()
        return True

    house.run(stopped)
    assert house.published() == names(10)
    assert house.rig.done == 10


def test_a_broker_that_goes_away_ends_the_run_with_nothing_acknowledged(house: House) -> None:
    house.rig.produce(events(10))

    def gone() -> bool:
        house.rig.away = bool(house.engine.decided)
        return house.rig.away

    house.engine.wait_fails = 1
    with pytest.raises(StreamDown):
        house.run(gone)
    assert house.rig.done == 0


def test_a_duplicate_is_answered_with_its_decision_again(house: House) -> None:
    house.rig.produce([*events(2), *events(2)])
    house.run()
    assert house.published() == ["e0", "e1", "e0", "e1"]
    assert len(house.engine.decided) == 2
