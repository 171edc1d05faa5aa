"""Cases opened, joined, merged and split.

Receives what is suspected of a subject, and where that comes from. Gives one case for one matter: the same subject and
typology join a case that is open. Never opens two for one.
"""

import hashlib
import math
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tocsin.cases.clocks.ledger import move_clocks
from tocsin.cases.clocks.receipt import Receipt, check_receipt, tell_receipt
from tocsin.cases.merging import move_findings, take_along
from tocsin.cases.tables import Case, CaseAnswer, CaseLink, CaseNote, CaseSource, CaseSubject, CaseTask
from tocsin.measures.tables import Measure
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.model.typology import TYPOLOGIES
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act
from tocsin.records.errors import CaseWrong
from tocsin.records.sealing.field import Spot, seal_contact
from tocsin.records.sealing.mask import STARS

HOUR_US = 3_600 * SECOND_US
HARM_US = 4 * HOUR_US
"""How much sooner a case is taken for each doubling of the harm that is expected."""

TEXT_LIMIT = 8_000
ROLES = frozenset(
    {
        *("principal", "account_supplier", "traffic_driver", "helper", "mule", "tool_seller", "victim", "compromised"),
        "reporter",
    }
)


class CaseState(StrEnum):
    """Where a case stands; a merged one goes on in another."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class SourceKind(StrEnum):
    """What opens cases."""

    DECISION = "decision"
    REPORT = "report"
    REQUEST = "request"
    LIST = "list"
    PERSON = "person"
    RECONCILIATION = "reconciliation"
    VERIFICATION = "verification"


class NewCase(Struct, frozen=True, kw_only=True):
    """What is suspected. `harm` is what is expected to be lost, in whole units of money; `reference` names the source,
    such as an event id or a report's number; `receipt` is when and how it took effect, where the law asks.
    """

    subject: str
    source: SourceKind
    reference: str
    queue: str
    due_at: int
    typology: str = "OTHER"
    role: str = "principal"
    title: str = ""
    skill: str = ""
    lang: str = ""
    harm: int = 0
    note: str = ""
    four_eyes: bool = False
    receipt: Receipt | None = None


def open_case(session: Session, wanted: NewCase, stamp: Stamp) -> Case:
    """A case for a matter: a new one, or the open one that the source joins. The same source again changes nothing.

    Raises:
        CaseWrong: no subject, no such typology or role, or something is too long.
    """
    check_wanted(wanted)
    if wanted.receipt is not None:
        check_receipt(wanted.receipt, stamp.at)
    known = session.scalars(
        select(CaseSource).where(CaseSource.kind == wanted.source, CaseSource.reference == wanted.reference)
    ).one_or_none()
    if known is not None:
        return session.get_one(Case, known.case_number)
    matter = matter_of(wanted.subject, wanted.typology)
    case = session.scalars(select(Case).where(Case.matter == matter)).one_or_none()
    verb = "join" if case is not None else "open"
    if case is None:
        case = _make(wanted, matter, stamp)
        session.add(case)
        session.flush()
        add_subject(session, case, wanted.subject, wanted.role)
    elif wanted.harm > case.harm or wanted.due_at < case.due_at:
        case.harm, case.due_at = max(case.harm, wanted.harm), min(case.due_at, wanted.due_at)
        case.rank = min(case.rank, rank_of(case.due_at, case.harm))
    source = CaseSource(
        case_number=case.number, kind=wanted.source, reference=wanted.reference, at=stamp.at, note=wanted.note
    )
    session.add(source)
    note(session, case, stamp, verb, f"{wanted.source} {wanted.reference}")
    _write(session, case, stamp, verb, wanted.note)
    if verb == "open":
        facts = {"case": case.number, "subject": case.subject, "typology": case.typology, "queue": case.queue}
        tell(session, "case.opened", case.subject, stamp.at, facts)
    if wanted.receipt is not None:
        session.flush()
        tell_receipt(session, (case.number, case.subject), source.number, wanted.receipt, stamp)
    return case


def add_subject(session: Session, case: Case, subject: str, role: str) -> CaseSubject:
    """Puts a further subject into a case; one that is there already is answered.

    Raises:
        CaseWrong: no subject or no role, or the case is not open.
    """
    check_open(case)
    if parse_entity(subject) is None or len(subject) > ENTITY_LIMIT or role not in ROLES:
        raise CaseWrong(f"a subject is written `kind:value` and has a role: {', '.join(sorted(ROLES))}")
    asked = select(CaseSubject).where(CaseSubject.case_number == case.number, CaseSubject.subject == subject)
    found = session.scalars(asked).one_or_none()
    if found is None:
        found = CaseSubject(case_number=case.number, subject=subject, role=role, finding="", why="")
        session.add(found)
        session.flush()
    return found


def owe_answer(session: Session, case: Case, to: str, about: str, now_us: int) -> CaseAnswer:
    """Writes down that somebody is owed an answer; a contact is sealed, and its mask stands in the record."""
    check_open(case)
    made = CaseAnswer(case_number=case.number, to=STARS, about=about, owed_at=now_us, notice="")
    session.add(made)
    session.flush()
    made.to = seal_contact(session, Spot("case_answer", made.number, "to"), to)
    return made


def merge_case(session: Session, case: Case, into: Case, stamp: Stamp, why: str) -> None:
    """Lets a case go on in another: subjects, sources, tasks, answers and measures go with it; nothing that was open is
    dropped, neither a second look nor a result that is to be verified.

    Raises:
        CaseWrong: one of them is not open, or they are the same.
    """
    check_open(case)
    check_open(into)
    if case.number == into.number:
        raise CaseWrong("a case cannot be merged into itself")
    move_findings(session, case, into)
    for table in (CaseSource, CaseTask, CaseAnswer, Measure):
        session.execute(update(table).where(table.case_number == case.number).values(case_number=into.number))
    move_clocks(session, case.number, into.number)
    case.state, case.matter, case.merged_into = CaseState.MERGED, None, into.number
    case.holder, case.held_until = None, None
    into.harm, into.due_at = max(into.harm, case.harm), min(into.due_at, case.due_at)
    into.rank = rank_of(into.due_at, into.harm)
    for each, text in ((case, f"into {into.number}"), (into, f"from {case.number}")):
        note(session, each, stamp, "merge", f"{text}: {why}")
        _write(session, each, stamp, "merge", why)


def split_case(session: Session, case: Case, subjects: list[str], stamp: Stamp, why: str) -> Case:
    """Takes subjects out of a case into one of their own, with the measures on them.

    Raises:
        CaseWrong: the case is not open, or none or all of its subjects are named.
    """
    check_open(case)
    there = session.scalars(select(CaseSubject).where(CaseSubject.case_number == case.number)).all()
    moved = [each for each in there if each.subject in subjects]
    if not moved or len(moved) == len(there):
        raise CaseWrong("a split names some of the case's subjects, and not all of them")
    principal = moved[0].subject
    matter = matter_of(principal, case.typology)
    if session.scalars(select(Case.number).where(Case.matter == matter)).first() is not None:
        raise CaseWrong(f"there is an open case on `{principal[:60]}` already; merge into it instead")
    fields = {
        name: getattr(case, name) for name in ("queue", "typology", "title", "skill", "lang", "harm", "due_at", "rank")
    }
    made = Case(
        **fields, **_blank(stamp), matter=matter, subject=principal, four_eyes=case.four_eyes, split_from=case.number
    )  # fmt: skip
    take_along(case, made, moved)
    session.add(made)
    session.flush()
    for each in moved:
        each.case_number = made.number
    theirs = (Measure.case_number == case.number, Measure.subject.in_([each.subject for each in moved]))
    session.execute(update(Measure).where(*theirs).values(case_number=made.number))
    link_cases(session, made, case, "split")
    for side, text in ((case, f"to {made.number}"), (made, f"from {case.number}")):
        note(session, side, stamp, "split", f"{text}: {why}")
        _write(session, side, stamp, "split", why)
    return made


def link_cases(session: Session, case: Case, other: Case, why: str) -> None:
    """Says that two cases belong together; said twice, it is said once."""
    first, second = sorted((case.number, other.number))
    known = select(CaseLink).where(CaseLink.case_number == first, CaseLink.other == second)
    if first != second and session.scalars(known).one_or_none() is None:
        session.add(CaseLink(case_number=first, other=second, why=why[:300]))


def comment(session: Session, case: Case, stamp: Stamp, text: str) -> None:
    """Adds what somebody has to say; also on a closed case.

    Raises:
        CaseWrong: it says nothing, or too much.
    """
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise CaseWrong(f"a comment has 1 to {TEXT_LIMIT} characters")
    note(session, case, stamp, "comment", text)


def note(session: Session, case: Case, stamp: Stamp, kind: str, text: str) -> None:
    """Adds a line to a case's timeline."""
    session.add(CaseNote(case_number=case.number, at=stamp.at, by=str(stamp.by), kind=kind, text=text))


def check_open(case: Case) -> None:
    """Whether a case can be worked on.

    Raises:
        CaseWrong: it is closed, or goes on in another.
    """
    if case.state != CaseState.OPEN:
        place = f" into {case.merged_into}" if case.merged_into else ""
        raise CaseWrong(f"case {case.number} is {case.state}{place}")


def check_wanted(wanted: NewCase) -> None:
    """Whether a case can be made of this.

    Raises:
        CaseWrong: what is wrong.
    """
    if parse_entity(wanted.subject) is None or len(wanted.subject) > ENTITY_LIMIT:
        raise CaseWrong("a case has a subject, written `kind:value`")
    if wanted.typology not in TYPOLOGIES:
        raise CaseWrong(f"there is no typology `{wanted.typology[:20]}`")
    if wanted.role not in ROLES:
        raise CaseWrong(f"there is no role `{wanted.role[:20]}`: {', '.join(sorted(ROLES))}")
    if not 0 < len(wanted.reference) <= 300 or not 0 < len(wanted.queue) <= 64 or len(wanted.title) > 300:
        raise CaseWrong("a reference has 1 to 300 characters, a queue's name 1 to 64, a title at most 300")
    if len(wanted.note) > TEXT_LIMIT or wanted.harm < 0:
        raise CaseWrong(f"a note has at most {TEXT_LIMIT} characters, and harm is not negative")


def rank_of(due_at: int, harm: int) -> int:
    """The place in a queue: the less, the sooner. It depends on nothing that passes, so that a queue is kept in order.

    >>> rank_of(100 * HOUR_US, 3) < rank_of(95 * HOUR_US, 0)
    True
    """
    return due_at - round(math.log2(1 + harm) * HARM_US)


def matter_of(subject: str, typology: str) -> str:
    """What makes two suspicions one matter."""
    return hashlib.sha256(f"{subject}\0{typology}".encode()).hexdigest()


def _make(wanted: NewCase, matter: str, stamp: Stamp) -> Case:
    fields = {
        name: getattr(wanted, name)
        for name in ("subject", "queue", "typology", "title", "skill", "lang", "harm", "due_at")
    }
    rank = rank_of(wanted.due_at, wanted.harm)
    return Case(**fields, **_blank(stamp), matter=matter, rank=rank, four_eyes=wanted.four_eyes)


def _blank(stamp: Stamp) -> dict[str, object]:
    return {
        "state": CaseState.OPEN,
        "opened_at": stamp.at,
        "opened_by": str(stamp.by),
        "free_at": stamp.at,
        "verification": "",
        "lesson": "",
        "reopened": 0,
    }


def _write(session: Session, case: Case, stamp: Stamp, verb: str, why: str) -> None:
    facts = {"state": case.state, "queue": case.queue, "subject": case.subject}
    write_act(session, Act(stamp=stamp, act=f"case.{verb}", record=f"case:{case.number}", why=why, after=facts))
