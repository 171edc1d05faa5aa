"""What a case holds together, over HTTP: subjects, tasks, answers that are owed, and other cases.

Every act names who does it.
"""

from datetime import datetime
from typing import TypeVar

from litestar import Controller, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.time import micros
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.cases import find_case
from tocsin.app.http.loop.views import AnswerView, CaseView, SubjectView, TaskView, view, view_case
from tocsin.app.http.problem import Refusal
from tocsin.cases.case import add_subject, check_open, link_cases, merge_case, note, owe_answer, split_case
from tocsin.cases.closing import give_answer
from tocsin.cases.tables import Case, CaseAnswer, CaseTask
from tocsin.cases.task import NewTask, add_task, finish_task
from tocsin.records.table import find_record

Part = TypeVar("Part", CaseTask, CaseAnswer)


class WantedSubject(Struct, frozen=True, forbid_unknown_fields=True):
    """A further subject of a case, and its role."""

    by: str
    subject: str
    role: str


class WantedTask(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done, by whom (`person:NAME`) and by when."""

    by: str
    title: str
    assignee: str
    due_at: datetime | None = None


class WantedDone(Struct, frozen=True, forbid_unknown_fields=True):
    """Who has done it."""

    by: str


class WantedDebt(Struct, frozen=True, forbid_unknown_fields=True):
    """To whom an answer is owed, such as `report:7`, and about what."""

    by: str
    to: str
    about: str


class WantedAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that was given; `notice` names what was said."""

    by: str
    notice: str


class WantedOther(Struct, frozen=True, forbid_unknown_fields=True):
    """The other case, and why."""

    by: str
    other: int
    why: str


class WantedSplit(Struct, frozen=True, forbid_unknown_fields=True):
    """The subjects that go into a case of their own, and why."""

    by: str
    subjects: list[str]
    why: str


class MatterController(Controller):
    """What belongs to one case."""

    path = "/v1/cases/{number:int}"
    tags = ("cases",)

    @post("/subjects", summary="Add a subject", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedSubject]) -> SubjectView:
        """One that is there already is answered."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            added = add_subject(session, case, data.subject, data.role)
            note(session, case, stamp, "subject", f"{data.subject}: {data.role}")
            return view(SubjectView, added)

    @post("/tasks", summary="Give somebody a task", sync_to_thread=True, status_code=200)
    def task(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedTask]) -> TaskView:
        """It keeps the case open until it is done."""
        wanted = NewTask(title=data.title, assignee=data.assignee, due_at=micros(data.due_at))
        with acting(service, caller, data.by) as (session, stamp):
            return view(TaskView, add_task(session, find_case(session, number), wanted, stamp))

    @post("/tasks/{part:int}/done", summary="A task is done", sync_to_thread=True, status_code=200)
    def done(
        self, service: Served, caller: Called, number: FromPath[int], part: FromPath[int], data: JSONBody[WantedDone]
    ) -> TaskView:
        """Said twice, it is said once."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            task = _part_of(session, case, CaseTask, part)
            finish_task(session, case, task, stamp)
            return view(TaskView, task)

    @post("/answers", summary="Somebody is owed an answer", sync_to_thread=True, status_code=200)
    def owe(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedDebt]) -> AnswerView:
        """It keeps the case open until it is given."""
        if not 0 < len(data.to.strip()) <= 160 or not 0 < len(data.about.strip()) <= 300:
            raise Refusal(422, "invalid", "an answer is owed to somebody (160 characters) about something (300)")
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            owed = owe_answer(session, case, data.to, data.about, stamp.at)
            note(session, case, stamp, "answer owed", f"{data.to}: {data.about}")
            return view(AnswerView, owed)

    @post("/answers/{part:int}/given", summary="An answer was given", sync_to_thread=True, status_code=200)
    def answer(
        self, service: Served, caller: Called, number: FromPath[int], part: FromPath[int], data: JSONBody[WantedAnswer]
    ) -> AnswerView:
        """Said twice, the first stands."""
        if len(data.notice) > 64:
            raise Refusal(422, "out_of_range", "a notice is named in at most 64 characters", field="notice")
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            check_open(case)
            answer = _part_of(session, case, CaseAnswer, part)
            give_answer(session, answer, stamp, data.notice)
            return view(AnswerView, answer)

    @post("/merge", summary="Let it go on in another case", sync_to_thread=True, status_code=200)
    def merge(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedOther]) -> CaseView:
        """With everything that is open about it; answers the case in which it goes on."""
        with acting(service, caller, data.by) as (session, stamp):
            into = find_case(session, data.other)
            merge_case(session, find_case(session, number), into, stamp, data.why)
            return view_case(into)

    @post("/split", summary="Take subjects into a case of their own", sync_to_thread=True, status_code=200)
    def split(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedSplit]) -> CaseView:
        """With the measures on them; answers the new case."""
        with acting(service, caller, data.by) as (session, stamp):
            return view_case(split_case(session, find_case(session, number), data.subjects, stamp, data.why))

    @post("/links", summary="Say that two cases belong together", sync_to_thread=True, status_code=200)
    def link(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedOther]) -> CaseView:
        """Said twice, it is said once."""
        with acting(service, caller, data.by) as (session, stamp):
            case = find_case(session, number)
            link_cases(session, case, find_case(session, data.other), data.why)
            note(session, case, stamp, "link", f"{data.other}: {data.why}")
            return view_case(case)


def _part_of(session: Session, case: Case, table: type[Part], number: int) -> Part:
    found = find_record(session, table, number)
    if found is None or found.case_number != case.number:
        raise Refusal(404, "not_found", "this case has nothing with this number")
    return found
