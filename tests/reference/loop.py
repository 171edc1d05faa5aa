"""People and moments for tests of the closed loop."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.case import NewCase, SourceKind
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import NewMeasure
from tocsin.measures.notices.delivery import mark_delivered
from tocsin.measures.notices.owing import NoticeState
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.records.actor import Actor, ActorKind, Stamp

NOW = 1_768_478_400_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR

ANN = Actor(ActorKind.PERSON, "reviewer-1")
BEN = Actor(ActorKind.PERSON, "reviewer-2")
CAL = Actor(ActorKind.PERSON, "reviewer-3")
RULE = Actor(ActorKind.RULE, "mule-collects")
PLATFORM = Actor(ActorKind.KEY, "platform")


def at(who: Actor, hours: float = 0) -> Stamp:
    return Stamp(who, NOW + round(hours * HOUR))


def wanted(kind: MeasureKind = MeasureKind.LIMIT, subject: str = "account:m", **given: Any) -> NewMeasure:
    fields: dict[str, Any] = {"basis": "Terms of use, 4.2", "reason": "Many strangers paid this account within a day."}
    if kind is MeasureKind.LIMIT:
        fields["scope"] = "receive_payment"
    return NewMeasure(subject=subject, kind=kind, **{**fields, **given})


def suspected(subject: str = "account:m", reference: str = "e1", **given: Any) -> NewCase:
    fields: dict[str, Any] = {
        "source": SourceKind.DECISION,
        "queue": "mule-accounts",
        "due_at": NOW + DAY,
        "typology": "AIDING",
    }
    return NewCase(subject=subject, reference=reference, **{**fields, **given})


def tell_everybody(session: Session, hours: float = 0) -> int:
    """Every notice that is owed reaches its person; answers how many."""
    session.flush()
    owed = session.scalars(select(NoticeRecord).where(NoticeRecord.state == NoticeState.OWED)).all()
    for notice in owed:
        notice.state, notice.issued_at = NoticeState.ISSUED, NOW + round(hours * HOUR)
        mark_delivered(session, notice, at(PLATFORM, hours))
    session.flush()
    return len(owed)
