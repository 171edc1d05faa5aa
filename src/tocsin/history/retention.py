"""What must go: the content of one person, and what has been kept long enough.

Receives an entity to erase, or how long each event type is kept. Gives a record of what was taken out. A legal hold is
stronger than either. The chain still proves what was left.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from tocsin.history.chain import open_batch
from tocsin.history.entry import Place
from tocsin.history.history import History
from tocsin.history.journal import Journal
from tocsin.history.lake.files import Typing, day_of
from tocsin.history.ownership import sole_change
from tocsin.history.rewriting import Rewriting
from tocsin.model.errors import HistoryError

DAY_US = 86_400_000_000
AT_ONCE = 20_000
"""Entries of the journal that expire in one transaction: whoever commits waits for it."""


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


class Hold(Struct, frozen=True):
    """A legal hold; `lifted_at` is None while it is in force."""

    number: int
    entity: str
    reason: str
    by: str
    at: int
    lifted_at: int | None


def entity_digest(entity: str) -> str:
    """How a record names an entity that must not be named."""
    return f"sha256:{hashlib.sha256(entity.encode()).hexdigest()}"


def hold_entity(journal: Journal, entity: str, order: Order) -> int:
    """Sets a legal hold: nothing that touches this entity is erased or expires until the hold is lifted."""
    with journal.change() as base:
        values = (entity, order.reason, order.by, order.at)
        made = base.execute("insert into hold (entity, reason, by, at) values (?, ?, ?, ?)", values)
        return int(made.lastrowid or 0)


def lift_hold(journal: Journal, number: int, now_us: int) -> bool:
    """Lifts a legal hold; False where there is no such hold in force."""
    with journal.change() as base:
        done = base.execute("update hold set lifted_at = ? where number = ? and lifted_at is null", (now_us, number))
        return done.rowcount == 1


def list_holds(journal: Journal) -> list[Hold]:
    """Every hold that was ever set, oldest first."""
    return [Hold(*row) for row in journal.rows("select number, entity, reason, by, at, lifted_at from hold")]


def held_entities(journal: Journal) -> set[str]:
    """Every entity on which a hold is in force."""
    return {hold.entity for hold in list_holds(journal) if hold.lifted_at is None}


def list_erasures(journal: Journal) -> list[Erasure]:
    """Every deletion of a person's data, oldest first."""
    return [Erasure(*row) for row in journal.rows("select number, entity, reason, by, at, entries from erasure")]


def erase_entity(history: History, typing: Typing, entity: str, order: Order) -> Erasure:
    """Deletes the content of every entry that touches an entity, in journal, lake and index, and records it: all or nothing.

    Raises:
        HistoryError: a legal hold is on the entity, or on one that stands beside it in an entry.
        StorageFull: the disk is full; nothing was erased.
    """
    with sole_change(history.journal.folder):
        found = (history.at(seq) for seq in sorted(history.index.of_entity(entity)))
        touched = [entry for entry in found if entry is not None and not entry.erased]
        beside = {entity, *(each for entry in touched for each in entry.entities)}
        number = 0

        def record(base: sqlite3.Connection) -> str:
            nonlocal number
            if _held(base, beside):
                raise HistoryError("a legal hold is in force on this entity or on one beside it; nothing was erased")
            values = (entity_digest(entity), order.reason, order.by, order.at, len(touched))
            made = base.execute("insert into erasure (entity, reason, by, at, entries) values (?, ?, ?, ?, ?)", values)
            number = int(made.lastrowid or 0)
            base.execute("update hold set entity = ? where entity = ?", (entity_digest(entity), entity))
            return f"erasure {number}"

        with Rewriting(history.journal, history.lake, typing) as rewriting:
            rewriting.erase({entry.seq for entry in touched})
            rewriting.commit(order.at, record)
        history.index.forget(entity)
    return Erasure(number, entity_digest(entity), order.reason, order.by, order.at, len(touched))


def expire(history: History, typing: Typing, days: Mapping[str, int], now_us: int) -> int:
    """Deletes the content of entries that are older than their type's days (`*` for every other type), holds respected.

    An entry is over once its whole day, in UTC, lies further back than that, so that a day's files are rewritten once.
    Answers how many entries were deleted; a crash, or an error, leaves the rest for the next time.

    Raises:
        HistoryError: something cannot be read or written, or somebody else is sealing or erasing.
    """
    gone = 0
    with sole_change(history.journal.folder):
        for places in _over(history, days, now_us):
            with Rewriting(history.journal, history.lake, typing) as rewriting:
                rewriting.erase({place.seq for place in places})
                entities = {entity for place in places for entity in place.entities}
                rewriting.commit(now_us, partial(_check_age, entities))
            history.index.drop(places)
            gone += len(places)
    return gone


def _over(history: History, days: Mapping[str, int], now_us: int) -> Iterator[list[Place]]:
    """What is over, some at a time: each stretch of the lake, then the journal."""
    held = held_entities(history.journal)
    for first, last in history.lake.stretches():
        found: list[Place] = []
        for file in history.lake.files(first, last):
            limit = _limit(file.type, days, now_us)
            if limit is not None and file.day < day_of(limit):
                found += history.lake.over(file, limit)
        found = [place for place in found if held.isdisjoint(place.entities)]
        if found:
            yield found
    found = []
    for batch in history.journal.batches():
        for entry in open_batch(batch):
            limit = _limit(entry.type, days, now_us)
            if limit is not None and entry.at < limit and not entry.erased and held.isdisjoint(entry.entities):
                found.append(Place(entry.seq, entry.id, entry.entities))
        if len(found) >= AT_ONCE:
            yield found
            found = []
    if found:
        yield found


def _limit(event_type: str, days: Mapping[str, int], now_us: int) -> int | None:
    """The time before which entries of a type are over: the start of a day. None where they are kept for good."""
    kept = days.get(event_type, days.get("*"))
    return None if kept is None else (now_us // DAY_US - kept) * DAY_US


def _check_age(entities: set[str], base: sqlite3.Connection) -> str:
    if _held(base, entities):
        raise HistoryError("a legal hold was set meanwhile; what is over is deleted the next time")
    return "age"


def _held(base: sqlite3.Connection, entities: set[str]) -> bool:
    rows: Sequence[tuple[str]] = base.execute("select entity from hold where lifted_at is null").fetchall()
    return any(entity in entities for (entity,) in rows)
