"""What is done on the side.

Receives the service's clock. Gives snapshots, sealed stretches and the end of what was kept long enough, from time to
time. The work is done in child processes, so that no decision waits for it.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from tocsin.app.service.housekeeping.job import Job
from tocsin.app.service.snapshots import Snapshots
from tocsin.features.state import FeatureState
from tocsin.history.history import History
from tocsin.history.lake.files import Typing
from tocsin.history.retention import DAY_US, expire
from tocsin.model.event_type import EventTypes

TICK_S = 0.5
REQUEST_DAYS = 7
"""How long an Idempotency-Key is remembered; event ids are for as long as the event is kept."""

SNAPSHOT_ENTRIES = 100_000
"""Entries after which a snapshot is due whatever the time: their replay is what a crash costs."""
log = structlog.get_logger("tocsin.keeper")


class Rhythm(Struct, frozen=True):
    """How often, and from how many entries on."""

    snapshot_every_s: float
    compact_every_s: float
    stretch: int
    keep_days: Mapping[str, int]


class Keeper:
    """The side work of one service. `seq` tells the number of the last entry in the state."""

    def __init__(self, folder: Path, history: History, snapshots: Snapshots, rhythm: Rhythm) -> None:
        self._folder = folder
        self._history = history
        self._snapshots = snapshots
        self._rhythm = rhythm
        self._snapshot_seq = max(snapshots.found(), default=0)
        self._child: asyncio.subprocess.Process | None = None

    def is_behind(self, seq: int) -> bool:
        """Whether so much came since the last snapshot that the next one should not wait."""
        return seq - self._snapshot_seq >= SNAPSHOT_ENTRIES

    async def snapshot(self, state: FeatureState, seq: int) -> bool:
        """One snapshot by a child process; kept once all of it is in the journal. False where nothing is new, or it failed."""
        if seq <= self._snapshot_seq:
            return False
        child = self._snapshots.begin(state, seq)
        _, status = await asyncio.to_thread(os.waitpid, child, 0)
        if status != 0:
            self._snapshots.drop(seq)
            log.warning("a snapshot could not be written", snapshot=seq)
            return False
        while self._history.journal.last_seq < seq:
            await asyncio.sleep(TICK_S / 10)
        self._snapshots.keep(seq)
        self._snapshot_seq = seq
        return True

    async def compact(self, types: EventTypes) -> int:
        """Seals what is ready in a child process; answers how many entries left the journal."""
        journal = self._history.journal
        if journal.last_seq - journal.first_seq() + 1 < self._rhythm.stretch:
            return 0
        job = Job(str(self._folder), self._rhythm.stretch, msgspec.msgpack.encode(list(types.values())))
        pipe = asyncio.subprocess.PIPE
        self._child = child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tocsin.app.service.housekeeping.sealer", stdin=pipe, stdout=pipe
        )
        told, _ = await child.communicate(msgspec.msgpack.encode(job))
        self._child = None
        if child.returncode != 0:
            log.warning("a compaction failed", code=child.returncode)
            return 0
        return int(told)

    async def expire(self, typing: Typing, now_us: int) -> int:
        """Deletes what has been kept long enough, Idempotency-Keys too; answers how many entries."""
        await asyncio.to_thread(self._history.journal.forget_requests, now_us - REQUEST_DAYS * DAY_US)
        if not self._rhythm.keep_days:
            return 0
        return await asyncio.to_thread(expire, self._history, typing, self._rhythm.keep_days, now_us)

    def stop(self) -> None:
        """Ends a child that is at work; what it had not finished is done again later."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
