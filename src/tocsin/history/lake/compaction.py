"""From the journal to the lake.

Receives a journal with enough in it. Gives sealed stretches as Parquet; only what is written, renamed and registered
leaves the journal, in the same transaction. Never makes a reader wait or see an entry twice.
"""

import sqlite3

from tocsin.history.chain import Batch, open_batch
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Lake, LakeFile, Typing
from tocsin.history.ownership import sole_change
from tocsin.model.errors import HistoryDamaged

STRETCH = 50_000
"""Entries in one stretch; the last one of a compaction may have fewer."""


def compact(journal: Journal, lake: Lake, typing: Typing, now_us: int, least: int = STRETCH) -> int:
    """Seals stretches of STRETCH entries, until fewer than `least` are left; answers how many entries left the journal.

    Raises:
        StorageFull: the disk is full; nothing was taken out of the journal.
        HistoryDamaged: the journal is not what was committed.
        HistoryBusy: somebody else is sealing or erasing.
    """
    with sole_change(journal.folder):
        lake.sweep()
        moved = 0
        while stretch := _next_stretch(journal, max(1, least)):
            entries = [entry for batch in stretch for entry in open_batch(batch)]
            files = lake.write(stretch, entries, typing)
            _register(journal, stretch, files, now_us)
            moved += len(entries)
        return moved


def _next_stretch(journal: Journal, least: int) -> list[Batch]:
    """The oldest groups that make a stretch; none where fewer than `least` entries are left."""
    found: list[Batch] = []
    held = 0
    for batch in journal.batches():
        found.append(batch)
        held += batch.last_seq - batch.first_seq + 1
        if held >= STRETCH:
            return found
    return found if found and held >= least else []


def _register(journal: Journal, stretch: list[Batch], files: list[LakeFile], now_us: int) -> None:
    first, last, seal = stretch[0].first_seq, stretch[-1].last_seq, stretch[-1].seal
    with journal.change() as base:
        base.execute("insert into stretch values (?, ?, ?, ?)", (first, last, seal.hash, now_us))
        for file in files:
            register_file(base, file)
        gone = base.execute("delete from batch where first_seq >= ? and last_seq <= ?", (first, last)).rowcount
        if gone != len(stretch):
            raise HistoryDamaged(
                f"entries {first} to {last} were changed while they were sealed; nothing was taken out"
            )


def register_file(base: sqlite3.Connection, file: LakeFile) -> None:
    """Names a file in the register, inside the caller's transaction."""
    values = (file.path, file.first_seq, file.last_seq, file.type, file.day, file.entries, file.bytes, file.sha256)
    base.execute("insert or replace into lake_file values (?, ?, ?, ?, ?, ?, ?, ?)", values)
