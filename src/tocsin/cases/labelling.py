"""What a closed case has taught.

Receives a case that closes. Gives labels: of every subject on which something was found, and of the events from which the
case came, with the rule that fired on each. Never labels what could not be found out.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.case import SourceKind
from tocsin.cases.finding import CONFIRMED, UNABLE
from tocsin.cases.tables import Case, CaseSource, CaseSubject
from tocsin.records.actor import Stamp
from tocsin.rulebook.labels import GOOD, NewLabel, add_label

SURE, SEEN_ONCE = 100, 90
"""How sure a label is, in percent: two people have looked, or one."""


def label_outcome(session: Session, case: Case, stamp: Stamp) -> None:
    """Writes down what the findings of a case say of its subjects and its events; the same is written once."""
    by, source = str(stamp.by), f"case:{case.number}"
    confidence = SURE if case.second_by is not None else SEEN_ONCE
    for subject in session.scalars(select(CaseSubject).where(CaseSubject.case_number == case.number)).all():
        if subject.finding and subject.finding != UNABLE:
            label = case.typology if subject.finding == CONFIRMED else GOOD
            about = NewLabel(label=label, entity=subject.subject, source=source, confidence=confidence)
            add_label(session, about, by, stamp.at)
            if subject.subject == case.subject:
                for event, rule in _decisions_of(session, case):
                    seen = NewLabel(label=label, event=event, source=source, rule=rule, confidence=confidence)
                    add_label(session, seen, by, stamp.at)


def _decisions_of(session: Session, case: Case) -> list[tuple[str, str]]:
    """The events from whose decisions a case came, each with its rule; those named by a digest only are not told apart."""
    asked = select(CaseSource.reference).where(
        CaseSource.case_number == case.number, CaseSource.kind == SourceKind.DECISION
    )
    found = [reference.rpartition("/") for reference in session.scalars(asked.order_by(CaseSource.number))]
    return [(event, rule) for event, _, rule in found if event]
