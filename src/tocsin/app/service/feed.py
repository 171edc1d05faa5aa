"""The lists that rules look into, as the records have them.

Receives the records and the lists of the loaded packs. Gives each change to the lists within a moment, whichever process
made it. Reads on a thread, so that no decision waits; where the records cannot be read, what was read last stays.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from tocsin.app.storage.records import Records
from tocsin.model.errors import StorageFull
from tocsin.rulebook.lists import Change, apply_changes, read_changes, read_standing
from tocsin.rules.value_list import ValueList

TICK_S = 0.5
SLICE = 2_000
"""Changes that are applied before decisions get their turn."""
PATIENCE = 3
log = structlog.get_logger("tocsin.lists")


class ListFeed:
    """Follows the records. Everything but the reading happens on the loop's thread.

    Who changes a list in the records and in memory holds `turn` meanwhile, so that both have the same order.
    """

    def __init__(self, records: Records, lists: Mapping[str, ValueList], clock: Callable[[], int]) -> None:
        self._records = records
        self._lists = lists
        self._clock = clock
        self._version = -1
        self._number = 0
        self._unknown: set[str] = set()
        self.turn = asyncio.Lock()

    def start(self) -> None:
        """Gives the lists everything that stands.

        Raises:
            StorageFull: the records cannot be read.
        """
        self._version = self._records.version()
        with self._records.session() as session:
            self._number, changes = read_standing(session, self._lists, self._clock())
        self._apply(changes)

    async def run(self) -> None:
        """Follows until it is cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.follow()
            except StorageFull:
                continue  # told by the records themselves
            except Exception:  # whatever it was, the lists must go on being followed
                log.exception("list changes cannot be followed")

    async def follow(self) -> bool:
        """Takes in what has changed since the last time; False where nothing had.

        Raises:
            StorageFull: the records cannot be read.
        """
        if self._records.version() == self._version and not self._records.fault:
            return False
        for _ in range(PATIENCE):
            version = self._records.version()
            number, changes = await asyncio.to_thread(self._read)
            if self._records.version() == version:
                break  # else somebody has changed something meanwhile, and what was read may be older than what the lists have
        for begin in range(0, len(changes), SLICE):
            self._apply(changes[begin : begin + SLICE])
            await asyncio.sleep(0)
        self._version, self._number = version, number
        return bool(changes)

    def _read(self) -> tuple[int, list[Change]]:
        with self._records.session() as session:
            return read_changes(session, self._number)

    def _apply(self, changes: list[Change]) -> None:
        for name in apply_changes(self._lists, changes):
            if name not in self._unknown:
                self._unknown.add(name)
                log.warning("no loaded pack has this list; its entries wait", list=name)
