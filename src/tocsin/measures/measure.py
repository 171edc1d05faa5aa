"""Measures proposed, ordered and declined.

Receives what somebody proposes and who decides. Gives a Measure in the ledger and, once it is ordered, the instruction
to the platform in the same transaction. Never lets a rule or one person do what needs more.
"""

import hashlib

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.measures.instruction import give_instruction
from tocsin.measures.kind import TERMS, MeasureKind
from tocsin.measures.ladder import check_step, rung_of
from tocsin.measures.lifting import lift_consequences
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.owing import owe_notice
from tocsin.measures.state import IN_FORCE, MeasureState, Step, after
from tocsin.measures.tables import Measure
from tocsin.measures.text.dates import is_day
from tocsin.measures.text.places import LANGUAGES
from tocsin.model.entity import parse_entity
from tocsin.model.window import SECOND_US
from tocsin.records.actor import ActorKind, Stamp, parse_actor
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import MeasureWrong
from tocsin.records.table import find_record

HOUR_US = 3_600 * SECOND_US
REASON_LIMIT = 4_000


class Policy(Struct, frozen=True, kw_only=True):
    """What the platform allows: how grave a measure a rule may order by itself, and how many in an hour."""

    automatic_level: int = 3
    rule_per_hour: int = 100


class NewMeasure(Struct, frozen=True, kw_only=True):
    """A measure that is wanted.

    `basis` is a law with its article, or a term of the platform; `reason` says why in plain words; `evidence` are
    SHA-256 digests. `parent` is the measure that brings this one about, and with which it is lifted. `lang` is the language
    in which the person is told, `untold` says why they may not be, `content_on` is the day (`YYYY-MM-DD`) from which the
    platform has hosted the subject.
    """

    subject: str
    kind: MeasureKind
    basis: str
    reason: str
    scope: str = ""
    role: str = "principal"
    typology: str = ""
    evidence: tuple[str, ...] = ()
    span_us: int | None = None
    rule: str = ""
    event: str = ""
    case_number: int | None = None
    parent: int | None = None
    batch: int | None = None
    lang: str = ""
    untold: str = ""
    content_on: str = ""


def propose(session: Session, wanted: NewMeasure, stamp: Stamp) -> Measure:
    """Puts a measure into the ledger; the same one that is open or in force already is answered instead.

    Raises:
        MeasureWrong: it may not be taken on this subject, or lacks what it must have.
    """
    check_wanted(wanted)
    if wanted.untold and not stamp.by.is_human:
        raise MeasureWrong("a person answers for it that somebody is not told")
    identity = identity_of(wanted)
    known = session.scalars(select(Measure).where(Measure.identity == identity)).one_or_none()
    if known is not None:
        return known
    check_place(session, wanted)
    measure = Measure(
        identity=identity,
        subject=wanted.subject,
        role=wanted.role,
        kind=wanted.kind,
        scope=wanted.scope,
        state=MeasureState.PROPOSED,
        basis=wanted.basis,
        reason=wanted.reason,
        typology=wanted.typology,
        evidence=msgspec.json.encode(wanted.evidence).decode(),
        automatic=not stamp.by.is_human,
        rule=wanted.rule,
        event=wanted.event,
        case_number=wanted.case_number,
        parent=wanted.parent,
        batch=wanted.batch,
        proposed_by=str(stamp.by),
        proposed_at=stamp.at,
        span_us=wanted.span_us if wanted.span_us is not None else TERMS[wanted.kind].span_us,
        failure="",
        lift_reason="",
        lang=wanted.lang or None,
        untold=wanted.untold.strip() or None,
        content_on=wanted.content_on or None,
    )
    session.add(measure)
    session.flush()
    write_act(session, _act(measure, stamp, "propose", wanted.reason))
    return measure


def order(session: Session, measure: Measure, stamp: Stamp) -> bool:
    """Orders a measure, or endorses it where it needs two people and `by` is the first. True where it is ordered now.

    Raises:
        MeasureWrong: it is not proposed or failed, this needs a person, or a second one, or what brought it about stands
            no more.
    """
    check_parent(session, measure.parent)
    people = TERMS[MeasureKind(measure.kind)].people
    if people and not stamp.by.is_human:
        raise MeasureWrong(f"`{measure.kind}` needs a person's decision")
    if people == 2 and measure.endorsed_by is None:
        measure.state = after(MeasureState(measure.state), Step.ENDORSE)
        measure.endorsed_by = str(stamp.by)
        write_act(session, _act(measure, stamp, "endorse"))
        return False
    if people == 2 and measure.endorsed_by == str(stamp.by) and measure.ordered_by is None:
        raise MeasureWrong(f"`{measure.kind}` needs a second person")
    measure.state = after(MeasureState(measure.state), Step.ORDER)
    if measure.ordered_at is None:
        measure.ordered_by, measure.ordered_at, measure.starts_at = str(stamp.by), stamp.at, stamp.at
        measure.ends_at = stamp.at + measure.span_us if measure.span_us is not None else None
        owe_notice(session, measure, NoticeEvent.TAKEN, stamp.at)
    measure.failure = ""
    write_act(session, _act(measure, stamp, "order"))
    give_instruction(session, measure, "apply", stamp.at)
    return True


def decline(session: Session, measure: Measure, stamp: Stamp, why: str) -> None:
    """Decides that a proposed measure is not taken, and nothing of what it would have brought about.

    Raises:
        MeasureWrong: it is not proposed any more, nobody says why, or no person decides.
    """
    if not stamp.by.is_human or not why.strip():
        raise MeasureWrong("a person declines a measure, and says why")
    measure.state = after(MeasureState(measure.state), Step.DECLINE)
    measure.identity = None
    write_act(session, _act(measure, stamp, "decline", why))
    lift_consequences(session, measure, stamp, why)


def may_order_by_itself(session: Session, measure: Measure, policy: Policy, now_us: int) -> str:
    """Why a rule may not order this measure by itself; empty where it may."""
    terms = TERMS[MeasureKind(measure.kind)]
    if terms.people:
        return "needs a person"
    if terms.level > policy.automatic_level:
        return "graver than rules may order here"
    if parse_actor(measure.proposed_by).kind is not ActorKind.RULE:
        return "not proposed by a rule"
    lately = select(func.count()).where(Measure.rule == measure.rule, Measure.ordered_at > now_us - HOUR_US)
    if session.scalars(lately).one() >= policy.rule_per_hour:
        return "the rule has ordered as many as it may in an hour"
    return ""


def kinds_in_force(session: Session, subject: str) -> list[MeasureKind]:
    """Every kind of measure that is in force on a subject."""
    found = session.scalars(select(Measure.kind).where(Measure.subject == subject, Measure.state.in_(IN_FORCE)))
    return [MeasureKind(kind) for kind in found]


def check_wanted(wanted: NewMeasure) -> None:
    """Whether a measure has all that it must have.

    Raises:
        MeasureWrong: what is wrong or missing.
    """
    entity = parse_entity(wanted.subject)
    terms = TERMS[wanted.kind]
    if entity is None or entity.kind not in terms.subjects:
        expected = ", ".join(sorted(terms.subjects))
        raise MeasureWrong(f"`{wanted.kind}` is taken on {expected}; `{wanted.subject[:60]}` is none of them")
    if terms.scoped is not bool(wanted.scope):
        raise MeasureWrong(f"`{wanted.kind}` {'names a function' if terms.scoped else 'names no function'}")
    if not wanted.basis.strip() or not wanted.reason.strip():
        raise MeasureWrong("a measure has a basis (a law with its article, or a term) and a reason in plain words")
    if wanted.lang not in {"", *LANGUAGES} or len(wanted.untold) > REASON_LIMIT:
        raise MeasureWrong(f"a person is told in {' or '.join(LANGUAGES)}")
    if wanted.content_on and not is_day(wanted.content_on):
        raise MeasureWrong("the day from which something is hosted is written as 2026-02-01")
    if len(wanted.reason) > REASON_LIMIT:
        raise MeasureWrong(f"a reason has at most {REASON_LIMIT} characters")
    if wanted.span_us is not None and wanted.span_us <= 0:
        raise MeasureWrong("a measure lasts for some time")


def check_place(session: Session, wanted: NewMeasure) -> None:
    """Whether a measure makes sense where its subject and what brings it about stand now.

    Raises:
        MeasureWrong: it would change nothing, or what brings it about stands no more.
    """
    check_parent(session, wanted.parent)
    if wanted.subject.startswith("account:"):
        check_step(rung_of(kinds_in_force(session, wanted.subject)), wanted.kind)


def check_parent(session: Session, number: int | None) -> None:
    """Whether what brings a measure about stands, or may yet.

    Raises:
        MeasureWrong: there is no such measure, or it was declined or lifted.
    """
    if number is None:
        return
    parent = find_record(session, Measure, number)
    if parent is None:
        raise MeasureWrong("there is no such measure that could bring this one about")
    if MeasureState(parent.state) not in {MeasureState.PROPOSED, *IN_FORCE}:
        raise MeasureWrong(f"measure {number}, which would bring this one about, is {parent.state}")


def identity_of(wanted: NewMeasure) -> str:
    """What makes two measures the same one: subject, kind, function, and the measure that brought them about."""
    parts = (wanted.subject, wanted.kind, wanted.scope, str(wanted.parent or ""))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _act(measure: Measure, stamp: Stamp, verb: str, why: str = "") -> Act:
    return Act(
        stamp=stamp,
        act=f"measure.{verb}",
        record=f"measure:{measure.number}",
        why=why,
        after={"state": measure.state, "kind": measure.kind, "scope": measure.scope, "subject": measure.subject},
    )
