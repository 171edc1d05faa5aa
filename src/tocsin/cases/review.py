"""Second looks at cases, by sampling.

Receives a case that somebody decides, and the share of each queue at which a second person looks. Gives the choice, the same
whenever it is asked, and what came of the second looks. Never lets anybody choose which cases those are.
"""

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.cases.case import CaseState, note
from tocsin.cases.tables import Case, CaseNote, CaseReview
from tocsin.records.actor import Stamp

SAMPLED = "sampled"
ANY = "*"


class Agreement(Struct, frozen=True):
    """How often second persons found what the first did, in one queue. `waiting` are open cases that wait for one."""

    queue: str
    waiting: int
    looked: int
    agreed: int
    sampled: int
    sampled_agreed: int


def is_picked(case: Case, share: float) -> bool:
    """Whether chance has chosen a case; of the same case it is always the same."""
    digest = hashlib.sha256(f"review\0{case.number}\0{case.opened_at}\0{case.reopened}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def pick_for_review(session: Session, case: Case, shares: Mapping[str, float], stamp: Stamp) -> bool:
    """Lets a case wait for a second person, where chance has chosen it; True where it has now."""
    share = shares.get(case.queue, shares.get(ANY, 0.0))
    if case.four_eyes or case.second_by is not None or case.state != CaseState.OPEN or not is_picked(case, share):
        return False
    case.four_eyes = True
    note(session, case, stamp, SAMPLED, f"{share:.0%} of {case.queue}")
    return True


def note_review(session: Session, case: Case, stamp: Stamp, agrees: bool, why: str) -> None:
    """Writes down what a second person found of what the first has decided."""
    chosen = select(CaseNote.number).where(CaseNote.case_number == case.number, CaseNote.kind == SAMPLED)
    session.add(
        CaseReview(
            case_number=case.number,
            queue=case.queue,
            sampled=session.scalars(chosen.limit(1)).first() is not None,
            first_by=case.decided_by or "",
            second_by=str(stamp.by),
            agrees=agrees,
            why=why,
            at=stamp.at,
        )
    )


def agreement_of(session: Session, since_us: int) -> Sequence[Agreement]:
    """How second looks came out since a time, by queue."""
    waits = (Case.state == CaseState.OPEN, Case.four_eyes, Case.decided_by.is_not(None), Case.second_by.is_(None))
    waiting = {
        row[0]: row[1] for row in session.execute(select(Case.queue, func.count()).where(*waits).group_by(Case.queue))
    }
    counts = (
        func.count(),
        func.count().filter(CaseReview.agrees),
        func.count().filter(CaseReview.sampled),
        func.count().filter(CaseReview.sampled, CaseReview.agrees),
    )
    asked = select(CaseReview.queue, *counts).where(CaseReview.at >= since_us).group_by(CaseReview.queue)
    looked = {row[0]: tuple(row[1:]) for row in session.execute(asked)}
    return [
        Agreement(queue, waiting.get(queue, 0), *looked.get(queue, (0, 0, 0, 0)))
        for queue in sorted({*waiting, *looked})
    ]
