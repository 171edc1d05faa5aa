"""From messages to decisions, whatever the broker.

Receives messages in the order of their stream. Gives them to the engine as one batch, waits until it is on the disk,
publishes the decisions and the dead letters, and only then acknowledges. While the engine or the broker cannot go on, it
holds what it has and fetches nothing. All of it runs on the loop's thread.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from msgspec import Struct

from tocsin.app.service.engine import Engine, Ticket
from tocsin.app.streams.envelope import read_body
from tocsin.app.streams.letter import dead_letter, decision_letter
from tocsin.app.streams.line import Delay
from tocsin.app.streams.message import Letter, Message
from tocsin.app.streams.tally import StreamTally
from tocsin.app.streams.transport import Transport
from tocsin.model.errors import EventError, HistoryError, StreamDown

WAIT_S = 0.5
"""How long a fetch waits for a first message, and so how soon a stop is noticed."""

TURN = 100
"""Events of a batch that are decided before others get their turn."""

log = structlog.get_logger("tocsin.streams")

Found = Ticket | EventError | None


class Wanted(Struct, frozen=True):
    """What a consumer is to do.

    Decisions and dead letters go to two subjects or topics. With `until_idle_s` it ends when nothing has come for so many
    seconds and nothing waits.
    """

    decisions: str
    dead_letters: str
    batch: int = 500
    until_idle_s: float | None = None


class Consumer:
    """One consumer on an engine that is ready, and on a transport that is open."""

    def __init__(self, transport: Transport, engine: Engine, wanted: Wanted, tally: StreamTally) -> None:
        self._transport = transport
        self._engine = engine
        self._wanted = wanted
        self._tally = tally
        self._delay = Delay()
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Consumes until `stopping` is set and what is in hand is acknowledged, or until the stream is drained.

        Raises:
            StreamDown: the transport must be opened again; what was in hand will come again.
        """
        loop = asyncio.get_running_loop()
        last_at = loop.time()
        while not self.stopping.is_set():
            if not self._is_open():
                await self._hold((), "engine")
                continue
            messages = await self._transport.fetch(self._wanted.batch, WAIT_S)
            if messages:
                await self._take(messages)
                last_at = loop.time()
            elif await self._is_drained(loop.time() - last_at):
                return

    async def _take(self, messages: Sequence[Message]) -> None:
        self._tally.messages += len(messages)
        self._tally.redelivered += sum(message.again for message in messages)
        found = await self._decide(messages)
        await self._publish(messages, found)
        await self._transport.acknowledge(messages)
        self._delay.reset()

    async def _decide(self, messages: Sequence[Message]) -> list[Ticket | EventError]:
        """One ticket or error for each message, all tickets on the disk."""
        found: list[Found] = [None] * len(messages)
        while True:
            try:
                await self._submit(messages, found)
                await self._engine.wait([each for each in found if isinstance(each, Ticket)])
            except HistoryError as error:
                log.debug("a batch is held", reason=str(error))
                found = [each if _is_settled(each) else None for each in found]
                await self._hold(messages, "engine")
            else:
                return [each for each in found if each is not None]

    async def _submit(self, messages: Sequence[Message], found: list[Found]) -> None:
        """Submits what has not been, in order; what was decided before gets its decision again."""
        for place, message in enumerate(messages):
            if found[place] is None:
                try:
                    found[place] = self._engine.submit(read_body(message))
                except EventError as error:
                    found[place] = error
            if place % TURN == TURN - 1:
                await asyncio.sleep(0)

    async def _publish(self, messages: Sequence[Message], found: Sequence[Ticket | EventError]) -> None:
        """Publishes until the broker has confirmed every letter."""
        left = [self._letter(message, each) for message, each in zip(messages, found, strict=True)]
        while left := await self._transport.send(left):
            await self._hold(messages, "broker")
        dead = [each.code for each in found if isinstance(each, EventError)]
        self._tally.dead_letters.update(dead)
        self._tally.published += len(found) - len(dead)

    def _letter(self, message: Message, found: Ticket | EventError) -> Letter:
        if isinstance(found, EventError):
            return dead_letter(message, found, self._wanted.dead_letters)
        return decision_letter(found.decision, self._wanted.decisions)

    async def _hold(self, messages: Sequence[Message], cause: str) -> None:
        """Waits, a little longer each time. A stop ends the wait where nothing is in hand; the rest is worth finishing."""
        self._tally.held[cause] += 1
        await self._transport.keep(messages)
        if messages:
            await asyncio.sleep(self._delay.next_s())
        else:
            await pause(self.stopping, self._delay.next_s())

    def _is_open(self) -> bool:
        try:
            self._engine.check_open()
        except HistoryError:
            return False
        return True

    async def _is_drained(self, quiet_s: float) -> bool:
        wanted = self._wanted.until_idle_s
        if wanted is None or quiet_s < wanted:
            return False
        try:
            return await self._transport.lag() == 0
        except StreamDown:
            return False


async def watch_lag(transport: Transport, report: Callable[[int], None], every_s: float) -> None:
    """Reports from time to time how many messages wait; runs until it is cancelled."""
    while True:
        with suppress(StreamDown):
            report(await transport.lag())
        await asyncio.sleep(every_s)


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Waits, but not beyond a stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


def _is_settled(found: Found) -> bool:
    """Whether nothing need be asked again: an error, or what had been on the disk before."""
    return isinstance(found, EventError) or (found is not None and found.group is None)
