"""Measures over HTTP: proposed, ordered, declined, lifted; what the platform is told and what it answers."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.http.api.finding import found, newest
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import CURSOR, MOST, PAGE
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.views import (
    InstructionView,
    MeasurePage,
    MeasureView,
    view_instruction,
    view_measure,
)
from tocsin.app.http.problem import Refusal
from tocsin.cases.case import NewCase, SourceKind, open_case
from tocsin.cases.exhibits.need import order_with_evidence
from tocsin.cases.tables import Case
from tocsin.measures.instruction import confirm, fail, pull
from tocsin.measures.kind import MeasureKind
from tocsin.measures.lifting import lift, repeat_lift
from tocsin.measures.measure import NewMeasure, decline, propose
from tocsin.measures.reconciliation import Difference, Held, compare_state
from tocsin.measures.tables import Instruction, Measure
from tocsin.records.table import find_record

Text = Annotated[str, QueryParameter(max_length=512)]
State = Annotated[str, QueryParameter(name="state", max_length=16)]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST)]
Cursor = Annotated[str | None, QueryParameter(pattern=CURSOR)]
TOLD_AT_ONCE = 1_000
RECONCILE_US = 24 * 3_600_000_000


class WantedMeasure(Struct, frozen=True, forbid_unknown_fields=True):
    """A measure to propose. `by` is who proposes it, `person:NAME`; empty: the key. `lang` is the language in which the
    person is told, `untold` why they may not be, `content_on` since when the platform has hosted the subject.
    """

    subject: str
    kind: MeasureKind
    basis: str
    reason: str
    scope: str = ""
    role: str = "principal"
    typology: str = ""
    evidence: tuple[str, ...] = ()
    span_s: int | None = None
    case_number: int | None = None
    parent: int | None = None
    lang: str = ""
    untold: str = ""
    content_on: str = ""
    by: str = ""


class WantedAct(Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a record: who does it, and why."""

    by: str = ""
    why: str = ""


class WantedState(Struct, frozen=True, forbid_unknown_fields=True):
    """What the platform has in force, subject by subject; `queue` is where differences go."""

    subjects: list[Held]
    queue: str = "reconciliation"


class Differences(Struct, frozen=True):
    """Every difference between platform and ledger, and the cases that were opened for them."""

    differences: list[Difference]
    cases: list[int]


class MeasureController(Controller):
    """The ledger of measures."""

    path = "/v1/measures"
    tags = ("measures",)

    @get("/", summary="Measures, newest first", sync_to_thread=True)
    def index(
        self, service: Served, subject: Text = "", in_state: State = "", limit: Limit = PAGE, cursor: Cursor = None
    ) -> MeasurePage:
        """Of one subject or in one state, or all."""
        only = {Measure.subject: subject, Measure.state: in_state}
        with service.records.session() as session:
            measures, after = newest(session, Measure, only, limit, cursor)
            return MeasurePage([view_measure(each) for each in measures], after)

    @get("/{number:int}", summary="One measure", sync_to_thread=True)
    def show(self, service: Served, number: FromPath[int]) -> MeasureView:
        """A measure as it stands."""
        with service.records.session() as session:
            return view_measure(find_measure(session, number))

    @post("/", summary="Propose a measure", sync_to_thread=True, status_code=200)
    def add(self, service: Served, caller: Called, data: JSONBody[WantedMeasure]) -> MeasureView:
        """The same measure that is open or in force already is answered instead."""
        with acting(service, caller, data.by) as (session, stamp):
            check_case(session, data)
            return view_measure(propose(session, new_measure(data), stamp))

    @post("/{number:int}/order", summary="Order a measure", sync_to_thread=True, status_code=200)
    def order(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> MeasureView:
        """What needs two people is endorsed by the first and ordered by the second. Nothing is taken down of which an open case
        holds no evidence, unless `why` says why there is none.
        """
        with acting(service, caller, data.by) as (session, stamp):
            measure = find_measure(session, number)
            order_with_evidence(session, measure, stamp, data.why)
            return view_measure(measure)

    @post("/{number:int}/decline", summary="Decline a proposed measure", sync_to_thread=True, status_code=200)
    def decline(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> MeasureView:
        """A person says why it is not taken."""
        with acting(service, caller, data.by) as (session, stamp):
            measure = find_measure(session, number)
            decline(session, measure, stamp, data.why)
            return view_measure(measure)

    @post("/{number:int}/lift", summary="Lift a measure", sync_to_thread=True, status_code=200)
    def lift(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> MeasurePage:
        """With everything that it brought about; answers all that is lifted."""
        with acting(service, caller, data.by) as (session, stamp):
            lifted = lift(session, find_measure(session, number), stamp, data.why)
            return MeasurePage([view_measure(each) for each in lifted], None)

    @post("/{number:int}/repeat", summary="Repeat a lift that failed", sync_to_thread=True, status_code=200)
    def repeat(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]) -> MeasureView:
        """Tells the platform once more."""
        with acting(service, caller, data.by) as (session, stamp):
            measure = find_measure(session, number)
            repeat_lift(session, measure, stamp)
            return view_measure(measure)

    @post("/state", summary="Compare with what the platform has", sync_to_thread=True, status_code=200)
    def compare(self, service: Served, caller: Called, data: JSONBody[WantedState]) -> Differences:
        """A case is opened for each subject on which platform and ledger differ."""
        if len(data.subjects) > TOLD_AT_ONCE:
            raise Refusal(413, "too_large", f"at most {TOLD_AT_ONCE} subjects are compared at once")
        with acting(service, caller) as (session, stamp):
            found = compare_state(session, data.subjects)
            cases = []
            for subject in dict.fromkeys(each.subject for each in found):
                what = ", ".join(f"{each.measure} {each.side}" for each in found if each.subject == subject)
                wanted = NewCase(
                    subject=subject,
                    source=SourceKind.RECONCILIATION,
                    reference=f"{stamp.at}/{subject}"[:300],
                    queue=data.queue,
                    due_at=stamp.at + RECONCILE_US,
                    note=what[:2_000],
                )
                cases.append(open_case(session, wanted, stamp).number)
        return Differences(found, cases)


class InstructionController(Controller):
    """What the platform carries out."""

    path = "/v1/instructions"
    tags = ("measures",)

    @post("/pull", summary="What is to be done", sync_to_thread=True, status_code=200)
    def pull(self, service: Served, caller: Called, limit: Limit = PAGE) -> list[InstructionView]:
        """The oldest that are not answered, of each subject only the first. The same are given again until they are."""
        with acting(service, caller) as (session, stamp):
            found = pull(session, limit, stamp.at)
            return [view_instruction(each, session.get_one(Measure, each.measure)) for each in found]

    @post("/{number:int}/confirm", summary="It is done", sync_to_thread=True, status_code=200)
    def confirm(self, service: Served, caller: Called, number: FromPath[int]) -> InstructionView:
        """Said twice, it is said once."""
        with acting(service, caller) as (session, stamp):
            instruction = find_instruction(session, number)
            confirm(session, instruction, stamp)
            return view_instruction(instruction, session.get_one(Measure, instruction.measure))

    @post("/{number:int}/fail", summary="It could not be done", sync_to_thread=True, status_code=200)
    def fail(
        self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedAct]
    ) -> InstructionView:
        """With the reason; the measure stays owed."""
        with acting(service, caller) as (session, stamp):
            instruction = find_instruction(session, number)
            fail(session, instruction, stamp, data.why)
            return view_instruction(instruction, session.get_one(Measure, instruction.measure))


def new_measure(data: WantedMeasure) -> NewMeasure:
    """What is wanted, as the ledger takes it."""
    fields = {name: getattr(data, name) for name in WantedMeasure.__struct_fields__ if name not in {"span_s", "by"}}
    return NewMeasure(**fields, span_us=None if data.span_s is None else data.span_s * 1_000_000)


def check_case(session: Session, data: WantedMeasure) -> None:
    """Whether the case is there to which a measure is to belong.

    Raises:
        Refusal: it is not.
    """
    number = data.case_number
    if number is not None and (find_record(session, Case, number) is None):
        raise Refusal(422, "invalid", "there is no such case", field="case_number")


def find_measure(session: Session, number: int) -> Measure:
    """A measure by its number.

    Raises:
        Refusal: there is none.
    """
    return found(session, Measure, number, "measure")


def find_instruction(session: Session, number: int) -> Instruction:
    """An instruction by its number.

    Raises:
        Refusal: there is none.
    """
    return found(session, Instruction, number, "instruction")
