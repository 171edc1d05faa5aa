"""A consumer begins with the service and ends before it, and no trouble with a broker takes the service along."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

from tests.servers.memory import MemoryRig
from tests.unit.app.streams.fakes import FakeEngine, events
from tocsin.app.service.service import Service
from tocsin.app.streams.companion import StreamCompanion
from tocsin.app.streams.consumer import Wanted
from tocsin.model.errors import InputError


class Scene:
    """A service with a companion."""

    def __init__(self, *, until_idle_s: float | None = None) -> None:
        self.rig = MemoryRig()
        self.rig.make()
        self.engine = FakeEngine()
        self.service = SimpleNamespace(engine=self.engine, tally=SimpleNamespace(further=[]), consumer_lag=None)
        wanted = Wanted("tocsin.decisions", "tocsin.dead-letters", 10, until_idle_s)
        self.transport = self.rig.transport()
        self.companion = StreamCompanion(self.transport, wanted)
        self.ended = 0

    def run(self, work: Callable[[], Awaitable[Any]]) -> None:
        def end() -> None:
            self.ended += 1

        async def within() -> None:
            self.companion.on_end = end
            self.companion.start(cast("Service", self.service))
            await work()
            await self.companion.stop(5.0)

        asyncio.run(asyncio.wait_for(within(), 20))


async def until(found: Callable[[], Any]) -> None:
    while not found():
        await asyncio.sleep(0.002)


def test_nothing_is_fetched_before_the_service_is_ready() -> None:
    scene = Scene()
    scene.engine.ready = False
    scene.rig.produce(events(3))

    async def work() -> None:
        await asyncio.sleep(0.05)
        assert scene.rig.calls == []
        scene.engine.ready = True
        await until(lambda: scene.rig.done == 3)

    scene.run(work)
    assert scene.ended == 1


def test_a_stream_that_is_absent_from_the_first_is_a_fault() -> None:
    scene = Scene()
    scene.rig.topics.clear()
    scene.run(lambda: until(lambda: scene.ended))
    assert "--create" in str(scene.companion.fault)


def test_a_stream_that_vanishes_later_is_waited_for() -> None:
    scene = Scene()
    scene.rig.produce(events(3))

    async def work() -> None:
        await until(lambda: scene.rig.done == 3)
        scene.rig.topics.clear()
        scene.rig.away = True
        await until(lambda: not scene.transport.line.up)
        scene.rig.away = False
        await asyncio.sleep(0.1)
        assert not scene.transport.line.up
        scene.rig.make()
        scene.rig.produce(events(3, 3))
        await until(lambda: scene.rig.done == 6)

    scene.run(work)
    assert scene.companion.fault is None


def test_a_broker_that_is_away_from_the_first_is_waited_for() -> None:
    scene = Scene()
    scene.rig.away = True
    scene.rig.produce(events(3))

    async def work() -> None:
        await asyncio.sleep(0.1)
        scene.rig.away = False
        await until(lambda: scene.rig.done == 3)

    scene.run(work)
    assert scene.companion.fault is None


def test_a_fault_of_ours_is_logged_and_the_consumer_begins_anew() -> None:
    scene = Scene()
    scene.engine.broken = 1
    scene.rig.produce(events(3))
    scene.run(lambda: until(lambda: scene.rig.done == 3))
    assert list(scene.engine.decided) == ["e0", "e1", "e2"]


def test_whatever_happens_when_it_is_opened_it_is_tried_again() -> None:
    scene = Scene()
    scene.rig.produce(events(3))
    opening, errors = scene.transport.open, [AttributeError("a fault of ours"), InputError("the file is gone")]

    async def open_at_last() -> None:
        if errors:
            raise errors.pop()
        await opening()

    scene.transport.open = open_at_last  # type: ignore[method-assign]
    scene.run(lambda: until(lambda: scene.rig.done == 3))
    assert scene.companion.fault is None


def test_it_ends_by_itself_when_the_stream_is_drained_and_reports_the_lag() -> None:
    scene = Scene(until_idle_s=0.05)
    scene.rig.produce(events(30))
    scene.run(lambda: until(lambda: scene.ended))
    assert scene.rig.done == 30
    assert scene.service.consumer_lag is not None
    assert scene.rig.calls[-1] == "close"


def test_a_stop_while_the_broker_is_away_does_not_wait_for_it() -> None:
    scene = Scene()
    scene.rig.away = True

    async def work() -> None:
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        await scene.companion.stop(5.0)
        assert asyncio.get_running_loop().time() - began < 1.0

    scene.run(work)
    assert scene.ended == 1


def test_a_stop_gives_up_what_the_broker_never_confirms() -> None:
    scene = Scene()
    scene.rig.produce(events(3))

    async def send(letters: Any) -> Any:
        return letters

    scene.transport.send = send  # type: ignore[method-assign]

    async def work() -> None:
        await until(lambda: scene.engine.decided)
        await scene.companion.stop(0.1)

    scene.run(work)
    assert scene.ended == 1
    assert scene.rig.done == 0
    assert scene.rig.calls[-1] == "close"
