"""What a clock is, and when it runs out.

Receives a span, a start and a calendar. Gives a Clock whose due time is reckoned once and kept, so that no later
version, restart or calendar moves it. Statutory and internal clocks are different types: what speaks of law takes the
one and cannot be given the other. Never reads the machine's clock: `now_us` is always passed in.
"""

from enum import StrEnum
from typing import NewType, overload

from msgspec import Struct
from msgspec.structs import replace

from tocsin.cases.clocks.calendar import Calendar, as_law
from tocsin.cases.clocks.moment import check_start
from tocsin.cases.clocks.reckoning import Reckoning, reckon
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.duty import MINIMUMS, DutyId, Purpose
from tocsin.rulebook.duties.span import Span, Unit, stated_span
from tocsin.rulebook.duties.start import ClockSpec, Ground, InternalSpec, PolicyId, StatutorySpec

ClockId = NewType("ClockId", str)


class Start(Struct, frozen=True, kw_only=True):
    """From when a clock runs.

    `at_us` is the legally effective moment, `channel` the way by which it came (such as `portal` or `registered post`),
    `received_us` the moment at which it arrived, where that is another one.
    """

    at_us: int
    channel: str
    received_us: int | None = None


class Pause(Struct, frozen=True, kw_only=True):
    """A time that does not count: why, and who opened and closed it."""

    reason: str
    opened_us: int
    opened_by: str
    closed_us: int | None = None
    closed_by: str = ""


class Running(Struct, frozen=True, kw_only=True):
    """What clocks of both kinds have.

    `about` is the record that the clock belongs to. `first_due_us` is the last moment in time before any pause;
    `provisional` says that a year's working days were not published when it was reckoned. `met_us` is when what was
    owed was done (for a minimum: when it ended).
    """

    id: ClockId
    about: str
    start: Start
    span: Span
    calendar: str
    zone: str
    purpose: Purpose
    pausable: bool
    first_due_us: int
    provisional: bool = False
    pauses: tuple[Pause, ...] = ()
    met_us: int | None = None


class StatutoryClock(Running, frozen=True, kw_only=True, tag="statutory"):
    """A deadline that a law sets; it may be shown as law."""

    duty: DutyId


class InternalClock(Running, frozen=True, kw_only=True, tag="internal"):
    """A deadline that the platform sets itself; never shown as law, even where it `serves` a duty."""

    policy: PolicyId
    ground: Ground
    serves: DutyId | None = None


Clock = StatutoryClock | InternalClock


class State(StrEnum):
    """How a clock stands. A clock that was missed stays missed, even when it is met late."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    MET_LATE = "met_late"


MISSED = frozenset({State.MISSED, State.MET_LATE})
OPEN = frozenset({State.RUNNING, State.PAUSED, State.MISSED})
"""States in which something is still owed."""


@overload
def start_clock(
    spec: StatutorySpec, start: Start, calendar: Calendar, about: str, stated: str = ""
) -> StatutoryClock: ...
@overload
def start_clock(
    spec: InternalSpec, start: Start, calendar: Calendar, about: str, stated: str = ""
) -> InternalClock: ...
def start_clock(spec: ClockSpec, start: Start, calendar: Calendar, about: str, stated: str = "") -> Clock:
    """A clock that runs from its start.

    The same spec about the same record gives the same id, so that nothing starts twice. A statutory clock runs by the
    official calendar only. `stated` is the date, or the moment with a zone, that a notice names; spans `as stated`
    need it.

    Raises:
        ClockError: a start out of range, no channel, or a span that cannot be reckoned.
    """
    check_start(start.at_us)
    if not start.channel.strip():
        raise ClockError("a start needs its channel: the way by which it came")
    span = stated_span(stated) if spec.span.unit is Unit.STATED and stated else spec.span
    used = as_law(calendar) if isinstance(spec, StatutorySpec) else calendar
    found = reckon(used, start.at_us, span)
    begun = _Begun(start, span, used, found, about)
    return _statutory(spec, begun) if isinstance(spec, StatutorySpec) else _internal(spec, begun)


def pause_clock(clock: Clock, reason: str, by: str, now_us: int) -> Clock:
    """The clock, paused from now on. A pause is never dated back.

    Raises:
        ClockError: the duty allows no pause, there is no reason or nobody, or the clock does not run.
    """
    if not clock.pausable:
        raise ClockError(f"{clock.id}: this clock cannot be paused; nothing in its duty allows it")
    if not reason.strip() or not by.strip():
        raise ClockError(f"{clock.id}: a pause needs a reason and who opens it")
    state = state_at(clock, now_us)
    if state is not State.RUNNING or now_us < _last_change(clock):
        raise ClockError(f"{clock.id}: only a clock that runs can be paused; this one is {state.replace('_', ' ')}")
    return replace(clock, pauses=(*clock.pauses, Pause(reason=reason, opened_us=now_us, opened_by=by)))


def resume_clock(clock: Clock, by: str, now_us: int) -> Clock:
    """The clock, running again; its due time moves by the length of the pause.

    Raises:
        ClockError: it is not paused, or nobody closes the pause.
    """
    if state_at(clock, now_us) is not State.PAUSED or not by.strip():
        raise ClockError(f"{clock.id}: only a clock that is paused can go on, and somebody must say so")
    closed = replace(clock.pauses[-1], closed_us=now_us, closed_by=by)
    return replace(clock, pauses=(*clock.pauses[:-1], closed))


def meet_clock(clock: Clock, at_us: int) -> Clock:
    """The clock with what was owed done at a moment; what was done first counts, and a missed clock stays missed."""
    return clock if clock.met_us is not None else replace(clock, met_us=at_us)


def due_at(clock: Clock, now_us: int) -> int:
    """The last moment in time, as of now: pauses move it by their length, an open one by as much as has passed of it.

    A pause that was opened after the clock had run out moves nothing.
    """
    until = now_us if clock.met_us is None else min(now_us, clock.met_us)
    due_us = clock.first_due_us
    for pause in clock.pauses:
        if pause.opened_us <= min(due_us, until):
            due_us += min(until if pause.closed_us is None else pause.closed_us, until) - pause.opened_us
    return due_us


def state_at(clock: Clock, now_us: int) -> State:
    """How the clock stands, or stood, at a moment; what happened later is not known then."""
    met_us = clock.met_us if clock.met_us is not None and clock.met_us <= now_us else None
    due_us = due_at(clock, now_us)
    if clock.purpose in MINIMUMS:
        if (now_us if met_us is None else met_us) >= due_us:
            return State.MET
        return State.RUNNING if met_us is None else State.MISSED
    if met_us is not None:
        return State.MET if met_us <= due_us else State.MET_LATE
    if now_us > due_us:
        return State.MISSED
    return State.PAUSED if _is_paused(clock, now_us) else State.RUNNING


def left_us(clock: Clock, now_us: int) -> int:
    """Microseconds that are left; below zero once the clock has run out, and constant while it is paused."""
    return due_at(clock, now_us) - now_us


def _is_paused(clock: Clock, now_us: int) -> bool:
    return any(
        each.opened_us <= now_us and (each.closed_us is None or each.closed_us > now_us) for each in clock.pauses
    )


def _last_change(clock: Clock) -> int:
    last = clock.pauses[-1].closed_us if clock.pauses else None
    return clock.start.at_us if last is None else last


class _Begun(Struct, frozen=True):
    """What a clock of either kind starts with."""

    start: Start
    span: Span
    calendar: Calendar
    found: Reckoning
    about: str


def _statutory(spec: StatutorySpec, begun: _Begun) -> StatutoryClock:
    name = f"{spec.duty}/{spec.name}" if spec.name else spec.duty
    return StatutoryClock(
        id=ClockId(f"{begun.about}#law:{name}"),
        about=begun.about,
        start=begun.start,
        span=begun.span,
        calendar=begun.calendar.name,
        zone=begun.calendar.zone,
        purpose=spec.purpose,
        pausable=spec.pausable,
        first_due_us=begun.found.due_us,
        provisional=begun.found.provisional,
        duty=spec.duty,
    )


def _internal(spec: InternalSpec, begun: _Begun) -> InternalClock:
    return InternalClock(
        id=ClockId(f"{begun.about}#own:{spec.policy}"),
        about=begun.about,
        start=begun.start,
        span=begun.span,
        calendar=begun.calendar.name,
        zone=begun.calendar.zone,
        purpose=spec.purpose,
        pausable=spec.pausable,
        first_due_us=begun.found.due_us,
        provisional=begun.found.provisional,
        policy=spec.policy,
        ground=spec.ground,
        serves=spec.serves,
    )
