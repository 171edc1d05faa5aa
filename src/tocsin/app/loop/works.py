"""The works of the loop, each in its own rhythm.

Receives the parts of a service. Gives running tasks: the follower, the settler, the auditor, what ends by itself, and the
courier. Whatever fails is tried again; nothing depends on any of them having been up.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from tocsin.app.delivery.courier import Courier
from tocsin.app.loop.auditor import Auditor
from tocsin.app.loop.follower import Follower
from tocsin.app.loop.lookout import Lookout
from tocsin.app.loop.settler import Settler
from tocsin.app.storage.records import Records
from tocsin.cases.queue import free_abandoned
from tocsin.measures.lifting import expire_due
from tocsin.model.errors import TocsinError

TICK_S = 0.2
LINK_EVERY_S = 1.0
END_EVERY_S = 5.0
LOOK_EVERY_S = 5.0
PATIENCE_S = 2.0
log = structlog.get_logger("tocsin.loop")


class Parts(NamedTuple):
    """What works."""

    follower: Follower
    settler: Settler
    auditor: Auditor
    courier: Courier
    lookout: Lookout


class Works:
    """All works of one service."""

    def __init__(self, records: Records, parts: Parts, clock: Callable[[], int]) -> None:
        self._records = records
        self._parts = parts
        self._clock = clock

    async def run(self) -> None:
        """Works until it is cancelled."""
        auditor, settler = self._parts.auditor, self._parts.settler
        await asyncio.gather(
            _repeat("what rules ask for", self._follow, TICK_S),
            _repeat("what follows from acts", settler.advance, TICK_S),
            _repeat("the audit log", lambda: auditor.advance(self._clock()), LINK_EVERY_S),
            _repeat("what comes back", self._parts.lookout.advance, LOOK_EVERY_S),
            _repeat("what is over", self.end_what_is_over, END_EVERY_S),
            self._parts.courier.run(),
        )

    def end_what_is_over(self) -> int:
        """Lifts what has come to its end and takes back cases whose lease has ended; answers how many."""
        with self._records.change() as session:
            now = self._clock()
            return len(expire_due(session, now)) + free_abandoned(session, now)

    def _follow(self) -> int:
        follower = self._parts.follower
        if not follower.is_placed:
            follower.start()
        return follower.advance(self._clock())


async def _repeat(name: str, work: Callable[[], int], rest_s: float) -> None:
    """Does a work in a thread, again at once where there was something to do, else after a rest; what fails, after a while."""
    while True:
        try:
            done = await asyncio.to_thread(work)
        except TocsinError as error:
            log.warning("a work of the loop waits", work=name, error=str(error))
            await asyncio.sleep(max(rest_s, PATIENCE_S))
            continue
        if not done:
            await asyncio.sleep(rest_s)
