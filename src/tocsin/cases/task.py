"""What somebody is to do for a case.

Receives a title, and who does it by when. Gives a task that keeps the case open until it is done.
"""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.case import check_open, note, rank_of
from tocsin.cases.tables import Case, CaseTask
from tocsin.records.actor import Stamp, parse_actor
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import CaseWrong

VERIFICATION = "Verify that what was done has held"
TITLE_LIMIT = 300


class NewTask(Struct, frozen=True, kw_only=True):
    """What is to be done; `assignee` is `person:NAME`, `due_at` in microseconds since 1970 UTC."""

    title: str
    assignee: str
    due_at: int | None = None


def add_task(session: Session, case: Case, wanted: NewTask, stamp: Stamp) -> CaseTask:
    """Puts a task into a case.

    Raises:
        CaseWrong: the case is not open, or it is not said what is to be done.
        ActorWrong: nobody is to do it.
    """
    check_open(case)
    if not 0 < len(wanted.title.strip()) <= TITLE_LIMIT:
        raise CaseWrong(f"a task says in 1 to {TITLE_LIMIT} characters what is to be done")
    made = CaseTask(
        case_number=case.number,
        title=wanted.title,
        assignee=str(parse_actor(wanted.assignee)),
        due_at=wanted.due_at,
    )
    session.add(made)
    session.flush()
    note(session, case, stamp, "task", f"{made.number}: {made.title}")
    _write(session, made, stamp, "add")
    return made


def finish_task(session: Session, case: Case, task: CaseTask, stamp: Stamp) -> None:
    """A task is done; said again, it stays done as it was.

    Raises:
        CaseWrong: the case is not open, or the task is another case's.
    """
    check_open(case)
    if task.case_number != case.number:
        raise CaseWrong(f"case {case.number} has no such task")
    if task.done_at is None:
        task.done_at, task.done_by = stamp.at, str(stamp.by)
        note(session, case, stamp, "task done", f"{task.number}: {task.title}")
        _write(session, task, stamp, "finish")


def finish_verification(session: Session, case: Case, stamp: Stamp) -> None:
    """The result of a case was looked at: the task that asked for it is done, and the case goes back to its place."""
    undone = (CaseTask.case_number == case.number, CaseTask.title == VERIFICATION, CaseTask.done_at.is_(None))
    for task in session.scalars(select(CaseTask).where(*undone)).all():
        task.done_at, task.done_by = stamp.at, str(stamp.by)
    case.rank = rank_of(case.due_at, case.harm)


def _write(session: Session, task: CaseTask, stamp: Stamp, verb: str) -> None:
    facts = {"title": task.title, "assignee": task.assignee}
    record = f"case:{task.case_number}"
    write_act(session, Act(stamp=stamp, act=f"case.task.{verb}", record=record, after={"task": task.number, **facts}))
