"""Clocks: what is law and what is policy, pauses, and what stays missed."""

from datetime import datetime, time

import msgspec
import pytest
from msgspec.structs import replace

from tocsin.cases.clocks.calendar import Calendar, Hours, named_calendar
from tocsin.cases.clocks.clock import (
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
from tocsin.cases.clocks.escalation import Level, escalations_due, next_due
from tocsin.cases.clocks.moment import moment_us
from tocsin.cases.clocks.reckoning import HOUR_US
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.duty import DutyId, Purpose
from tocsin.rulebook.duties.span import read_span
from tocsin.rulebook.duties.start import Ground, InternalSpec, PolicyId, StatutorySpec

T0 = moment_us(datetime.fromisoformat("2026-02-13T09:00+08:00"))
START = Start(at_us=T0, channel="portal", received_us=T0 - HOUR_US)
CN = named_calendar("CN")


def law(span: str, *, purpose: Purpose = Purpose.ACT, pausable: bool = False, stated: str = "") -> StatutoryClock:
    spec = StatutorySpec(duty=DutyId("TW-06"), name="", span=read_span(span), purpose=purpose, pausable=pausable)
    return start_clock(spec, START, CN, "notice:1", stated)


def own(span: str, calendar: Calendar = CN) -> InternalClock:
    spec = InternalSpec(
        policy=PolicyId("CN-24/check"), span=read_span(span), ground=Ground.WORD, serves=DutyId("CN-24")
    )
    return start_clock(spec, START, calendar, "appeal:1")


def names(levels: list[Level]) -> list[str]:
    return [level.name for level in levels]


def test_a_clock_keeps_the_effective_moment_and_the_channel_by_which_it_came() -> None:
    clock = law("24 hours")
    assert (clock.start.at_us, clock.start.received_us, clock.start.channel) == (T0, T0 - HOUR_US, "portal")
    assert due_at(clock, T0) == T0 + 24 * HOUR_US
    assert left_us(clock, T0 + HOUR_US) == 23 * HOUR_US


def test_statutory_and_internal_clocks_are_different_types_in_memory_and_on_disk() -> None:
    for clock in (law("24 hours"), own("3 working days")):
        written = msgspec.json.encode(clock)
        read: Clock = msgspec.json.decode(written, type=StatutoryClock | InternalClock)
        assert type(read) is type(clock)
        assert read == clock
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(own("3 working days")), type=StatutoryClock)
    assert not hasattr(own("3 working days"), "duty")


def test_the_same_start_about_the_same_record_is_the_same_clock_and_law_is_never_policy() -> None:
    assert law("24 hours").id == law("24 hours").id
    spec = InternalSpec(policy=PolicyId("TW-06"), span=read_span("12 hours"))
    assert start_clock(spec, START, CN, "notice:1").id != law("24 hours").id


def test_hours_and_closures_of_the_platform_move_its_own_clocks_and_never_a_laws() -> None:
    office = Calendar(
        name="CN",
        zone="Asia/Shanghai",
        country="CN",
        hours=Hours(time(9), time(18)),
        closed=frozenset({datetime.fromisoformat("2026-02-24").date()}),
    )
    spec = StatutorySpec(duty=DutyId("X-01"), name="", span=read_span("2 working days"))
    assert start_clock(spec, START, office, "a").first_due_us == start_clock(spec, START, CN, "a").first_due_us
    assert own("2 working days", office).first_due_us != own("2 working days").first_due_us


def test_a_stated_deadline_is_the_one_on_the_notice() -> None:
    clock = law("as stated", stated="2026-03-01")
    assert str(clock.span) == "until 2026-03-01"
    with pytest.raises(ClockError, match="give its date"):
        law("as stated")
    with pytest.raises(ClockError, match="neither a date nor a moment"):
        law("as stated", stated="soon")


def test_a_start_needs_a_channel() -> None:
    spec = StatutorySpec(duty=DutyId("X-01"), name="", span=read_span("1 day"))
    with pytest.raises(ClockError, match="channel"):
        start_clock(spec, Start(at_us=T0, channel=" "), CN, "a")


def test_a_pause_moves_the_due_time_by_its_length() -> None:
    clock = own("24 hours")
    paused = pause_clock(clock, "materials asked for", "ana", T0 + 6 * HOUR_US)
    assert state_at(paused, T0 + 40 * HOUR_US) is State.PAUSED
    assert left_us(paused, T0 + 40 * HOUR_US) == left_us(paused, T0 + 7 * HOUR_US) == 18 * HOUR_US
    going = resume_clock(paused, "bo", T0 + 46 * HOUR_US)
    assert due_at(going, T0 + 46 * HOUR_US) == due_at(clock, T0) + 40 * HOUR_US
    assert [(each.reason, each.opened_by, each.closed_by) for each in going.pauses] == [
        ("materials asked for", "ana", "bo")
    ]


def test_a_laws_clock_is_paused_only_where_its_duty_says_so() -> None:
    with pytest.raises(ClockError, match="cannot be paused"):
        pause_clock(law("24 hours"), "busy", "ana", T0)
    assert pause_clock(law("24 hours", pausable=True), "as the law allows", "ana", T0).pauses


@pytest.mark.parametrize(("reason", "by", "at"), [("", "ana", T0), ("why", " ", T0), ("why", "ana", T0 - 1)])
def test_a_pause_has_a_reason_somebody_who_opens_it_and_a_time_after_the_start(reason: str, by: str, at: int) -> None:
    with pytest.raises(ClockError):
        pause_clock(own("24 hours"), reason, by, at)


def test_nothing_is_paused_twice_or_resumed_unpaused_or_dated_back() -> None:
    paused = pause_clock(own("24 hours"), "why", "ana", T0 + HOUR_US)
    with pytest.raises(ClockError, match="this one is paused"):
        pause_clock(paused, "again", "ana", T0 + 2 * HOUR_US)
    with pytest.raises(ClockError, match="only a clock that is paused"):
        resume_clock(paused, "ana", T0)
    going = resume_clock(paused, "ana", T0 + 3 * HOUR_US)
    with pytest.raises(ClockError, match="only a clock that is paused"):
        resume_clock(going, "ana", T0 + 4 * HOUR_US)
    with pytest.raises(ClockError):
        pause_clock(going, "back in time", "ana", T0 + 2 * HOUR_US)


def test_missed_stays_missed_even_when_met_late() -> None:
    clock = own("24 hours")
    assert state_at(clock, T0 + 24 * HOUR_US) is State.RUNNING
    assert state_at(clock, T0 + 24 * HOUR_US + 1) is State.MISSED
    late = meet_clock(clock, T0 + 30 * HOUR_US)
    assert state_at(late, T0 + 99 * HOUR_US) is State.MET_LATE
    assert meet_clock(late, T0 + HOUR_US) == late
    with pytest.raises(ClockError, match="this one is missed"):
        pause_clock(clock, "too late", "ana", T0 + 25 * HOUR_US)


def test_a_pause_written_after_the_end_revives_nothing() -> None:
    clock = own("24 hours")
    paused = pause_clock(clock, "why", "ana", T0)
    moved = tuple(replace(each, opened_us=T0 + 30 * HOUR_US) for each in paused.pauses)
    forged = replace(clock, pauses=moved)
    assert state_at(forged, T0 + 40 * HOUR_US) is State.MISSED
    assert due_at(forged, T0 + 40 * HOUR_US) == clock.first_due_us


def test_what_happened_later_is_not_known_before() -> None:
    clock = meet_clock(own("24 hours"), T0 + 2 * HOUR_US)
    assert state_at(clock, T0 + HOUR_US) is State.RUNNING
    assert state_at(clock, T0 + 2 * HOUR_US) is State.MET


def test_a_clock_met_while_paused_is_met_in_time() -> None:
    paused = pause_clock(own("24 hours"), "why", "ana", T0 + HOUR_US)
    met = meet_clock(paused, T0 + 90 * HOUR_US)
    assert state_at(met, T0 + 200 * HOUR_US) is State.MET
    assert due_at(met, T0 + 200 * HOUR_US) == due_at(met, T0 + 90 * HOUR_US) == T0 + 113 * HOUR_US


def test_at_once_is_met_only_in_the_same_moment() -> None:
    clock = law("at once")
    assert state_at(meet_clock(clock, T0), T0 + HOUR_US) is State.MET
    assert state_at(clock, T0 + 1) is State.MISSED
    assert names(escalations_due(clock, (), T0)) == []
    assert names(escalations_due(clock, (), T0 + 1)) == ["missed"]


@pytest.mark.parametrize("purpose", [Purpose.KEEP, Purpose.OPEN, Purpose.HOLD])
def test_a_minimum_runs_out_by_itself_and_is_missed_only_when_ended_early(purpose: Purpose) -> None:
    clock = law("at least 24 hours", purpose=purpose)
    assert state_at(clock, T0 + HOUR_US) is State.RUNNING
    assert state_at(clock, T0 + 24 * HOUR_US) is State.MET
    assert state_at(meet_clock(clock, T0 + HOUR_US), T0 + 99 * HOUR_US) is State.MISSED
    assert names(escalations_due(clock, (), T0 + 23 * HOUR_US)) == []
    assert names(escalations_due(meet_clock(clock, T0 + HOUR_US), (), T0 + HOUR_US)) == ["missed"]
    assert next_due([clock], T0) == []


def test_escalations_catch_up_after_any_outage_and_come_once() -> None:
    clock = own("10 hours")
    assert names(escalations_due(clock, (), T0 + 5 * HOUR_US - 1)) == []
    assert names(escalations_due(clock, (), T0 + 5 * HOUR_US)) == ["half"]
    assert names(escalations_due(clock, {"half"}, T0 + 8 * HOUR_US)) == ["urgent"]
    assert names(escalations_due(clock, (), T0 + 999 * HOUR_US)) == ["half", "urgent", "missed"]
    assert names(escalations_due(clock, {"half", "urgent", "missed"}, T0 + 999 * HOUR_US)) == []
    assert names(escalations_due(meet_clock(clock, T0 + 11 * HOUR_US), {"half"}, T0 + 12 * HOUR_US)) == ["missed"]
    assert names(escalations_due(meet_clock(clock, T0 + 9 * HOUR_US), (), T0 + 12 * HOUR_US)) == []


def test_a_paused_clock_escalates_no_further() -> None:
    paused = pause_clock(own("10 hours"), "why", "ana", T0 + 4 * HOUR_US)
    assert names(escalations_due(paused, (), T0 + 400 * HOUR_US)) == []
    going = resume_clock(paused, "ana", T0 + 400 * HOUR_US)
    assert names(escalations_due(going, (), T0 + 401 * HOUR_US)) == ["half"]


def test_what_is_due_next_puts_the_late_first_and_leaves_out_what_waits_or_is_done() -> None:
    soon, later, late = own("5 hours"), own("9 hours"), own("1 hour")
    paused = pause_clock(own("2 hours"), "why", "ana", T0)
    done = meet_clock(own("3 hours"), T0 + HOUR_US)
    found = next_due([later, paused, soon, done, late], T0 + 3 * HOUR_US)
    assert [(str(due.clock.span), due.left_us // HOUR_US) for due in found] == [
        ("1 hour", -2),
        ("5 hours", 2),
        ("9 hours", 6),
    ]
