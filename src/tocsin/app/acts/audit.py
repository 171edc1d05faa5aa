"""The audit log is read.

Receives a question and who asks. Gives the acts, and in the same transaction the entry `audit.view` with what was asked:
whoever reads the log stands in it.
"""

from collections.abc import Sequence
from typing import cast

from msgspec import Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tocsin.cases.clocks.moment import local_time
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.tables import AuditEntry, AuditLink

Looked = tuple[AuditEntry, AuditLink | None]
"""An act, and its place in the chain once it has one."""

TEXTS, TIMES = ("record", "by", "act"), ("since", "until")


class Question(Struct, frozen=True):
    """Which acts are asked for; empty for all. `before` asks for lower numbers only, to go on."""

    record: str = ""
    by: str = ""
    act: str = ""
    since: int | None = None
    until: int | None = None
    before: int | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database. An act that ends in a point stands for all that begin so."""
        found: list[ColumnElement[bool]] = []
        if self.record:
            found.append(AuditEntry.record == self.record)
        if self.by:
            found.append(AuditEntry.by == self.by)
        if self.act:
            family = self.act.endswith(".")
            found.append(AuditEntry.act.startswith(self.act, autoescape=True) if family else AuditEntry.act == self.act)
        if self.since is not None:
            found.append(AuditEntry.at >= self.since)
        if self.until is not None:
            found.append(AuditEntry.at < self.until)
        if self.before is not None:
            found.append(AuditEntry.number < self.before)
        return found

    @property
    def facts(self) -> dict[str, object]:
        """What was asked, for the log."""
        texts = {name: getattr(self, name) for name in TEXTS if getattr(self, name)}
        times = {name: getattr(self, name) for name in TIMES if getattr(self, name) is not None}
        return texts | {name: local_time(at, "UTC").isoformat() for name, at in times.items()}


class Found(Struct, frozen=True):
    """Acts with their links, newest first, and whether there are more."""

    rows: Sequence[Looked]
    more: bool


def read_log(session: Session, asked: Question, limit: int, stamp: Stamp) -> Found:
    """The newest acts that are asked for. That they were read is the next act in the log."""
    wanted = select(AuditEntry, AuditLink).outerjoin(AuditLink, AuditLink.entry == AuditEntry.number)
    wanted = wanted.where(*asked.conditions).order_by(AuditEntry.number.desc()).limit(limit + 1)
    found = cast("Sequence[Looked]", session.execute(wanted).all())
    shown = found[:limit]
    write_act(session, Act(stamp=stamp, act="audit.view", record="audit", after=asked.facts | {"shown": len(shown)}))
    return Found(shown, len(found) > limit)
