"""What was found and copied, when cases are merged or split.

Receives two cases, one of which goes on with what was decided in the other. Gives it the findings with all that they owe:
a result that is to be verified, a second look; and its evidence. Never drops one.
"""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tocsin.cases.tables import Case, CaseEvidence, CaseSubject


def move_findings(session: Session, case: Case, into: Case) -> None:
    """Moves the subjects of a case into another; where the two found different things of one, it is decided again."""
    _move_evidence(session, case.number, into.number)
    of = {each.subject: each for each in subjects_of(session, into)}
    for subject in subjects_of(session, case):
        there = of.get(subject.subject)
        if there is None:
            subject.case_number = into.number
        elif subject.finding not in ("", there.finding):
            there.finding = ""
    into.four_eyes, into.second_by = into.four_eyes or case.four_eyes, None
    if into.decided_by is None:
        into.decided_by = case.decided_by
    if case.verify_at is not None and (case.verified_at is None or into.verify_at is None):
        into.verify_at, into.verified_at = max(case.verify_at, into.verify_at or 0), case.verified_at


def _move_evidence(session: Session, case: int, into: int) -> None:
    """Takes the files of a case along; those that the other has already stay where they are."""
    there = select(CaseEvidence.sha256).where(CaseEvidence.case_number == into)
    mine = (CaseEvidence.case_number == case, CaseEvidence.sha256.not_in(there))
    moved = update(CaseEvidence).where(*mine).values(case_number=into)
    session.execute(moved, execution_options={"synchronize_session": False})


def take_along(case: Case, made: Case, moved: Sequence[CaseSubject]) -> None:
    """Gives a case that is split off what the findings on its subjects owe."""
    found = [each for each in moved if each.finding]
    if found:
        made.decided_by, made.verify_at, made.verified_at = found[0].decided_by, case.verify_at, case.verified_at


def subjects_of(session: Session, case: Case) -> Sequence[CaseSubject]:
    """Everybody and everything that a case is about."""
    return session.scalars(select(CaseSubject).where(CaseSubject.case_number == case.number)).all()
