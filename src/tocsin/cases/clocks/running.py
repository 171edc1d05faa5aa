"""Clocks started, met and escalated as the loop goes on.

Receives the messages that acts have left, and the time. Gives clocks that run from the moment of the act, however late
somebody looks; and of each clock every level once, in the case's timeline and as a message. What was done in time before
anybody looked is never called missed. Never depends on having been up.
"""

from collections.abc import Mapping, Sequence

import structlog
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.cases.clocks.calendar import Calendar, calendar_of
from tocsin.cases.clocks.clock import Start, StatutoryClock, start_clock
from tocsin.cases.clocks.escalation import LEVELS, escalations_due
from tocsin.cases.clocks.happening import Happening, happening_of
from tocsin.cases.clocks.ledger import Belonging, clock_of, done_levels, keep_clock, meet_by, record_levels
from tocsin.cases.clocks.moment import LATEST_US, local_time
from tocsin.cases.clocks.proof import acts_that_meet
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.cases.tables import CaseNote
from tocsin.model.errors import ClockError
from tocsin.records.actor import SYSTEM, Stamp
from tocsin.records.audit import Act, tell, write_act
from tocsin.records.tables import Message
from tocsin.rulebook.duties.duty import Duty, Regime, RegimeId
from tocsin.rulebook.duties.span import Span, Unit
from tocsin.rulebook.duties.start import ClockSpec, InternalSpec, StatutorySpec, clocks_started_by

AT_ONCE = 100
SETTLE_US = 2_000_000
"""How long after its end a clock is called missed: who acts in the last moment is kept a moment later."""

log = structlog.get_logger("tocsin.clocks")


class ClockTerms(Struct, frozen=True, kw_only=True):
    """Which clocks run here: the duties that bind the platform, and its own spans by policy (`case`, `notice`, or
    `CN-24/check`) on its own calendar.
    """

    duties: Mapping[str, Duty]
    regimes: Mapping[RegimeId, Regime]
    own: Mapping[str, Span]
    calendar: Calendar


def follow_message(session: Session, message: Message, terms: ClockTerms, now_us: int) -> None:
    """Starts the clocks that run from what a message tells, and meets those that it meets."""
    happening = happening_of(session, message)
    if happening is None:
        return
    if happening.event:
        started = clocks_started_by(terms.duties.values(), happening.event, happening.facts, terms.own)
        for spec in [*started, *_own(happening, terms)]:
            _start(session, spec, happening, terms, now_us)
    for act in happening.acts:
        meet_by(session, act, happening.records, Stamp(SYSTEM, happening.at))


def escalate_due(session: Session, now_us: int, limit: int = AT_ONCE) -> int:
    """Tells of every level that was reached and not told; answers of how many clocks. All of them after any outage."""
    asked = select(ClockRecord).where(ClockRecord.next_at <= now_us - SETTLE_US).order_by(ClockRecord.next_at)
    found = session.scalars(asked.limit(limit).with_for_update(skip_locked=True)).all()
    settled_us = now_us - SETTLE_US
    for row in found:
        clock, done = clock_of(row), done_levels(session, row)
        levels = escalations_due(clock, done, settled_us, LEVELS)
        for level in levels:
            _tell(session, row, level.name, now_us)
        record_levels(session, row, levels, done, now_us)
    return len(found)


def _own(happening: Happening, terms: ClockTerms) -> Sequence[ClockSpec]:
    """The platform's own clock, where it has one from this event."""
    if happening.policy is None:
        return ()
    span = terms.own.get(happening.policy)
    if happening.due_at is not None:
        due_us = min(max(happening.due_at, 0), LATEST_US)
        span = Span(unit=Unit.UNTIL, until=local_time(due_us, "UTC").isoformat())
    return () if span is None else (InternalSpec(policy=happening.policy, span=span),)


def _start(session: Session, spec: ClockSpec, happening: Happening, terms: ClockTerms, now_us: int) -> None:
    duty = terms.duties.get(spec.duty if isinstance(spec, StatutorySpec) else spec.serves or "")
    calendar = terms.calendar if duty is None else calendar_of(terms.regimes[duty.regime])
    start = Start(at_us=happening.at, channel=happening.channel, received_us=happening.received_at)
    stamp = Stamp(SYSTEM, now_us)
    try:
        clock = start_clock(spec, start, calendar, happening.about, happening.stated)
    except (ClockError, OverflowError) as error:
        _note_failure(session, spec, happening, str(error), stamp)
        return
    belonging = Belonging(
        record=happening.record,
        subject=happening.subject,
        case_number=happening.case_number,
        met_by=acts_that_meet(happening.event, duty),
    )
    keep_clock(session, clock, belonging, stamp)


def _note_failure(session: Session, spec: ClockSpec, happening: Happening, reason: str, stamp: Stamp) -> None:
    """A clock that cannot be reckoned is never silent: it stands in the case, for somebody to look at."""
    name = spec.duty if isinstance(spec, StatutorySpec) else spec.policy
    log.warning("a clock cannot be started", clock=name, about=happening.about, reason=reason[:120])
    act = Act(stamp=stamp, act="clock.unstarted", record=happening.about, why=reason[:500], after={"clock": name})
    write_act(session, act)
    if happening.case_number is not None:
        text = f"{name}: no clock could be started: {reason[:500]}"
        number, by = happening.case_number, str(stamp.by)
        session.add(CaseNote(case_number=number, at=stamp.at, by=by, kind="clock.unstarted", text=text))


def _tell(session: Session, row: ClockRecord, level: str, now_us: int) -> None:
    clock = clock_of(row)
    is_law = isinstance(clock, StatutoryClock)
    facts: dict[str, object] = {
        "clock": row.number,
        "about": row.about,
        "case": row.case_number,
        "kind": row.kind,
        "duty": clock.duty if isinstance(clock, StatutoryClock) else clock.serves,
        "policy": None if isinstance(clock, StatutoryClock) else clock.policy,
        "due_at": row.due_at,
        "met_at": row.met_at,
    }
    tell(session, f"clock.{level}", row.subject, now_us, facts)
    stamp = Stamp(SYSTEM, now_us)
    write_act(session, Act(stamp=stamp, act=f"clock.{level}", record=f"clock:{row.number}", after=facts))
    if row.case_number is not None:
        text = f"{'law' if is_law else 'policy'}: {row.id}: {level}"
        number, by = row.case_number, str(stamp.by)
        session.add(CaseNote(case_number=number, at=now_us, by=by, kind=f"clock.{level}", text=text))
