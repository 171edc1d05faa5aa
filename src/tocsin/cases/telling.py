"""What is known of a measure when its person is told.

Receives a notice that is owed, or a measure that is to be published. Gives its source, its facts and its ground out of the
records, in both languages where the packs have them. Whoever reported is known here only so that no text names them.
"""

from collections.abc import Mapping

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.tables import CaseAnswer, CaseSource, CaseSubject
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure
from tocsin.measures.telling import Known
from tocsin.measures.text.subject import Source
from tocsin.model.decision import RuleId
from tocsin.model.event_type import Title
from tocsin.records.actor import ActorKind, parse_actor
from tocsin.rulebook.duties.duty import Duty, DutyId, shown_as_law

_SOURCES = {"report": Source.REPORT, "request": Source.AUTHORITY}


class Library(Struct, frozen=True):
    """What the packs say in both languages: of each rule why it fired, of each duty its law. `basis` is the platform's term
    for measures whose duties are no law here.
    """

    because: Mapping[RuleId, Title]
    duties: Mapping[DutyId, Duty]
    basis: str


def known_of_notice(session: Session, notice: NoticeRecord, library: Library) -> Known:
    """What is known of the act that a notice is about."""
    measure = session.get_one(Measure, notice.measure)
    known = known_of_measure(session, measure, library)
    if notice.appeal is None:
        return known
    appeal = session.get_one(Appeal, notice.appeal)
    is_decided = notice.event != NoticeEvent.APPEAL_RECEIVED
    return Known(
        source=known.source,
        facts=known.facts,
        ground=known.ground,
        is_law=known.is_law,
        why=_same(appeal.why) if is_decided else known.why,
        redress=_same(appeal.redress) if is_decided and appeal.redress else None,
        at=appeal.decided_at if is_decided else appeal.received_at,
        answer_by=appeal.due_at,
        hidden=known.hidden,
    )


def known_of_measure(session: Session, measure: Measure, library: Library) -> Known:
    """What is known of a measure."""
    duties = [duty for name in measure.basis.split(", ") if (duty := library.duties.get(DutyId(name)))]
    laws = [duty for duty in duties if shown_as_law(duty)]
    if laws:
        ground = Title(_join(laws, "en", ", ", "; "), _join(laws, "zh", "", "、"))
    else:
        ground = _same(library.basis if duties else measure.basis)
    reporters = _reporters(session, measure.case_number)
    because = library.because.get(RuleId(measure.rule)) if measure.rule else None
    told = because if because is not None and measure.reason in {because.en, because.zh} else _same(measure.reason)
    return Known(
        source=_source(session, measure),
        facts=told,
        ground=ground,
        is_law=bool(laws),
        why=_why(laws[0].asks) if laws else None,
        hidden=reporters,
    )


def _source(session: Session, measure: Measure) -> Source:
    """How it came to light: an authority's act, else what the case was first opened by, else the platform itself."""
    if any(parse_actor(by).kind is ActorKind.AUTHORITY for by in (measure.proposed_by, measure.ordered_by) if by):
        return Source.AUTHORITY
    if measure.case_number is None:
        return Source.OWN
    asked = select(CaseSource.kind).where(CaseSource.case_number == measure.case_number).order_by(CaseSource.number)
    return _SOURCES.get(session.scalars(asked.limit(1)).first() or "", Source.OWN)


def _reporters(session: Session, case: int | None) -> tuple[str, ...]:
    """Everything that names who reported in a case."""
    if case is None:
        return ()
    named = select(CaseSubject.subject).where(CaseSubject.case_number == case, CaseSubject.role == "reporter")
    owed = select(CaseAnswer.to).where(CaseAnswer.case_number == case)
    return tuple(sorted({*session.scalars(named), *session.scalars(owed)}))


def _join(duties: list[Duty], lang: str, inner: str, outer: str) -> str:
    return outer.join(dict.fromkeys(getattr(each.law, lang) + inner + getattr(each.article, lang) for each in duties))


def _why(asks: Title) -> Title:
    return Title(f"The law asks this of platforms: {asks.en}", f"法律对平台的要求是：{asks.zh}")


def _same(text: str) -> Title:
    return Title(text, text)
