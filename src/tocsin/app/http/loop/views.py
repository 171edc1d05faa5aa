"""The loop's records on the wire.

Receives records. Gives structs; the OpenAPI document is made from them.
"""

from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from tocsin.app.http.api.time import moment
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.closing import Open
from tocsin.cases.tables import Case
from tocsin.measures.tables import Instruction, Measure

V = TypeVar("V", bound=Struct)


class MeasureView(Struct, frozen=True):
    """A measure in the ledger. A time is null where it has not come."""

    number: int
    subject: str
    role: str
    kind: str
    scope: str
    state: str
    basis: str
    reason: str
    typology: str
    automatic: bool
    rule: str
    event: str
    case_number: int | None
    parent: int | None
    batch: int | None
    proposed_by: str
    proposed_at: datetime
    endorsed_by: str | None
    ordered_by: str | None
    ordered_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    confirmed_at: datetime | None
    failure: str
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str


class MeasurePage(Struct, frozen=True):
    """Measures, newest first. `cursor` asks for the page after; it is null on the last one."""

    measures: list[MeasureView]
    cursor: str | None


class InstructionView(Struct, frozen=True):
    """What the platform is to do: `apply` or `lift` a measure. It is answered by its number."""

    number: int
    verb: str
    subject: str
    given_at: datetime
    outcome: str
    measure: MeasureView


class CaseView(Struct, frozen=True):
    """A case in short."""

    number: int
    state: str
    queue: str
    subject: str
    typology: str
    title: str
    skill: str
    lang: str
    harm: int
    due_at: datetime
    opened_at: datetime
    opened_by: str
    holder: str | None
    held_until: datetime | None
    four_eyes: bool
    decided_by: str | None
    second_by: str | None
    verify_at: datetime | None
    verified_at: datetime | None
    merged_into: int | None
    split_from: int | None
    closed_at: datetime | None
    closed_by: str | None
    reopened: int


class CasePage(Struct, frozen=True):
    """Cases, newest first. `cursor` asks for the page after; it is null on the last one."""

    cases: list[CaseView]
    cursor: str | None


class SubjectView(Struct, frozen=True):
    """A subject of a case and what was found of it."""

    subject: str
    role: str
    finding: str
    why: str
    decided_by: str | None
    decided_at: datetime | None


class SourceView(Struct, frozen=True):
    """Where a case came from."""

    kind: str
    reference: str
    at: datetime
    note: str


class EvidenceView(Struct, frozen=True):
    """A file of a case, and where it was seen. `sha256` is its name."""

    sha256: str
    size: int
    media_type: str
    label_en: str
    label_zh: str
    source: str
    channel: str
    taken_at: datetime
    taken_by: str


class NoteView(Struct, frozen=True):
    """A line of a case's timeline."""

    at: datetime
    by: str
    kind: str
    text: str


class TaskView(Struct, frozen=True):
    """Something to be done for a case."""

    number: int
    title: str
    assignee: str
    due_at: datetime | None
    done_at: datetime | None


class AnswerView(Struct, frozen=True):
    """An answer that is owed."""

    number: int
    to: str
    about: str
    owed_at: datetime
    given_at: datetime | None
    notice: str


class CaseDetail(Struct, frozen=True):
    """A case with all that belongs to it. `open` is everything that keeps it from closing."""

    case: CaseView
    open: list[Open]
    subjects: list[SubjectView]
    sources: list[SourceView]
    evidence: list[EvidenceView]
    measures: list[MeasureView]
    tasks: list[TaskView]
    answers: list[AnswerView]
    timeline: list[NoteView]
    linked: list[int]


class AppealView(Struct, frozen=True):
    """An objection and its decision. The words of the person are sealed; `POST /v1/personal/view` shows them to who decides."""

    number: int
    measure: int
    state: str
    by: str
    channel: str
    text: str
    received_at: datetime
    due_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    why: str
    redress: str


class AppealPage(Struct, frozen=True):
    """Appeals, the earliest due first."""

    appeals: list[AppealView]


def view(kind: type[V], record: object, **more: Any) -> V:
    """A record as one of these structs: each field by its name, times as times."""
    fields = {name: _shown(name, getattr(record, name)) for name in kind.__struct_fields__ if name not in more}
    return kind(**fields, **more)


def view_measure(measure: Measure) -> MeasureView:
    """A measure for the wire."""
    return view(MeasureView, measure)


def view_instruction(instruction: Instruction, measure: Measure) -> InstructionView:
    """An instruction for the wire, with its measure."""
    return view(InstructionView, instruction, measure=view_measure(measure))


def view_case(case: Case) -> CaseView:
    """A case for the wire."""
    return view(CaseView, case)


def view_appeal(appeal: Appeal) -> AppealView:
    """An appeal for the wire."""
    return view(AppealView, appeal)


def _shown(name: str, value: object) -> object:
    is_time = isinstance(value, int) and (name == "at" or name.endswith(("_at", "_until")))
    return moment(value) if is_time and isinstance(value, int) else value
