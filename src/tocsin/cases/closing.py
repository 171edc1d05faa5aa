"""When a case may close.

Receives a case. Gives everything that is still open about it; it closes only when that is nothing, or when somebody
answers by name for each thing that stays open. What comes back opens it again.
"""

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tocsin.cases.case import CaseState, check_open, matter_of, note
from tocsin.cases.finding import CONFIRMED, FINDINGS, GOOD
from tocsin.cases.labelling import label_outcome
from tocsin.cases.queue import check_holder
from tocsin.cases.review import note_review
from tocsin.cases.tables import Case, CaseAnswer, CaseExemption, CaseSubject, CaseTask
from tocsin.cases.task import finish_verification
from tocsin.measures.kind import MeasureKind
from tocsin.measures.notices.delivery import describe
from tocsin.measures.notices.owing import needs_notice, taken_notice, untold_notices
from tocsin.measures.state import OPEN, MeasureState
from tocsin.measures.tables import Measure
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act
from tocsin.records.errors import CaseWrong

VERIFY_US = 24 * 3_600 * SECOND_US
"""How long after a case is decided its result is looked at, where the platform says nothing else."""

ABOUT_LIMIT = 100
LESSONS = frozenset({"label", "list", "rule", "none"})


class Open(Struct, frozen=True):
    """One thing that keeps a case open. `about` names it stably, such as `subject:account:7` or `measure:3`."""

    about: str
    what: str


class Finding(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decides of one subject, and why."""

    subject: str
    finding: str
    why: str


class Lesson(Struct, frozen=True, forbid_unknown_fields=True):
    """What was learned: a label, a list entry, a rule change or none; and which, or why none."""

    kind: str
    what: str


def decide_subject(session: Session, case: Case, finding: Finding, stamp: Stamp, verify_us: int = VERIFY_US) -> None:
    """Decides of one subject. Once it is confirmed, the result of what is done about it will be looked at; a second look at
    what was found before counts no more.

    Raises:
        CaseWrong: the case is not held by this person or has no such subject, there is no such finding, or no reason.
    """
    check_holder(case, stamp)
    asked = select(CaseSubject).where(CaseSubject.case_number == case.number, CaseSubject.subject == finding.subject)
    subject = session.scalars(asked).one_or_none()
    if subject is None or finding.finding not in FINDINGS or not finding.why.strip():
        raise CaseWrong(
            f"a finding is on a subject of the case, is one of {', '.join(sorted(FINDINGS))}, and has a reason"
        )
    subject.finding, subject.why = finding.finding, finding.why
    subject.decided_by, subject.decided_at = str(stamp.by), stamp.at
    case.second_by = None
    if case.decided_by is None:
        case.decided_by = str(stamp.by)
    if finding.finding == CONFIRMED:
        case.verify_at, case.verified_at = stamp.at + verify_us, None
    note(session, case, stamp, "finding", f"{finding.subject}: {finding.finding}: {finding.why}")
    _write(session, case, stamp, "find", finding.why)


def second(session: Session, case: Case, stamp: Stamp, agrees: bool, why: str) -> None:
    """A second person has looked at it. Who does not agree sends it back: every finding is open again.

    Raises:
        CaseWrong: it is one who has decided, the case is not held by this one, or nothing has been decided yet.
    """
    check_holder(case, stamp)
    if case.decided_by is None or str(stamp.by) in _deciders(session, case):
        raise CaseWrong("a second look is by another person, at what the first has decided")
    note_review(session, case, stamp, agrees, why)
    if agrees:
        case.second_by = str(stamp.by)
    else:
        for subject in session.scalars(select(CaseSubject).where(CaseSubject.case_number == case.number)).all():
            subject.finding = ""
        case.decided_by = None
    note(session, case, stamp, "second", f"{'agrees' if agrees else 'does not agree'}: {why}")
    _write(session, case, stamp, "second", why)


def verify_result(session: Session, case: Case, stamp: Stamp, holds: bool, what: str) -> None:
    """The result has been looked at. Where it does not hold, the subjects are to be decided again.

    Raises:
        CaseWrong: there is nothing to verify yet, or nobody says what was seen.
    """
    check_open(case)
    if case.verify_at is None or stamp.at < case.verify_at or not what.strip():
        raise CaseWrong("a result is verified once its time has come, and by saying what was seen")
    case.verification = what
    finish_verification(session, case, stamp)
    if holds:
        case.verified_at = stamp.at
    else:
        begin_again(session, case)
    note(session, case, stamp, "verify", f"{'holds' if holds else 'does not hold'}: {what}")
    _write(session, case, stamp, "verify", what)
    tell(session, "case.verified" if holds else "case.recurred", case.subject, stamp.at, {"case": case.number})


def give_answer(session: Session, answer: CaseAnswer, stamp: Stamp, notice: str) -> None:
    """Somebody who was owed an answer has it."""
    if answer.given_at is None:
        answer.given_at, answer.given_by, answer.notice = stamp.at, str(stamp.by), notice
        facts = {"to": answer.to, "notice": notice}
        write_act(session, Act(stamp=stamp, act="case.answer", record=f"case:{answer.case_number}", after=facts))
        subject = session.get_one(Case, answer.case_number).subject
        tell(session, "case.answered", subject, stamp.at, {"case": answer.case_number, "answer": answer.number})


def learn(session: Session, case: Case, lesson: Lesson, stamp: Stamp) -> None:
    """Records what was learned.

    Raises:
        CaseWrong: the case is not open, or it is not said what, or why nothing.
    """
    check_open(case)
    if lesson.kind not in LESSONS or not lesson.what.strip():
        raise CaseWrong(f"a lesson is one of {', '.join(sorted(LESSONS))} and says what, or why none")
    case.lesson = msgspec.json.encode(lesson).decode()
    note(session, case, stamp, "lesson", f"{lesson.kind}: {lesson.what}")
    _write(session, case, stamp, "learn", lesson.what)


def exempt(session: Session, case: Case, about: str, stamp: Stamp, why: str) -> None:
    """Lets one thing stay open when the case closes; somebody answers for that by name.

    Raises:
        CaseWrong: it is not open, nobody says why, or no person answers for it.
    """
    check_open(case)
    if not stamp.by.is_human or not why.strip():
        raise CaseWrong("a person answers for an exemption, and says why")
    if about not in {each.about for each in open_things(session, case)}:
        raise CaseWrong(f"`{about[:60]}` does not keep the case open")
    session.add(CaseExemption(case_number=case.number, about=about, why=why, by=str(stamp.by), at=stamp.at))
    note(session, case, stamp, "exempt", f"{about}: {why}")
    _write(session, case, stamp, "exempt", why)


def close_case(session: Session, case: Case, stamp: Stamp) -> None:
    """Closes a case. What was found becomes labels.

    Raises:
        CaseWrong: it is not held by this person, or something about it is open: everything is named.
    """
    check_holder(case, stamp)
    left = open_things(session, case)
    if left:
        raise CaseWrong(
            f"case {case.number} cannot close: " + "; ".join(f"{each.what} ({each.about})" for each in left)
        )
    case.state, case.matter = CaseState.CLOSED, None
    case.closed_at, case.closed_by = stamp.at, str(stamp.by)
    case.holder, case.held_until = None, None
    label_outcome(session, case, stamp)
    note(session, case, stamp, "close", "")
    _write(session, case, stamp, "close", "")
    tell(session, "case.closed", case.subject, stamp.at, {"case": case.number})


def reopen_case(session: Session, case: Case, stamp: Stamp, why: str) -> None:
    """Opens a closed case again, with everything to be decided once more.

    Raises:
        CaseWrong: it is not closed, nobody says why, or another case on the same matter is open.
    """
    if case.state != CaseState.CLOSED or not why.strip():
        raise CaseWrong("a closed case is opened again, with a reason")
    matter = matter_of(case.subject, case.typology)
    other = session.scalars(select(Case.number).where(Case.matter == matter)).first()
    if other is not None:
        raise CaseWrong(f"case {other} on the same matter is open; go on there")
    case.state, case.matter, case.closed_at, case.closed_by = CaseState.OPEN, matter, None, None
    case.free_at, case.lesson = stamp.at, ""
    case.reopened += 1
    begin_again(session, case)
    note(session, case, stamp, "reopen", why)
    _write(session, case, stamp, "reopen", why)
    tell(session, "case.reopened", case.subject, stamp.at, {"case": case.number})


def open_things(session: Session, case: Case) -> list[Open]:
    """Everything that keeps a case open, exemptions left out."""
    exempted = set(session.scalars(select(CaseExemption.about).where(CaseExemption.case_number == case.number)))
    return [each for each in _every_open_thing(session, case) if each.about not in exempted]


def about_subject(subject: str) -> str:
    """How a subject that is not decided is named; a long one by its digest, so that an exemption can be kept of it.

    >>> about_subject("account:7"), len(about_subject("url:" + "x" * 500))
    ('subject:account:7', 79)
    """
    plain = f"subject:{subject}"
    return plain if len(plain) <= ABOUT_LIMIT else f"subject:sha256:{hashlib.sha256(subject.encode()).hexdigest()}"


def _every_open_thing(session: Session, case: Case) -> Iterator[Open]:
    number = case.number
    for subject in session.scalars(select(CaseSubject).where(CaseSubject.case_number == number)):
        if not subject.finding:
            yield Open(about_subject(subject.subject), f"{subject.subject} is not decided")
    for measure in session.scalars(select(Measure).where(Measure.case_number == number, Measure.state.in_(OPEN))):
        yield Open(f"measure:{measure.number}", _owed(measure))
    yield from _untold(session, number)
    yield from _wrongly_held(session, case)
    for answer in session.scalars(
        select(CaseAnswer).where(CaseAnswer.case_number == number, CaseAnswer.given_at.is_(None))
    ):
        yield Open(f"answer:{answer.number}", f"{answer.to} is owed an answer")
    for task in session.scalars(select(CaseTask).where(CaseTask.case_number == number, CaseTask.done_at.is_(None))):
        yield Open(f"task:{task.number}", f"`{task.title}` is not done")
    if case.four_eyes and case.second_by is None:
        yield Open("second", "no second person has looked at it")
    if case.verify_at is not None and case.verified_at is None:
        yield Open("verification", "the result is not verified")
    if not case.lesson:
        yield Open("lesson", "no lesson is recorded")


def _untold(session: Session, number: int) -> Iterator[Open]:
    """Measures of which the person does not know, and notices that have not reached them."""
    ordered = select(Measure).where(Measure.case_number == number, Measure.ordered_at.is_not(None))
    measures = [each for each in session.scalars(ordered.order_by(Measure.number)) if needs_notice(each)]
    for measure in measures:
        if taken_notice(session, measure.number) is None:
            yield Open(f"untold:{measure.number}", f"nobody was told of `{measure.kind}`")
    for notice in untold_notices(session, [each.number for each in measures]):
        yield Open(f"notice:{notice.number}", describe(notice))


def _deciders(session: Session, case: Case) -> set[str | None]:
    """Everybody who has found something that stands."""
    asked = select(CaseSubject.decided_by).where(CaseSubject.case_number == case.number, CaseSubject.finding != "")
    return {case.decided_by, *session.scalars(asked)}


def _wrongly_held(session: Session, case: Case) -> Iterator[Open]:
    """Measures of this case that stand on somebody who was found to be good; what was said cannot be unsaid."""
    good = select(CaseSubject.subject).where(CaseSubject.case_number == case.number, CaseSubject.finding == GOOD)
    stands = (Measure.case_number == case.number, Measure.state == MeasureState.CONFIRMED)
    asked = select(Measure).where(*stands, Measure.subject.in_(good), Measure.kind != MeasureKind.WARN)
    for measure in session.scalars(asked.order_by(Measure.number)):
        yield Open(
            f"measure:{measure.number}", f"`{measure.kind}` stands on {measure.subject}, who was found to be good"
        )


def _owed(measure: Measure) -> str:
    match MeasureState(measure.state):
        case MeasureState.PROPOSED:
            return f"`{measure.kind}` is proposed and not decided"
        case MeasureState.FAILED:
            return f"the platform could not carry out `{measure.kind}`: {measure.failure}"
        case MeasureState.LIFTING:
            return f"the lift of `{measure.kind}` is not confirmed"
        case _:
            return f"`{measure.kind}` is not confirmed by the platform"


def begin_again(session: Session, case: Case) -> None:
    """Everything is to be decided once more; what was let open before is let open no more."""
    session.execute(delete(CaseExemption).where(CaseExemption.case_number == case.number))
    for subject in session.scalars(select(CaseSubject).where(CaseSubject.case_number == case.number)).all():
        subject.finding = ""
    case.decided_by, case.second_by, case.verify_at, case.verified_at = None, None, None, None


def _write(session: Session, case: Case, stamp: Stamp, verb: str, why: str) -> None:
    write_act(
        session,
        Act(stamp=stamp, act=f"case.{verb}", record=f"case:{case.number}", why=why, after={"state": case.state}),
    )
