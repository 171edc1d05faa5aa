"""Entries without their content, where they stood.

Receives the numbers of entries whose content must go. Gives journal and lake without it. New files are written beside the
old ones; one transaction puts everything in place, with a note for each group that is no longer what its seal says. So a
crash leaves all as it was or all done, and a later proof can tell an erasure from damage.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Collection
from types import TracebackType

from msgspec import Struct

from tocsin.history.chain import GENESIS, open_batch
from tocsin.history.entry import Entry, erase_entry, pack_entries
from tocsin.history.journal import Journal
from tocsin.history.lake.compaction import register_file
from tocsin.history.lake.files import Lake, LakeFile, Typing, next_version


class Note(Struct, frozen=True):
    """What a group's content is since it was rewritten, and why. Notes form a chain of their own, as groups do."""

    first_seq: int
    content: bytes
    why: str
    at: int

    def seal(self, previous: bytes) -> bytes:
        """The hash that binds it to every note before it."""
        places = self.first_seq.to_bytes(8, "big") + self.at.to_bytes(8, "big")
        return hashlib.sha256(previous + self.content + places + self.why.encode()).digest()


class Rewriting:
    """One rewriting, for who has the sole right to change the lake. Nothing is changed before `commit`."""

    def __init__(self, journal: Journal, lake: Lake, typing: Typing) -> None:
        self._journal = journal
        self._lake = lake
        self._typing = typing
        self._files: list[tuple[LakeFile, LakeFile]] = []
        self._groups: list[tuple[int, bytes]] = []
        self._batches: list[tuple[int, bytes]] = []
        self._done = False

    def __enter__(self) -> "Rewriting":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Removes the files that are not wanted: the new ones where it failed, else the old ones."""
        for old, new in self._files:
            (self._lake.folder / (old if self._done else new).path).unlink(missing_ok=True)

    def erase(self, gone: Collection[int]) -> None:
        """Prepares to erase entries wherever they lie.

        Raises:
            StorageFull: the disk is full.
            HistoryDamaged: what is there is not what was committed.
        """
        if not gone:
            return
        low, high = min(gone), max(gone)
        for first, last in self._lake.stretches():
            if first <= high and last >= low and any(first <= seq <= last for seq in gone):
                self._erase_in_stretch(first, last, gone)
        for batch in self._journal.batches(low - 1):
            if batch.first_seq > high:
                break
            entries = open_batch(batch)
            if any(entry.seq in gone for entry in entries):
                self._batches.append((batch.first_seq, pack_entries(tuple(_without(entries, gone)))))

    def commit(self, at: int, reason: Callable[[sqlite3.Connection], str]) -> None:
        """Puts everything in place. `reason` may look and write in the same transaction; it answers why.

        Raises:
            HistoryError: nothing was changed.
        """
        with self._journal.change() as base:
            why = reason(base)
            for old, new in self._files:
                base.execute("delete from lake_file where path = ?", (old.path,))
                register_file(base, new)
            for first_seq, packed in self._batches:
                changed = (packed, zlib.crc32(packed), first_seq)
                base.execute("update batch set entries = ?, crc = ? where first_seq = ?", changed)
            packed_batches = [(first_seq, hashlib.sha256(packed).digest()) for first_seq, packed in self._batches]
            _note(base, [Note(first_seq, content, why, at) for first_seq, content in self._groups + packed_batches])
        self._done = True
        if self._batches:
            self._journal.empty_log()

    def _erase_in_stretch(self, first: int, last: int, gone: Collection[int]) -> None:
        found: dict[int, Entry] = {}
        for file in self._lake.files(first, last):
            entries = self._lake.read_file(file)
            if any(entry.seq in gone for entry in entries):
                entries = _without(entries, gone)
                self._files.append((file, self._lake.write_part(next_version(file.path), entries, self._typing)))
            found |= {entry.seq: entry for entry in entries}
        for begin, end, _, _ in self._lake.read_chain(first, last):
            if any(seq in gone for seq in range(begin, end + 1)):
                packed = pack_entries(tuple(found[seq] for seq in range(begin, end + 1)))
                self._groups.append((begin, hashlib.sha256(packed).digest()))


def read_notes(journal: Journal, first: int = 0, last: int = 1 << 62) -> list[tuple[Note, bytes]]:
    """The notes on the groups that begin from `first` to `last`, each with its hash, oldest first."""
    sql = "select first_seq, content, why, at, hash from rewriting where first_seq between ? and ? order by number"
    rows = journal.rows(sql, first, last)
    return [(Note(row[0], bytes(row[1]), row[2], row[3]), bytes(row[4])) for row in rows]


def _without(entries: Collection[Entry], gone: Collection[int]) -> list[Entry]:
    return [erase_entry(entry) if entry.seq in gone else entry for entry in entries]


def _note(base: sqlite3.Connection, notes: list[Note]) -> None:
    found = base.execute("select hash from rewriting order by number desc limit 1").fetchone()
    previous = bytes(found[0]) if found else GENESIS
    for note in notes:
        previous = note.seal(previous)
        values = (note.first_seq, note.content, note.why, note.at, previous)
        base.execute("insert into rewriting (first_seq, content, why, at, hash) values (?, ?, ?, ?, ?)", values)
