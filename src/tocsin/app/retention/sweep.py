"""What is over goes.

Receives the records, the terms and a store of evidence. Gives, some at a time, the deletion of what has been kept long
enough: first what others need least. What is open, held or still needed is passed by and looked at again in the next
round, so that it never stands in the way of the rest.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tocsin.app.retention.deletion import Gone, delete_record, delete_rows, is_named
from tocsin.app.retention.standing import (
    OVER,
    Look,
    Stay,
    appeal_stays,
    case_stays,
    measure_stays,
    message_stays,
    warning_stays,
)
from tocsin.app.retention.tables import EvidenceRelease
from tocsin.app.retention.terms import DAY_US, KeepingTerms
from tocsin.app.storage.records import Records
from tocsin.cases.appeals.appeal import AppealState
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import CaseState
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.cases.tables import Case
from tocsin.measures.tables import Measure
from tocsin.measures.warnings.tables import WarningRecord
from tocsin.records.actor import SYSTEM, Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.tables import Message

AT_ONCE = 200
EVIDENCE_AT_ONCE = 20
ORDER = ("message", "warning", "appeal", "measure", "case")
MANY = frozenset({"message", "warning"})
"""Kinds whose deletion is written down once for all that go together: nobody asks for them one by one."""

NEWEST_FIRST = frozenset({"measure"})
"""What a measure brought about is younger than the measure, and goes before it."""

HeldElsewhere = Callable[[], Collection[str]]
Kind = tuple[type[Any], ColumnElement[bool], Any, Callable[[Session, Any, Look], Stay | None]]
KINDS: dict[str, Kind] = {
    "message": (Message, Message.number > 0, Message.at, message_stays),
    "warning": (WarningRecord, WarningRecord.number > 0, WarningRecord.given_at, warning_stays),
    "appeal": (Appeal, Appeal.state != AppealState.RECEIVED, Appeal.decided_at, appeal_stays),
    "measure": (Measure, Measure.state.in_(OVER), func.coalesce(Measure.lifted_at, Measure.proposed_at), measure_stays),
    "case": (Case, Case.state != CaseState.OPEN, func.coalesce(Case.closed_at, Case.opened_at), case_stays),
}
"""Of each kind: its table, what may be over, when it ended, and why it stays."""

log = structlog.get_logger("tocsin.retention")


class Sweep:
    """Rounds over everything. A round that is interrupted begins again; nothing is lost by that."""

    def __init__(
        self, records: Records, terms: KeepingTerms, store: Callable[[], EvidenceStore], held: HeldElsewhere
    ) -> None:
        """`held` gives the subjects on which there are holds outside the records."""
        self._records = records
        self._held = held
        self._terms = terms
        self._store = store
        self._left = list(ORDER)
        self._place: int | None = None

    def advance(self, now_us: int) -> int:
        """Looks at some; answers how many, 0 where the round is at its end and the next call begins another.

        Raises:
            StorageFull: the records or the evidence cannot be changed now.
        """
        while self._left:
            kind = self._left[0]
            with self._records.change() as session:
                looked = self._some(session, kind, now_us)
            if looked:
                return looked
            self._left.pop(0)
            self._place = None
        released = self._let_go(now_us)
        if not released:
            self._left = list(ORDER)
        return released

    def _some(self, session: Session, kind: str, now_us: int) -> int:
        table, may_be_over, ended_at, stays = KINDS[kind]
        days = self._terms.delete_days(kind) or 0
        down = kind in NEWEST_FIRST
        asked = select(table).where(may_be_over, ended_at <= now_us - days * DAY_US).limit(AT_ONCE)
        if self._place is not None:
            asked = asked.where(table.number < self._place if down else table.number > self._place)
        found = session.scalars(asked.order_by(table.number.desc() if down else table.number)).all()
        if found:
            look = Look(self._terms, now_us, frozenset(self._held()))
            gone = Gone(kind, table.__tablename__, f"kept for {days} days after its end")
            places = [each.number for each in found]
            _delete(session, gone, (each for each in found if stays(session, each, look) is None), now_us)
            self._place = places[-1]
        return len(found)

    def _let_go(self, now_us: int) -> int:
        """Removes evidence that no record names any more."""
        with self._records.change() as session:
            asked = select(EvidenceRelease).order_by(EvidenceRelease.released_at).limit(EVIDENCE_AT_ONCE)
            found = session.scalars(asked).all()
            for each in found:
                if not is_named(session, each.sha256):
                    self._store().remove(each.sha256)
                    act = Act(
                        stamp=Stamp(SYSTEM, now_us), act="evidence.delete", record=f"evidence:{each.sha256}",
                        why=f"nothing names it since {each.record} was deleted",
                    )  # fmt: skip
                    write_act(session, act)
                session.delete(each)
        return len(found)


def _delete(session: Session, gone: Gone, over: Iterable[Any], now_us: int) -> None:
    """Each as soon as it is known to be over: what it was needed for may then be over too."""
    stamp = Stamp(SYSTEM, now_us)
    numbers = []
    for each in over:
        numbers.append(each.number)
        if gone.kind not in MANY:
            session.expunge(each)
            delete_record(session, gone, numbers[-1], stamp)
    if numbers and gone.kind in MANY:
        delete_rows(session, gone, numbers, stamp)
    if numbers:
        log.info("records were deleted whose time is over", kind=gone.kind, count=len(numbers))
