"""What must be escalated, and what is due next.

Receives clocks, what was escalated already, and the time. Gives the levels that are reached and not yet done, so that
one run after any outage catches up with all of them. Never tells anybody: it says only what is to be told.
"""

from collections.abc import Collection, Iterable

from msgspec import Struct

from tocsin.cases.clocks.clock import MISSED, OPEN, Clock, State, due_at, state_at
from tocsin.rulebook.duties.duty import MINIMUMS


class Level(Struct, frozen=True):
    """A share of a clock's time in percent, at which somebody is told; 100 is reached when the clock is missed."""

    name: str
    share: int


LEVELS = (Level("half", 50), Level("urgent", 80), Level("missed", 100))
"""The platform's levels, where it sets none of its own."""


class Due(Struct, frozen=True):
    """A clock with something owed: by when, and how much is left (below zero where it is late), in microseconds."""

    clock: Clock
    due_us: int
    left_us: int


def escalations_due(clock: Clock, done: Collection[str], now_us: int, levels: Iterable[Level] = LEVELS) -> list[Level]:
    """The levels reached by now whose names are not among those done, in order; the last is the one to act on.

    A clock that was missed is escalated as missed even if it was met before anybody looked. Pauses count for nothing.
    """
    return [level for level in levels if level.name not in done and _is_reached(clock, level, now_us)]


def next_due(clocks: Iterable[Clock], now_us: int) -> list[Due]:
    """The clocks with something to be done, the most urgent first: late ones, then by due time.

    Clocks that are paused wait for somebody, and minimums for nobody; neither is here.
    """
    found = [
        Due(clock, due_us := due_at(clock, now_us), due_us - now_us)
        for clock in clocks
        if clock.purpose not in MINIMUMS and state_at(clock, now_us) in OPEN - {State.PAUSED}
    ]
    return sorted(found, key=lambda due: (due.due_us, due.clock.id))


def next_look(clock: Clock, done: Collection[str], levels: Iterable[Level] = LEVELS) -> int | None:
    """The moment from which a level that is not done is reached; None where nothing more can be, or while it is paused.

    Met late, it is reached with the act: a clock that was missed is escalated even if nobody looked in between.
    """
    left = [level for level in levels if level.name not in done]
    missed = [level for level in left if level.share >= 100]
    if clock.met_us is not None:
        late = state_at(clock, clock.met_us) in MISSED
        return clock.met_us if late and missed else None
    if clock.purpose in MINIMUMS or (clock.pauses and clock.pauses[-1].closed_us is None):
        return None
    due_us = due_at(clock, clock.pauses[-1].closed_us or 0) if clock.pauses else clock.first_due_us
    whole_us = clock.first_due_us - clock.start.at_us
    begun_us = due_us - whole_us
    moments = [begun_us - (-level.share * whole_us // 100) for level in left if level.share < 100 and whole_us > 0]
    return min([*moments, *(due_us + 1 for _ in missed)], default=None)


def _is_reached(clock: Clock, level: Level, now_us: int) -> bool:
    state = state_at(clock, now_us)
    if level.share >= 100:
        return state in MISSED
    whole_us = clock.first_due_us - clock.start.at_us
    if clock.purpose in MINIMUMS or state not in OPEN or whole_us <= 0:
        return False
    paused_us = due_at(clock, now_us) - clock.first_due_us
    return (now_us - clock.start.at_us - paused_us) * 100 >= level.share * whole_us
