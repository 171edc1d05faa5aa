"""What must hold of every span, calendar and clock."""

from datetime import time

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tocsin.cases.clocks.calendar import Calendar, Hours
from tocsin.cases.clocks.clock import (
    MISSED,
    Clock,
    InternalClock,
    Start,
    State,
    StatutoryClock,
    due_at,
    left_us,
    meet_clock,
    pause_clock,
    resume_clock,
    start_clock,
    state_at,
)
from tocsin.cases.clocks.escalation import LEVELS, escalations_due
from tocsin.cases.clocks.reckoning import HOUR_US, reckon
from tocsin.rulebook.duties.duty import DutyId
from tocsin.rulebook.duties.span import LIMITS, Span, Unit, parse_span_text, read_span
from tocsin.rulebook.duties.start import InternalSpec, PolicyId, StatutorySpec

ZONES = ["Asia/Shanghai", "Europe/London", "America/Havana", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"]
PLACES = [("", ""), ("CN", ""), ("GB", "ENG"), ("AU", "NSW"), ("SG", "")]
YEARS_US = 10 * 365 * 24 * HOUR_US
CALENDARS = st.builds(
    lambda zone, place, hours, weekend: Calendar(
        name="drawn", zone=zone, country=place[0], region=place[1], hours=hours, weekend=weekend
    ),
    st.sampled_from(ZONES),
    st.sampled_from(PLACES),
    st.sampled_from([None, Hours(time(9), time(18)), Hours(time(0), time(3, 30))]),
    st.sampled_from([None, frozenset({5, 6}), frozenset({7})]),
)
STARTS = st.integers(1_136_073_600_000_000, 1_136_073_600_000_000 + 2 * YEARS_US)
COUNTED = st.sampled_from(sorted(LIMITS))
SPANS = st.one_of(
    st.builds(Span, unit=COUNTED, count=st.integers(1, 40)),
    st.sampled_from([Span(unit=Unit.AT_ONCE), Span(unit=Unit.END_OF_DAY)]),
)


@given(CALENDARS, STARTS, SPANS)
def test_nothing_is_due_before_it_begins(calendar: Calendar, start: int, span: Span) -> None:
    assert reckon(calendar, start, span).due_us >= start


@given(CALENDARS, STARTS, st.integers(0, 400 * 24 * HOUR_US), SPANS)
def test_a_later_start_is_never_due_sooner(calendar: Calendar, start: int, later: int, span: Span) -> None:
    assert reckon(calendar, start, span).due_us <= reckon(calendar, start + later, span).due_us


@given(CALENDARS, STARTS, COUNTED, st.integers(1, 40), st.integers(0, 40))
def test_a_longer_span_is_never_due_sooner(calendar: Calendar, start: int, unit: Unit, count: int, more: int) -> None:
    shorter, longer = Span(unit=unit, count=count), Span(unit=unit, count=count + more)
    assert reckon(calendar, start, shorter).due_us <= reckon(calendar, start, longer).due_us


@given(COUNTED, st.data(), st.booleans())
def test_a_span_reads_as_it_is_written(unit: Unit, data: st.DataObject, at_least: bool) -> None:
    span = Span(unit=unit, count=data.draw(st.integers(1, LIMITS[unit])), at_least=at_least)
    assert read_span(str(span)) == span


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader_of_spans(text: str) -> None:
    found = parse_span_text(text)
    if isinstance(found, Span):
        assert parse_span_text(str(found)) == found
    else:
        assert found.render()


def drawn_clock(statutory: bool, span: Span, start: Start, calendar: Calendar) -> Clock:
    if statutory:
        spec = StatutorySpec(duty=DutyId("X-01"), name="", span=span, pausable=True)
        return start_clock(spec, start, calendar, "case:1")
    return start_clock(InternalSpec(policy=PolicyId("own"), span=span), start, calendar, "case:1")


@given(CALENDARS, STARTS, st.lists(st.tuples(st.integers(1, HOUR_US), st.integers(1, 400 * HOUR_US)), max_size=6))
def test_pauses_move_the_due_time_by_their_length(calendar: Calendar, at: int, pauses: list[tuple[int, int]]) -> None:
    clock = drawn_clock(False, Span(unit=Unit.HOURS, count=7), Start(at_us=at, channel="api"), calendar)
    now, total = at, 0
    for run, pause in pauses:
        now += run
        clock = pause_clock(clock, "why", "ana", now)
        left = left_us(clock, now)
        now += pause
        assert left_us(clock, now) == left
        clock = resume_clock(clock, "bo", now)
        total += pause
    assert due_at(clock, now) == clock.first_due_us + total


class ClockLife(RuleBasedStateMachine):
    """A clock through any life: time goes on, people pause, resume and meet it, and the process dies and comes back."""

    @initialize(statutory=st.booleans(), span=SPANS, at=STARTS, calendar=CALENDARS)
    def begin(self, statutory: bool, span: Span, at: int, calendar: Calendar) -> None:
        self.clock = drawn_clock(statutory, span, Start(at_us=at, channel="api"), calendar)
        self.kind, self.first_due_us, self.at = type(self.clock), self.clock.first_due_us, at
        self.now = at
        self.missed = False
        self.done: list[str] = []

    @rule(step=st.integers(0, 30 * 24 * HOUR_US))
    def time_goes_on(self, step: int) -> None:
        self.now += step

    @rule()
    def time_goes_to_the_end(self) -> None:
        self.now = max(self.now, due_at(self.clock, self.now) + 1)

    @precondition(lambda self: state_at(self.clock, self.now) is State.RUNNING)
    @rule()
    def pause(self) -> None:
        self.clock = pause_clock(self.clock, "why", "ana", self.now)

    @precondition(lambda self: state_at(self.clock, self.now) is State.PAUSED)
    @rule()
    def resume(self) -> None:
        self.clock = resume_clock(self.clock, "bo", self.now)

    @rule()
    def meet(self) -> None:
        self.clock = meet_clock(self.clock, self.now)

    @rule()
    def restart(self) -> None:
        before = (state_at(self.clock, self.now), due_at(self.clock, self.now))
        self.clock = msgspec.json.decode(msgspec.json.encode(self.clock), type=StatutoryClock | InternalClock)
        assert (state_at(self.clock, self.now), due_at(self.clock, self.now)) == before

    @rule()
    def escalate(self) -> None:
        self.done += [level.name for level in escalations_due(self.clock, self.done, self.now)]

    @invariant()
    def missed_stays_missed(self) -> None:
        state = state_at(self.clock, self.now)
        assert state in MISSED or not self.missed
        self.missed = state in MISSED

    @invariant()
    def it_never_starts_again_and_never_changes_its_kind(self) -> None:
        assert (type(self.clock), self.clock.start.at_us) == (self.kind, self.at)
        assert self.clock.first_due_us == self.first_due_us <= due_at(self.clock, self.now)

    @invariant()
    def each_level_is_told_once(self) -> None:
        assert len(self.done) == len(set(self.done)) <= len(LEVELS)


TestClockLife = ClockLife.TestCase
TestClockLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(STARTS, st.integers(0, YEARS_US), st.integers(0, YEARS_US))
def test_a_look_back_at_the_past_is_what_was_seen_then(at: int, seen: int, met: int) -> None:
    assume(met > seen)
    clock = drawn_clock(False, Span(unit=Unit.DAYS, count=9), Start(at_us=at, channel="api"), CALENDAR)
    assert state_at(clock, at + seen) == state_at(meet_clock(clock, at + met), at + seen)


CALENDAR = Calendar(name="CN", zone="Asia/Shanghai", country="CN")
