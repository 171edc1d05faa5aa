"""Clocks over HTTP: what is due next, paused, resumed, met."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.http.api.finding import found
from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.api.search import MOST, PAGE
from tocsin.app.http.api.time import moment
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.problem import Refusal
from tocsin.cases.clocks.clock import State, StatutoryClock, due_at, state_at
from tocsin.cases.clocks.ledger import After, clock_of, is_in, list_clocks, meet, pause, resume
from tocsin.cases.clocks.tables import ClockLevel, ClockRecord
from tocsin.model.window import SECOND_US

InState = Literal["", "running", "paused", "met", "missed", "met_late"]
CURSOR = r"^[0-9]{1,18}-[0-9]{1,18}$"


class WantedStep(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a clock: who says so, and why."""

    by: str
    why: str


class PauseView(Struct, frozen=True):
    """A time that did not count, and why."""

    reason: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str


class ClockView(Struct, frozen=True):
    """A deadline. `kind` is `statutory` (a duty, shown as law) or `internal` (the platform's own, though it may serve a duty).

    `left_s` is how much is left, below zero where it is late.
    """

    number: int
    id: str
    kind: str
    duty: str | None
    policy: str | None
    state: State
    purpose: str
    about: str
    case_number: int | None
    subject: str
    starts_at: datetime
    received_at: datetime | None
    channel: str
    span: str
    calendar: str
    zone: str
    provisional: bool
    pausable: bool
    due_at: datetime
    left_s: float
    met_at: datetime | None
    pauses: list[PauseView]


class LevelView(Struct, frozen=True):
    """A level that was reached, and when somebody was told."""

    level: str
    at: datetime


class ClockDetail(Struct, frozen=True):
    """A clock, and what was told of it."""

    clock: ClockView
    levels: list[LevelView]


class ClockPage(Struct, frozen=True):
    """Clocks by due time. `cursor` asks for the page after; it is null on the last one."""

    clocks: list[ClockView]
    cursor: str | None


class ClockController(Controller):
    """Deadlines that run."""

    path = "/v1/clocks"
    tags = ("clocks",)

    @get("/", summary="What is due next", sync_to_thread=True)
    def index(
        self,
        service: Served,
        of: Annotated[str, QueryParameter(max_length=100)] = "",
        in_state: Annotated[InState, QueryParameter(name="state")] = "",
        limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = PAGE,
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
    ) -> ClockPage:
        """Late ones first. `of` is a record such as case:7; with it or with `state`, clocks with nothing owed are shown too."""
        now = service.clock()
        only = [is_in(State(in_state), now)] if in_state else []
        if of.startswith("case:") and of[5:].isdigit() and len(of) < 24:
            only.append(ClockRecord.case_number == int(of[5:]))
        elif of:
            only.append(ClockRecord.about == of)
        after = After(*map(int, cursor.split("-"))) if cursor else None
        with service.records.session() as session:
            found = list_clocks(session, only, limit + 1, after)
            shown = [view_clock(row, now) for row in found[:limit]]
            last = found[limit - 1] if len(found) > limit else None
        return ClockPage(shown, f"{last.due_at}-{last.number}" if last else None)

    @get("/{number:int}", summary="One clock", sync_to_thread=True)
    def show(self, service: Served, number: FromPath[int]) -> ClockDetail:
        """With the levels that it has reached."""
        asked = select(ClockLevel).where(ClockLevel.clock == number).order_by(ClockLevel.number)
        with service.records.session() as session:
            row = find_clock(session, number)
            levels = [LevelView(each.level, moment(each.at)) for each in session.scalars(asked)]
            return ClockDetail(view_clock(row, service.clock()), levels)

    @post("/{number:int}/pause", summary="Pause a clock", sync_to_thread=True, status_code=200)
    def pause(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedStep]) -> ClockView:
        """From now on, with a reason; where its duty allows it."""
        with acting(service, caller, data.by) as (session, stamp):
            row = find_clock(session, number)
            pause(session, row, stamp, data.why)
            return view_clock(row, stamp.at)

    @post("/{number:int}/resume", summary="Let a clock go on", sync_to_thread=True, status_code=200)
    def resume(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedStep]) -> ClockView:
        """Its due time moves by the length of the pause."""
        with acting(service, caller, data.by) as (session, stamp):
            row = find_clock(session, number)
            resume(session, row, stamp)
            return view_clock(row, stamp.at)

    @post("/{number:int}/meet", summary="Say that what was owed is done", sync_to_thread=True, status_code=200)
    def meet(self, service: Served, caller: Called, number: FromPath[int], data: JSONBody[WantedStep]) -> ClockView:
        """For what is done outside the loop; a clock that was missed stays missed."""
        if not data.why.strip():
            raise Refusal(422, "invalid", "it is said what was done", field="why")
        with acting(service, caller, data.by) as (session, stamp):
            row = find_clock(session, number)
            meet(session, row, stamp, data.why)
            return view_clock(row, stamp.at)


def find_clock(session: Session, number: int) -> ClockRecord:
    """A clock by its number.

    Raises:
        Refusal: there is none.
    """
    return found(session, ClockRecord, number, "clock")


def view_clock(row: ClockRecord, now_us: int) -> ClockView:
    """A clock as it stands now."""
    clock = clock_of(row)
    until = due_at(clock, now_us)
    return ClockView(
        number=row.number,
        id=clock.id,
        kind=row.kind,
        duty=clock.duty if isinstance(clock, StatutoryClock) else clock.serves,
        policy=None if isinstance(clock, StatutoryClock) else clock.policy,
        state=state_at(clock, now_us),
        purpose=clock.purpose,
        about=clock.about,
        case_number=row.case_number,
        subject=row.subject,
        starts_at=moment(clock.start.at_us),
        received_at=None if clock.start.received_us is None else moment(clock.start.received_us),
        channel=clock.start.channel,
        span=str(clock.span),
        calendar=clock.calendar,
        zone=clock.zone,
        provisional=clock.provisional,
        pausable=clock.pausable,
        due_at=moment(until),
        left_s=(until - now_us) / SECOND_US,
        met_at=None if clock.met_us is None else moment(clock.met_us),
        pauses=[
            PauseView(
                each.reason,
                moment(each.opened_us),
                each.opened_by,
                None if each.closed_us is None else moment(each.closed_us),
                each.closed_by,
            )
            for each in clock.pauses
        ],
    )
