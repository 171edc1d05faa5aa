"""Back to where the service was.

Receives a history and its snapshots. Gives the windows exactly as an uninterrupted run would have them: the newest
snapshot that fits, then every entry after it, in order. Never decides anything.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

import structlog
from msgspec import Struct

from tocsin.app.service.snapshots import Snapshots
from tocsin.decide.decider import Decider
from tocsin.history.entry import Entry
from tocsin.history.history import History
from tocsin.ingest.reader import EventReader
from tocsin.model.errors import EventError, StateError

AT_ONCE = 500
SLICE_S = 0.02
"""How long one slice of work may take, so that health can be asked in between."""

log = structlog.get_logger("tocsin.recovery")


class Recovered(Struct, frozen=True):
    """What a recovery came to."""

    snapshot_seq: int
    replayed: int
    unreadable: int
    seconds: float


class Recovery:
    """One recovery, in slices. `done` tells the result when there are no more slices."""

    def __init__(self, history: History, snapshots: Snapshots, decider: Decider, reader: EventReader) -> None:
        self._history = history
        self._snapshots = snapshots
        self._decider = decider
        self._reader = reader
        self.done: Recovered | None = None

    def slices(self) -> Iterator[int]:
        """Works a slice at a time, giving the number of the last entry replayed."""
        began = time.perf_counter()
        start = self._restore()
        yield start
        replayed = seen = 0
        entries = self._history.read(start)
        slice_ends = time.perf_counter() + SLICE_S
        while part := list(islice(entries, AT_ONCE)):
            seen += len(part)
            replayed += self._replay(part)
            if time.perf_counter() > slice_ends:
                yield part[-1].seq
                slice_ends = time.perf_counter() + SLICE_S
        self.done = Recovered(start, replayed, seen - replayed, time.perf_counter() - began)

    def _restore(self) -> int:
        """The number of the snapshot that was taken up; 0 where none fits."""
        last = self._history.journal.last_seq
        for seq in self._snapshots.found():
            if seq > last:
                log.warning("a snapshot is ahead of the journal and is not used", snapshot=seq, journal=last)
                continue
            try:
                self._snapshots.restore(self._decider.features, seq)
            except StateError as error:
                log.warning("a snapshot is not used", snapshot=seq, reason=str(error))
                continue
            return seq
        return 0

    def _replay(self, entries: Sequence[Entry]) -> int:
        """Lets entries into the windows; answers how many. Those that are erased, or that no loaded pack can read any more, are
        passed over.
        """
        events = []
        for entry in entries:
            if not entry.erased:
                with suppress(EventError):
                    events.append(self._reader.read_json(entry.event))
        self._decider.replay(events)
        return len(events)
