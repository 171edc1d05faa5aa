"""A case with all that belongs to it.

Receives a session and a case. Gives one struct; over HTTP, at the command line and in an export it is the same.
"""

from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tocsin.app.http.loop.views import (
    AnswerView,
    CaseDetail,
    EvidenceView,
    NoteView,
    SourceView,
    SubjectView,
    TaskView,
    view,
    view_case,
    view_measure,
)
from tocsin.cases.closing import open_things
from tocsin.cases.exhibits.joining import evidence_of
from tocsin.cases.tables import Case, CaseAnswer, CaseLink, CaseNote, CaseSource, CaseSubject, CaseTask
from tocsin.measures.tables import Measure

TIMELINE = 500
OfCase = TypeVar("OfCase", CaseSubject, CaseSource, CaseTask, CaseAnswer)


def detail_of(session: Session, case: Case) -> CaseDetail:
    """A case as it stands, its timeline newest first."""
    number = case.number
    links = session.scalars(select(CaseLink).where(or_(CaseLink.case_number == number, CaseLink.other == number)))
    measures = select(Measure).where(Measure.case_number == number).order_by(Measure.number)
    notes = select(CaseNote).where(CaseNote.case_number == number).order_by(CaseNote.number.desc()).limit(TIMELINE)

    def of_case(table: type[OfCase]) -> list[OfCase]:
        return list(session.scalars(select(table).where(table.case_number == number).order_by(table.number)))

    return CaseDetail(
        view_case(case),
        open_things(session, case),
        [view(SubjectView, each) for each in of_case(CaseSubject)],
        [view(SourceView, each) for each in of_case(CaseSource)],
        [view(EvidenceView, each) for each in evidence_of(session, number)],
        [view_measure(each) for each in session.scalars(measures)],
        [view(TaskView, each) for each in of_case(CaseTask)],
        [view(AnswerView, each) for each in of_case(CaseAnswer)],
        [view(NoteView, each) for each in session.scalars(notes)],
        sorted({each.other if each.case_number == number else each.case_number for each in links}),
    )
