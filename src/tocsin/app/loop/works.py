"""The works of the loop, each in its own rhythm.

Receives the parts of a service. Gives running tasks: the follower, the settler, what ends by itself, and the courier. Whatever fails
is tried again; nothing depends on any of them having been up.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from tocsin.app.delivery.courier import Courier
from tocsin.app.loop.follower import Follower
from tocsin.app.loop.settler import Settler
from tocsin.app.storage.records import Records
from tocsin.cases.queue import free_abandoned
from tocsin.measures.lifting import expire_due
from tocsin.model.errors import TocsinError

TICK_S = 0.2
END_EVERY_S = 5.0
PATIENCE_S = 2.0
log = structlog.get_logger("tocsin.loop")


class Parts(NamedTuple):
    """What works."""

    follower: Follower
    settler: Settler
    courier: Courier


class Works:
    """All works of one service."""

    def __init__(self, records: Records, parts: Parts, clock: Callable[[], int]) -> None:
        self._records = records
        self._follower = parts.follower
        self._settler = parts.settler
        self._courier = parts.courier
        self._clock = clock

    async def run(self) -> None:
        """Works until it is cancelled."""
        await asyncio.gather(self._follow(), self._settle(), self._end_what_is_over(), self._courier.run())

    def end_what_is_over(self) -> int:
        """Lifts what has come to its end and takes back cases whose lease has ended; answers how many."""
        with self._records.change() as session:
            now = self._clock()
            return len(expire_due(session, now)) + free_abandoned(session, now)

    async def _follow(self) -> None:
        while True:
            try:
                if not self._follower.is_placed:
                    await asyncio.to_thread(self._follower.start)
                passed = await asyncio.to_thread(self._follower.advance, self._clock())
            except TocsinError as error:
                log.warning("the loop waits", error=str(error))
                await asyncio.sleep(PATIENCE_S)
                continue
            if not passed:
                await asyncio.sleep(TICK_S)

    async def _settle(self) -> None:
        while True:
            try:
                done = await asyncio.to_thread(self._settler.advance)
            except TocsinError as error:
                log.warning("what follows waits", error=str(error))
                await asyncio.sleep(PATIENCE_S)
                continue
            if not done:
                await asyncio.sleep(TICK_S)

    async def _end_what_is_over(self) -> None:
        while True:
            try:
                ended = await asyncio.to_thread(self.end_what_is_over)
            except TocsinError as error:
                log.warning("what is over waits", error=str(error))
                ended = 0
            if not ended:
                await asyncio.sleep(END_EVERY_S)
