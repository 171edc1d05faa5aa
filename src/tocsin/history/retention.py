"""What must go: the content of one person, and what has been kept long enough.

Receives an entity to erase, or how long each event type is kept. Gives a record of what was taken out. A legal hold is
stronger than either. The chain still proves what was left.
"""

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tocsin.history.entry import Entry, erase_entry, pack_entries
from tocsin.history.history import History
from tocsin.history.journal import open_batch
from tocsin.history.lake.compaction import register_file
from tocsin.history.lake.files import LakeFile, Typing
from tocsin.model.errors import HistoryError

DAY_US = 86_400_000_000


class Erasure(Struct, frozen=True):
    """The record of one deletion. It names the person only by a hash, because the record stays."""

    number: int
    entity: str
    reason: str
    by: str
    at: int
    entries: int


class Order(Struct, frozen=True):
    """Why something is deleted or held, by whom and when (microseconds since 1970 UTC)."""

    reason: str
    by: str
    at: int


def entity_digest(entity: str) -> str:
    """How a record names an entity that must not be named."""
    return f"sha256:{hashlib.sha256(entity.encode()).hexdigest()}"


def hold_entity(history: History, entity: str, order: Order) -> int:
    """Sets a legal hold: nothing that touches this entity is erased or expires until the hold is lifted."""
    with history.journal.change() as base:
        values = (entity, order.reason, order.by, order.at)
        made = base.execute("insert into hold (entity, reason, by, at) values (?, ?, ?, ?)", values)
        return int(made.lastrowid or 0)


def lift_hold(history: History, number: int, now_us: int) -> bool:
    """Lifts a legal hold; False where there is no such hold in force."""
    with history.journal.change() as base:
        done = base.execute("update hold set lifted_at = ? where number = ? and lifted_at is null", (now_us, number))
        return done.rowcount == 1


def held_entities(history: History) -> set[str]:
    """Every entity on which a hold is in force."""
    rows = history.journal.reading().execute("select entity from hold where lifted_at is null")
    return {row[0] for row in rows}


def erase_entity(history: History, typing: Typing, entity: str, order: Order) -> Erasure:
    """Deletes the content of every entry that touches an entity, in journal, lake and index.

    Raises:
        HistoryError: a legal hold is on the entity, or on one that stands beside it in an entry.
        StorageFull: the disk is full; what was erased until then stays erased, call again.
    """
    wanted = set(history.index.of_entity(entity))
    held = held_entities(history)
    touched = [entry for seq in sorted(wanted) if (entry := history.at(seq)) is not None and not entry.erased]
    if any(not held.isdisjoint(entry.entities) for entry in touched):
        raise HistoryError("a legal hold is in force on this entity or on one beside it; nothing was erased")
    _rewrite(history, typing, {entry.seq for entry in touched})
    history.index.forget(entity)
    with history.journal.change() as base:
        values = (entity_digest(entity), order.reason, order.by, order.at, len(touched))
        made = base.execute("insert into erasure (entity, reason, by, at, entries) values (?, ?, ?, ?, ?)", values)
        number = int(made.lastrowid or 0)
    return Erasure(number, entity_digest(entity), order.reason, order.by, order.at, len(touched))


def expire(history: History, typing: Typing, days: Mapping[str, int], now_us: int) -> int:
    """Deletes the content of entries that are older than their type's days (`*` for every other type), holds respected.

    Answers how many entries were deleted. Only what lies in the lake expires; the journal is sealed long before.
    """
    held = held_entities(history)
    gone: set[int] = set()
    for file in history.lake.files():
        kept_days = days.get(file.type, days.get("*"))
        if kept_days is None:
            continue
        entries = history.lake.read_file(file)
        over = [entry for entry in entries if not entry.erased and entry.at < now_us - kept_days * DAY_US]
        over = [entry for entry in over if held.isdisjoint(entry.entities)]
        gone |= {entry.seq for entry in over}
        for entry in over:
            history.index.drop(entry)
    _rewrite(history, typing, gone)
    return len(gone)


def list_erasures(history: History) -> list[Erasure]:
    """Every deletion of a person's data, oldest first."""
    rows = history.journal.reading().execute("select number, entity, reason, by, at, entries from erasure")
    return [Erasure(*row) for row in rows]


def _rewrite(history: History, typing: Typing, gone: set[int]) -> None:
    if not gone:
        return
    low, high = min(gone), max(gone)
    for first, last in history.lake.stretches():
        if first <= high and last >= low:
            _rewrite_stretch(history, typing, (first, last), gone)
    for batch in history.journal.batches(low - 1):
        if batch.first_seq > high:
            break
        entries = open_batch(batch)
        if any(entry.seq in gone for entry in entries):
            packed = pack_entries(tuple(_without(entries, gone)))
            with history.journal.change() as base:
                changed = (packed, zlib.crc32(packed), batch.first_seq)
                base.execute("update batch set entries = ?, crc = ? where first_seq = ?", changed)
                _note(base, batch.first_seq, packed)
    history.journal.empty_log()


def _rewrite_stretch(history: History, typing: Typing, span: tuple[int, int], gone: set[int]) -> None:
    """New files beside the old ones, then register and proof at once, so that no crash and no backup falls between."""
    left: dict[int, Entry] = {}
    old: list[LakeFile] = []
    made: list[LakeFile] = []
    for file in history.lake.files(*span):
        entries = history.lake.read_file(file)
        rest = list(_without(entries, gone))
        left |= {entry.seq: entry for entry in rest}
        if any(entry.seq in gone for entry in entries):
            old.append(file)
            made.append(history.lake.write_part(_next_version(file.path), rest, typing))
    if not made:
        return
    groups = [range(begin, end + 1) for begin, end, _, _ in history.lake.read_chain(*span)]
    changed = [group for group in groups if not gone.isdisjoint(group)]
    with history.journal.change() as base:
        base.executemany("delete from lake_file where path = ?", [(file.path,) for file in old])
        for file in made:
            register_file(base, file)
        for group in changed:
            _note(base, group.start, pack_entries(tuple(left[seq] for seq in group)))
    for file in old:
        (history.lake.folder / file.path).unlink(missing_ok=True)


def _without(entries: Iterable[Entry], gone: set[int]) -> Iterable[Entry]:
    return (erase_entry(entry) if entry.seq in gone else entry for entry in entries)


def _note(base: sqlite3.Connection, first_seq: int, packed: bytes) -> None:
    """Records what a group's content is now, so that a later look can tell an erasure from damage."""
    base.execute("insert or replace into rewritten values (?, ?)", (first_seq, hashlib.sha256(packed).digest()))


def _next_version(path: str) -> str:
    """Another name for the same stretch: a file is never written over.

    >>> _next_version("d/t/1-2.parquet"), _next_version("d/t/1-2.v2.parquet")
    ('d/t/1-2.v2.parquet', 'd/t/1-2.v3.parquet')
    """
    version = re.search(r"\.v(\d+)\.parquet$", path)
    number = int(version[1]) + 1 if version else 2
    return re.sub(r"(\.v\d+)?\.parquet$", f".v{number}.parquet", path)
