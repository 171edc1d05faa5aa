"""Everything about a case, for others.

Receives a case. Gives its manifest and the facts for its report, in both languages. Whoever hands it over is written into
the audit log with the digest of what was handed over.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.case import note
from tocsin.cases.evidence.manifest import Exhibit, Manifest
from tocsin.cases.evidence.paper.facts import CaseFacts, Fact, Section
from tocsin.cases.exhibits.joining import evidence_of
from tocsin.cases.tables import Case, CaseNote, CaseSource, CaseSubject
from tocsin.measures.tables import Measure
from tocsin.model.event_type import Title
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act

LINES = 500
"""Lines of the timeline that a report shows."""


def list_exhibits(session: Session, case: Case, stamp: Stamp) -> Manifest:
    """The manifest of a case as it is now; not signed yet."""
    exhibits = tuple(
        Exhibit(
            sha256=each.sha256,
            size=each.size,
            media_type=each.media_type,
            label=Title(each.label_en, each.label_zh),
            source=each.source,
            taken_at=each.taken_at,
            taken_by=each.taken_by,
            channel=each.channel,
        )
        for each in evidence_of(session, case.number)
    )
    return Manifest(case=f"case:{case.number}", made_at=stamp.at, made_by=str(stamp.by), exhibits=exhibits)


def tell_facts(session: Session, case: Case) -> CaseFacts:
    """What a report says of a case: what it is, its subjects, the measures taken, where it came from, what happened."""
    title = case.title or f"{case.typology} {case.subject}"
    return CaseFacts(
        Title(title, title),
        (
            Section(Title("Case", "案件"), tuple(_of_case(case))),
            Section(Title("Subjects", "涉案对象"), tuple(_of_subjects(session, case))),
            Section(Title("Measures", "处置措施"), tuple(_of_measures(session, case))),
            Section(Title("Sources", "来源"), tuple(_of_sources(session, case))),
            Section(Title("Timeline", "经过"), tuple(_of_timeline(session, case))),
        ),
    )


def note_export(session: Session, case: Case, stamp: Stamp, form: str, sha256: str) -> None:
    """Writes down that a case left the house: as what, and the digest of what left."""
    note(session, case, stamp, "export", f"{form} {sha256}")
    facts = {"form": form, "sha256": sha256}
    write_act(session, Act(stamp=stamp, act="case.export", record=f"case:{case.number}", after=facts))


def _of_case(case: Case) -> Iterator[Fact]:
    yield Fact(Title("Number", "编号"), str(case.number))
    yield Fact(Title("Kind of fraud", "诈骗类型"), case.typology)
    yield Fact(Title("State", "状态"), case.state)
    yield Fact(Title("Queue", "队列"), case.queue)
    yield Fact(Title("Opened", "立案"), f"{_moment(case.opened_at)} {case.opened_by}")
    if case.closed_at is not None:
        yield Fact(Title("Closed", "结案"), f"{_moment(case.closed_at)} {case.closed_by}")
    if case.verification:
        yield Fact(Title("Result verified", "复核结果"), case.verification)


def _of_subjects(session: Session, case: Case) -> Iterator[Fact]:
    asked = select(CaseSubject).where(CaseSubject.case_number == case.number).order_by(CaseSubject.number)
    for each in session.scalars(asked):
        found = f"{each.role}, {each.finding}: {each.why}" if each.finding else each.role
        yield Fact(Title(each.subject, each.subject), found)


def _of_measures(session: Session, case: Case) -> Iterator[Fact]:
    asked = select(Measure).where(Measure.case_number == case.number).order_by(Measure.number)
    for each in session.scalars(asked):
        name = f"{each.kind} {each.scope}".strip()
        text = f"{each.subject}: {each.state}; {each.basis}: {each.reason}"
        yield Fact(Title(name, name), text)


def _of_sources(session: Session, case: Case) -> Iterator[Fact]:
    asked = select(CaseSource).where(CaseSource.case_number == case.number).order_by(CaseSource.number)
    for each in session.scalars(asked.limit(LINES)):
        yield Fact(Title(each.kind, each.kind), f"{_moment(each.at)} {each.reference}")


def _of_timeline(session: Session, case: Case) -> Iterator[Fact]:
    asked = select(CaseNote).where(CaseNote.case_number == case.number).order_by(CaseNote.number).limit(LINES)
    for each in session.scalars(asked):
        yield Fact(Title(_moment(each.at), _moment(each.at)), f"{each.by} {each.kind}: {each.text}")


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
