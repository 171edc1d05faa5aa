"""Whether what was done has held.

Receives cases whose time to be verified has come, and signs that something is there again. Gives the first to the front of
their queue with a task, and opens again what has come back. The same sign counts once.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tocsin.cases.case import CaseState, SourceKind, matter_of, note
from tocsin.cases.closing import begin_again, reopen_case
from tocsin.cases.tables import Case, CaseSource, CaseTask
from tocsin.cases.task import VERIFICATION, finish_verification
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act

FRONT_US = 10 * 365 * 86_400 * SECOND_US
"""How far a case goes forward in its queue when its result is to be verified: before everything that is new."""

LOOK_US = 24 * 3_600 * SECOND_US
AT_ONCE = 200


class Sign(Struct, frozen=True):
    """What shows that a subject is there again: an event after the measure, and the measure that it shows to be void."""

    subject: str
    event: str
    what: str
    measure: int


def raise_due(session: Session, stamp: Stamp) -> Sequence[Case]:
    """Puts each case whose result is to be verified now at the front of its queue, with a task; each once."""
    has_task = exists().where(
        CaseTask.case_number == Case.number, CaseTask.title == VERIFICATION, CaseTask.done_at.is_(None)
    )
    due = (Case.state == CaseState.OPEN, Case.verify_at <= stamp.at, Case.verified_at.is_(None), ~has_task)
    found = session.scalars(select(Case).where(*due).order_by(Case.verify_at).limit(AT_ONCE)).all()
    for case in found:
        session.add(
            CaseTask(case_number=case.number, title=VERIFICATION, assignee=str(stamp.by), due_at=stamp.at + LOOK_US)
        )
        case.rank = min(case.rank, case.due_at - FRONT_US)
        if (case.held_until or 0) <= stamp.at:
            case.holder, case.held_until, case.free_at = None, None, stamp.at
        note(session, case, stamp, "verification", "the result is to be looked at")
        _write(session, case, stamp, "verification", "")
        tell(session, "case.verification_due", case.subject, stamp.at, {"case": case.number})
    return found


def recur(session: Session, case: Case, sign: Sign, stamp: Stamp) -> bool:
    """What was removed is there again: its case is decided anew, opened again where it was closed; False where this sign was
    taken before. Where another case on the matter is open, that one is told.
    """
    reference = f"{sign.measure}/{sign.event}"[:300]
    known = select(CaseSource.number).where(
        CaseSource.kind == SourceKind.VERIFICATION, CaseSource.reference == reference
    )
    if session.scalars(known).first() is not None:
        return False
    if case.state != CaseState.OPEN:
        case = _open_one(session, case)
    source = {"kind": SourceKind.VERIFICATION, "reference": reference, "at": stamp.at, "note": sign.what}
    session.add(CaseSource(case_number=case.number, **source))
    why = f"{sign.subject} is there again: {sign.what}"
    if case.state == CaseState.CLOSED:
        reopen_case(session, case, stamp, why)
    elif case.state == CaseState.OPEN:
        begin_again(session, case)
    case.verification = why
    finish_verification(session, case, stamp)
    case.rank = min(case.rank, case.due_at - FRONT_US)
    note(session, case, stamp, "recurred", why)
    _write(session, case, stamp, "recur", why)
    facts = {"case": case.number, "measure": sign.measure, "event": sign.event}
    tell(session, "case.recurred", sign.subject, stamp.at, facts)
    return True


def _open_one(session: Session, case: Case) -> Case:
    """The open case on the same matter, the one into which this was merged or a later one; else the last of them."""
    while case.merged_into is not None:
        case = session.get_one(Case, case.merged_into)
    if case.state == CaseState.OPEN:
        return case
    asked = select(Case).where(Case.matter == matter_of(case.subject, case.typology))
    return session.scalars(asked).one_or_none() or case


def _write(session: Session, case: Case, stamp: Stamp, verb: str, why: str) -> None:
    facts = {"state": case.state, "queue": case.queue, "subject": case.subject}
    write_act(session, Act(stamp=stamp, act=f"case.{verb}", record=f"case:{case.number}", why=why, after=facts))
