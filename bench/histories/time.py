"""Clocks in a history: begun, paused, gone on, met; and begun once more, which must change nothing.

What is kept of a clock is the first that was begun under its id, as the loop keeps it.
"""

from tocsin.cases.clocks.calendar import Calendar
from tocsin.cases.clocks.clock import (
    MISSED,
    Clock,
    Start,
    due_at,
    meet_clock,
    pause_clock,
    resume_clock,
    start_clock,
    state_at,
)
from tocsin.model.errors import ClockError
from tocsin.rulebook.duties.duty import DutyId
from tocsin.rulebook.duties.span import read_span
from tocsin.rulebook.duties.start import ClockSpec, InternalSpec, PolicyId, StatutorySpec

CHINA = Calendar(name="CN", zone="Asia/Shanghai", country="CN")
SPECS: tuple[ClockSpec, ...] = (
    StatutorySpec(duty=DutyId("TW-06"), name="", span=read_span("24 hours"), pausable=True),
    StatutorySpec(duty=DutyId("CN-09"), name="", span=read_span("5 working days")),
    InternalSpec(policy=PolicyId("CN-08"), span=read_span("3 days")),
)
WHO = "person:reviewer-1"


class Clocks:
    """Every clock of a history by its id, how it began, and how it stood when it was last looked at."""

    def __init__(self) -> None:
        self.kept: dict[str, Clock] = {}
        self.begun: dict[str, tuple[Start, int]] = {}
        self.missed: set[str] = set()
        self.due: dict[str, int] = {}

    def do(self, what: str, pick: int, now_us: int, start_us: int) -> None:
        if what == "start":
            begun = start_clock(
                SPECS[pick % len(SPECS)], Start(at_us=start_us, channel="portal"), CHINA, f"case:{pick % 2}"
            )
            if self.kept.setdefault(begun.id, begun) is begun:
                self.begun[begun.id] = (begun.start, begun.first_due_us)
            return
        if not self.kept:
            return
        name = sorted(self.kept)[pick % len(self.kept)]
        clock = self.kept[name]
        try:
            match what:
                case "pause":
                    clock = pause_clock(clock, "asked the police", WHO, now_us)
                case "resume":
                    clock = resume_clock(clock, WHO, now_us)
                case _:
                    clock = meet_clock(clock, now_us)
        except ClockError:
            return
        self.kept[name] = clock

    def check(self, now_us: int) -> None:
        """None was begun anew, none is due sooner than it was, and what was missed stays missed."""
        for name, clock in self.kept.items():
            assert (clock.id, clock.start, clock.first_due_us) == (name, *self.begun[name]), f"{name} was begun anew"
            due_us = due_at(clock, now_us)
            assert due_us >= max(clock.first_due_us, self.due.get(name, 0)), f"{name} is due sooner than it was"
            self.due[name] = due_us
            if name in self.missed:
                assert state_at(clock, now_us) in MISSED, f"{name} was missed and is not any more"
            elif state_at(clock, now_us) in MISSED:
                self.missed.add(name)
