"""Why a record stays.

Receives a record and the terms. Gives the reason why it may not be deleted now, or nothing. The sweep and the removal of a
person both ask here, so that neither deletes what the other would keep.
"""

from enum import StrEnum

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from tocsin.app.delivery.tables import Delivery, Endpoint
from tocsin.app.retention.hold import is_held
from tocsin.app.retention.terms import KeepingTerms
from tocsin.cases.appeals.appeal import AppealState
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.case import CaseState
from tocsin.cases.tables import Case, CaseSubject
from tocsin.measures.notices.owing import NoticeState
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.state import MeasureState
from tocsin.measures.tables import Instruction, Measure
from tocsin.measures.warnings.tables import WarningRecord
from tocsin.records.tables import Message

OVER = frozenset({MeasureState.LIFTED, MeasureState.DECLINED})
"""States of a measure that is over; every other is in force or owed."""


class Why(StrEnum):
    """Why something stays."""

    OPEN = "open"
    HELD = "held"
    KEPT = "kept"
    NEEDED = "needed"


class Stay(Struct, frozen=True):
    """Why something stays. `until` is when it may go, where it is kept for a time (microseconds since 1970 UTC)."""

    why: Why
    until: int | None = None


class Look(Struct, frozen=True):
    """What is asked: by which terms, and when. `held` are subjects on which the history has holds of its own."""

    terms: KeepingTerms
    now: int
    held: frozenset[str] = frozenset()

    def holds(self, session: Session, *targets: str) -> bool:
        """Whether a hold is in force on any of these, wherever it was placed."""
        return not self.held.isdisjoint(targets) or is_held(session, *targets)

    def kept(self, kind: str, ended_at: int) -> Stay | None:
        """Whether a record that ended then must still be kept."""
        until = self.terms.keep_until(kind, ended_at)
        return Stay(Why.KEPT, until) if self.now < until else None


def case_stays(session: Session, case: Case, look: Look) -> Stay | None:
    """Why a case stays. A merged one stays as long as the one in which it went on."""
    if case.state == CaseState.OPEN:
        return Stay(Why.OPEN)
    subjects = session.scalars(select(CaseSubject.subject).where(CaseSubject.case_number == case.number))
    if look.holds(session, f"case:{case.number}", case.subject, *subjects):
        return Stay(Why.HELD)
    if case.merged_into is not None and session.get(Case, case.merged_into) is not None:
        return Stay(Why.NEEDED)
    kept = look.kept("case", case.closed_at or case.opened_at)
    if kept is not None:
        return kept
    used = session.scalars(select(Measure.number).where(Measure.case_number == case.number).limit(1)).first()
    return None if used is None else Stay(Why.NEEDED)


def measure_stays(session: Session, measure: Measure, look: Look) -> Stay | None:
    """Why a measure stays: also while a notice is to be written, an appeal on it or what it brought about is there."""
    unwritten = exists().where(NoticeRecord.measure == measure.number, NoticeRecord.state == NoticeState.OWED)
    if measure.state not in OVER or _case_is_open(session, measure.case_number) or _any(session, unwritten):
        return Stay(Why.OPEN)
    if look.holds(session, *_targets(measure)):
        return Stay(Why.HELD)
    kept = look.kept("measure", measure_ended(measure))
    if kept is not None:
        return kept
    appeal = session.scalars(select(Appeal.number).where(Appeal.measure == measure.number).limit(1)).first()
    child = session.scalars(select(Measure.number).where(Measure.parent == measure.number).limit(1)).first()
    return None if appeal is None and child is None else Stay(Why.NEEDED)


def appeal_stays(session: Session, appeal: Appeal, look: Look) -> Stay | None:
    """Why an appeal stays."""
    measure = session.get_one(Measure, appeal.measure)
    if appeal.state == AppealState.RECEIVED or _case_is_open(session, measure.case_number):
        return Stay(Why.OPEN)
    if look.holds(session, appeal.by.removeprefix("subject:"), *_targets(measure)):
        return Stay(Why.HELD)
    return look.kept("appeal", appeal.decided_at or appeal.received_at)


def message_stays(session: Session, message: Message, look: Look) -> Stay | None:
    """Why a message stays: somebody has not been told yet, has not answered, or what follows from it is not done."""
    waiting = exists().where(Delivery.message == message.number, Delivery.state == "waiting")
    unseen = exists().where(Endpoint.position < message.number)
    unanswered = exists().where(Instruction.message == message.id, Instruction.done_at.is_(None))
    if message.settled_at is None or _any(session, waiting | unseen | unanswered):
        return Stay(Why.OPEN)
    if look.holds(session, message.subject, *_named_cases(message.body)):
        return Stay(Why.HELD)
    return look.kept("message", message.at)


def warning_stays(session: Session, warning: WarningRecord, look: Look) -> Stay | None:
    """Why a warning stays."""
    return Stay(Why.HELD) if look.holds(session, warning.subject) else look.kept("warning", warning.given_at)


def measure_ended(measure: Measure) -> int:
    """When a measure that is over came to its end."""
    return measure.lifted_at or measure.proposed_at


def _any(session: Session, asked: ColumnElement[bool]) -> bool:
    return bool(session.scalars(select(asked)).one())


def _targets(measure: Measure) -> list[str]:
    return [measure.subject] if measure.case_number is None else [measure.subject, f"case:{measure.case_number}"]


def _case_is_open(session: Session, number: int | None) -> bool:
    case = None if number is None else session.get(Case, number)
    return case is not None and case.state == CaseState.OPEN


def _named_cases(body: str) -> list[str]:
    number = msgspec.json.decode(body, type=dict[str, object]).get("case") if body else None
    return [f"case:{number}"] if isinstance(number, int) else []
