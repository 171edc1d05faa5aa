"""Journal, lake and index as one.

Receives a folder. Gives entries by number, by id, by entity, in order or newest first, wherever they lie, also while a
stretch is on its way from the journal to the lake. Never decides what is written.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from msgspec import Struct

from tocsin.history.entry import Entry
from tocsin.history.index import Index
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake, LakeFile, day_of
from tocsin.history.ownership import Ownership, sole_change
from tocsin.history.reading import Reading
from tocsin.model.errors import HistoryBusy

INDEX_EVERY = 2_000
LOOK_LIMIT = 200_000
"""Entries that one search looks at before it answers with what it has."""


class Filter(Struct, frozen=True, kw_only=True):
    """Which entries are wanted; empty and None want all. Times are microseconds since 1970 UTC, `until` exclusive."""

    outcome: str = ""
    type: str = ""
    rule: str = ""
    entity: str = ""
    since: int | None = None
    until: int | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is one of those wanted."""
        return (
            (not self.outcome or entry.outcome == self.outcome)
            and (not self.type or entry.type == self.type)
            and (not self.rule or self.rule in entry.rules)
            and (not self.entity or self.entity in entry.entities)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )

    def may_lie_in(self, file: LakeFile) -> bool:
        """Whether a file may hold an entry that is wanted."""
        return (
            self.type in ("", file.type)
            and (self.since is None or file.day >= day_of(self.since))
            and (self.until is None or file.day <= day_of(self.until))
        )


class History(Reading):
    """The whole history in one folder, for the one process that has it."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes it, and brings the index up to the journal.

        Raises:
            StorageFull: the folder cannot be written.
            HistoryDamaged: what is there is no history.
            HistoryBusy: another process has it.
        """
        self._folder = folder
        with ExitStack() as undo:
            ownership = Ownership(folder)
            undo.callback(ownership.close)
            journal = Journal(folder)
            undo.callback(journal.close)
            super().__init__(journal, Lake(folder, journal))
            self._ownership = ownership
            self._sweep()
            self.index = Index(folder)
            self.caught_up = self._catch_up()
            undo.pop_all()

    def close(self) -> None:
        """Gives the folder free, also where the index cannot be put on the disk and says so with an Exception of its own."""
        try:
            self.index.close()
        finally:
            self.journal.close()
            self._ownership.close()

    def renew_index(self) -> None:
        """Opens the index anew after a failed write and brings it up to the journal; the old one must be closed."""
        self.index = Index(self._folder)
        self._catch_up()

    def find(self, event_id: str) -> Entry | None:
        """The entry of an event."""
        seq = self.index.find(event_id)
        return self.at(seq) if seq is not None else None

    def of_entity(self, entity: str, limit: int, before: int | None = None) -> list[Entry]:
        """The newest entries that touch an entity."""
        found = []
        for seq in self.index.of_entity(entity, before):
            entry = self.at(seq)
            if entry is not None and not entry.erased:
                found.append(entry)
            if len(found) == limit:
                break
        return found

    def newest(self, wanted: Filter, limit: int, before: int | None = None) -> tuple[list[Entry], int | None]:
        """The newest entries that fit, those below `before` only, and the number below which to go on.

        At most LOOK_LIMIT entries are looked at, so that there may be more where few or none were found; the number is
        None where the search has come to the end.
        """
        found: list[Entry] = []
        looked = 0
        for part in self._candidates(wanted, before):
            for entry in part:
                looked += 1
                if not entry.erased and wanted.fits(entry):
                    found.append(entry)
                if len(found) == limit or looked == LOOK_LIMIT:
                    return found, entry.seq
        return found, None

    def _candidates(self, wanted: Filter, before: int | None) -> Iterator[Iterable[Entry]]:
        if not wanted.entity:
            yield from self._backwards(before if before is not None else self.journal.last_seq + 1, wanted)
            return
        for seq in self.index.of_entity(wanted.entity, before):
            entry = self.at(seq)
            if entry is not None:
                yield (entry,)

    def _backwards(self, below: int, wanted: Filter) -> Iterator[list[Entry]]:
        """Groups and stretches from `below` down, each newest first; of stretches only the files that may fit."""
        place = below
        while (batch := self.journal.batch_below(place)) is not None:
            yield [entry for entry in reversed(batch) if entry.seq < place]
            place = batch[0].seq
        for first, last in reversed(self.lake.stretches()):
            if first < place:
                yield self.lake.entries(first, min(last, place - 1), wanted.may_lie_in)[::-1]
                place = first

    def _sweep(self) -> None:
        """Removes what a crash has left beside the lake, unless a child of a service that was killed still works there."""
        with suppress(HistoryBusy), sole_change(self._folder, patience_s=0):
            self.lake.sweep()

    def _catch_up(self) -> int:
        waiting: list[Entry] = []
        count = 0
        for entry in self.read(self.index.applied):
            waiting.append(entry)
            count += 1
            if len(waiting) == INDEX_EVERY:
                self.index.add(waiting)
                waiting = []
        self.index.add(waiting)
        return count
