"""Records deleted with all that belongs to them.

Receives rows whose time has come; whether it has is for others to say. Gives a database without them: what belongs to them
goes with them, what only refers to one of its own kind forgets it, what is sealed of them goes, and their evidence is let
go. Each deletion is in the audit log, which names the record and nothing that stood in it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Table, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from tocsin.app.retention.tables import EvidenceRelease
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.measures.tables import Measure
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.sealing.field import forget_fields
from tocsin.records.table import Record

DIGEST = re.compile(r"[0-9a-f]{64}")
DIGEST_COLUMN = "sha256"
CLOCKED = {
    "case_file": "case", "case_source": "source", "measure": "measure", "notice": "notice", "appeal": "appeal",
    "statement": "statement",
}  # fmt: skip
"""The tables whose records have clocks, and how clocks name them."""

LISTS = (Measure.__table__.c.evidence, Appeal.__table__.c.materials)
"""Columns that hold digests of evidence as a JSON list."""


class Gone(Struct, frozen=True):
    """What is deleted: `kind` as in `case:7`, the table's name, and why."""

    kind: str
    table: str
    why: str


def delete_record(session: Session, gone: Gone, number: int, stamp: Stamp) -> None:
    """Deletes one record and writes that down."""
    record = f"{gone.kind}:{number}"
    _delete(session, Record.metadata.tables[gone.table], [number], (record, stamp.at))
    write_act(session, Act(stamp=stamp, act=f"{gone.kind}.delete", record=record, why=gone.why))


def delete_rows(session: Session, gone: Gone, numbers: Sequence[int], stamp: Stamp) -> None:
    """The same for many that nobody asks for one by one; written down once."""
    _delete(session, Record.metadata.tables[gone.table], numbers, (gone.kind, stamp.at))
    record = f"{gone.kind}:{min(numbers)}-{max(numbers)}"
    facts = {"count": len(numbers)}
    write_act(session, Act(stamp=stamp, act=f"{gone.kind}.delete", record=record, why=gone.why, after=facts))


def is_named(session: Session, digest: str) -> bool:
    """Whether any record still names this evidence."""
    holders = [table for table in Record.metadata.sorted_tables if table.name != EvidenceRelease.__tablename__]
    named = [table.c[DIGEST_COLUMN] == digest for table in holders if DIGEST_COLUMN in table.c]
    named += [column.contains(digest) for column in LISTS]
    return any(session.scalars(select(exists().where(each))).one() for each in named)


def _delete(session: Session, table: Table, numbers: Sequence[int], release: tuple[str, int]) -> None:
    """Rows by their numbers, and first whatever refers to them."""
    for other, column in _referring(table):
        if other is table:
            session.execute(update(other).where(column.in_(numbers)).values({column.name: None}))
        else:
            found = list(session.scalars(select(_key(other)).where(column.in_(numbers))))
            if found:
                _delete(session, other, found, release)
    clocks = _clocks(session, table, numbers)
    if clocks:
        _delete(session, Record.metadata.tables[ClockRecord.__tablename__], clocks, release)
    for digest in sorted(set(_digests(session, table, numbers))):
        if session.get(EvidenceRelease, digest) is None:
            session.add(EvidenceRelease(sha256=digest, record=release[0][:64], released_at=release[1]))
    forget_fields(session, table.name, numbers)
    session.execute(delete(table).where(_key(table).in_(numbers)))


def _referring(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    for other in Record.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table:
                yield other, other.c[key.parent.name]


def _clocks(session: Session, table: Table, numbers: Sequence[int]) -> list[int]:
    """The clocks of these rows; one that runs again after a reopening is about `case:7/1`."""
    if table.name not in CLOCKED:
        return []
    names = [f"{CLOCKED[table.name]}:{number}" for number in numbers]
    mine = or_(ClockRecord.about.in_(names), *(ClockRecord.about.startswith(f"{name}/") for name in names))
    return list(session.scalars(select(ClockRecord.number).where(mine)))


def _digests(session: Session, table: Table, numbers: Sequence[int]) -> Iterator[str]:
    mine = _key(table).in_(numbers)
    if DIGEST_COLUMN in table.c:
        yield from session.scalars(select(table.c[DIGEST_COLUMN]).where(mine))
    for column in LISTS:
        if column.table is table:
            for text in session.scalars(select(column).where(mine)):
                yield from filter(DIGEST.fullmatch, msgspec.json.decode(text, type=list[str]) if text else ())


def _key(table: Table) -> Column[Any]:
    (found,) = table.primary_key.columns
    return found
