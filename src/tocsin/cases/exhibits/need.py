"""Nothing is taken down before it was copied.

Receives a measure that is to be ordered. Lets one that removes something be ordered only where every open case about it
holds evidence, or somebody says why there is none. Never holds up anything that removes nothing.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tocsin.cases.case import CaseState, note
from tocsin.cases.exhibits.joining import count_evidence, evidence_of
from tocsin.cases.tables import Case, CaseSubject
from tocsin.measures.kind import MeasureKind
from tocsin.measures.measure import order
from tocsin.measures.tables import Measure
from tocsin.records.actor import Stamp
from tocsin.records.errors import CaseWrong

REMOVES = frozenset({MeasureKind.TAKE_DOWN, MeasureKind.DELIST})
NAMED = 50
"""Digests that a measure names; the rest stands in its case."""


def order_with_evidence(session: Session, measure: Measure, stamp: Stamp, why: str = "") -> bool:
    """Orders a measure as `order` does. `why` says why something is removed of which nothing was copied.

    Raises:
        CaseWrong: it would be removed, an open case about it holds no evidence, and nobody says why.
        MeasureWrong: as `order`.
    """
    if measure.kind in REMOVES:
        for case in _about(session, measure):
            if count_evidence(session, case.number):
                _name(session, measure, case)
            elif not why.strip():
                raise CaseWrong(
                    f"case {case.number} holds no evidence of {measure.subject[:80]} yet; "
                    "add a copy first, or say why there is none"
                )
            else:
                note(session, case, stamp, "no evidence", f"measure {measure.number}: {why}")
    return order(session, measure, stamp)


def _about(session: Session, measure: Measure) -> Sequence[Case]:
    """The open cases about what a measure removes."""
    theirs = select(CaseSubject.case_number).where(CaseSubject.subject == measure.subject)
    asked = select(Case).where(
        Case.state == CaseState.OPEN, or_(Case.number == measure.case_number, Case.number.in_(theirs))
    )
    return session.scalars(asked.order_by(Case.number)).all()


def _name(session: Session, measure: Measure, case: Case) -> None:
    """Writes into the measure on what it stands, where it does not say so itself."""
    if not msgspec.json.decode(measure.evidence, type=list[str]):
        digests = [each.sha256 for each in evidence_of(session, case.number)[:NAMED]]
        measure.evidence = msgspec.json.encode(digests).decode()
