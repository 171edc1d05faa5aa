"""Clocks on record.

Receives clocks that were started, and acts. Gives each clock one record that is never started twice, its pauses with
their reasons, and what is due next. A clock that was missed stays missed, whatever is done later.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from tocsin.cases.clocks.clock import (
    Clock,
    InternalClock,
    State,
    StatutoryClock,
    due_at,
    meet_clock,
    pause_clock,
    resume_clock,
    state_at,
)
from tocsin.cases.clocks.escalation import LEVELS, Level, next_look
from tocsin.cases.clocks.tables import ClockLevel, ClockRecord
from tocsin.cases.tables import CaseNote
from tocsin.model.errors import ClockError
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.rulebook.duties.duty import MINIMUMS

RUNS, PAUSED, LEAST, OVER = "runs", "paused", "least", "over"
_DECODER: msgspec.json.Decoder[Clock] = msgspec.json.Decoder(StatutoryClock | InternalClock)


class Belonging(Struct, frozen=True, kw_only=True):
    """To what a clock belongs: the record whose acts meet it, the case in which it is shown, who it is about."""

    record: str
    subject: str
    case_number: int | None = None
    met_by: Collection[str] = ()


class After(Struct, frozen=True):
    """The place in a list of clocks after which it goes on."""

    due_at: int
    number: int


def keep_clock(session: Session, clock: Clock, belonging: Belonging, stamp: Stamp) -> ClockRecord:
    """The record of a clock; one that was started before is answered as it stands, and is not started again."""
    known = session.scalars(select(ClockRecord).where(ClockRecord.id == clock.id)).one_or_none()
    if known is not None:
        return known
    made = ClockRecord(
        id=clock.id,
        kind="statutory" if isinstance(clock, StatutoryClock) else "internal",
        about=clock.about,
        record=belonging.record,
        case_number=belonging.case_number,
        subject=belonging.subject,
        met_by=" ".join(sorted(belonging.met_by)),
    )
    _store(made, clock, ())
    session.add(made)
    session.flush()
    _log(session, made, stamp, "start", f"{clock.span}, {clock.start.channel}")
    return made


def clock_of(row: ClockRecord) -> Clock:
    """The clock of a record."""
    return _DECODER.decode(row.body)


def pause(session: Session, row: ClockRecord, stamp: Stamp, reason: str) -> None:
    """Pauses a clock from now on.

    Raises:
        ClockError: its duty allows no pause, there is no reason, or it does not run.
    """
    _store(row, pause_clock(clock_of(row), reason, str(stamp.by), stamp.at), done_levels(session, row))
    _log(session, row, stamp, "pause", reason)


def resume(session: Session, row: ClockRecord, stamp: Stamp) -> None:
    """Lets a clock go on; its due time moves by the length of the pause.

    Raises:
        ClockError: it is not paused.
    """
    _store(row, resume_clock(clock_of(row), str(stamp.by), stamp.at), done_levels(session, row))
    _log(session, row, stamp, "resume")


def meet(session: Session, row: ClockRecord, stamp: Stamp, why: str) -> State:
    """What was owed has been done; answers whether in time. What was done first counts.

    Raises:
        ClockError: it is a minimum: nothing is owed, and it ends by itself.
    """
    if row.standing == LEAST:
        raise ClockError(f"{row.id}: this is a minimum; nothing is owed, and it ends by itself")
    if row.met_at is None:
        _store(row, meet_clock(clock_of(row), stamp.at), done_levels(session, row))
        _log(session, row, stamp, "meet", why)
    return state_at(clock_of(row), stamp.at)


def meet_by(session: Session, act: str, records: Iterable[str], stamp: Stamp) -> int:
    """Meets every clock that this act on these records meets; answers how many."""
    asked = select(ClockRecord).where(ClockRecord.record.in_(list(records)), ClockRecord.standing.in_((RUNS, PAUSED)))
    met = [row for row in session.scalars(asked.order_by(ClockRecord.number)).all() if act in row.met_by.split()]
    for row in met:
        meet(session, row, stamp, act)
    return len(met)


def move_clocks(session: Session, case: int, into: int) -> None:
    """Lets the clocks of a case that is merged go on in the other."""
    for column, old, new in (
        (ClockRecord.record, f"case:{case}", f"case:{into}"),
        (ClockRecord.case_number, case, into),
    ):
        moved = (
            update(ClockRecord).where(column == old).values({column: new, ClockRecord.version: ClockRecord.version + 1})
        )
        session.execute(moved.execution_options(synchronize_session=False))


def is_in(state: State, now_us: int) -> ColumnElement[bool]:
    """The clocks that are in a state now."""
    row, least = ClockRecord, ClockRecord.standing == LEAST
    match state:
        case State.RUNNING:
            return and_(row.standing.in_((RUNS, LEAST)), row.due_at >= now_us)
        case State.MISSED:
            return and_(row.standing == RUNS, row.due_at < now_us)
        case State.PAUSED:
            return row.standing == PAUSED
        case State.MET:
            return or_(and_(row.standing == OVER, row.met_at <= row.due_at), and_(least, row.due_at < now_us))
        case State.MET_LATE:
            return and_(row.standing == OVER, row.met_at > row.due_at)


def list_clocks(
    session: Session, only: Sequence[ColumnElement[bool]], limit: int, after: After | None = None
) -> Sequence[ClockRecord]:
    """Clocks by due time: those with something owed, late ones first, where `only` says nothing else."""
    asked = select(ClockRecord).where(*(only or (ClockRecord.standing == RUNS,)))
    if after is not None:
        later = and_(ClockRecord.due_at == after.due_at, ClockRecord.number > after.number)
        asked = asked.where(or_(ClockRecord.due_at > after.due_at, later))
    return session.scalars(asked.order_by(ClockRecord.due_at, ClockRecord.number).limit(limit)).all()


def done_levels(session: Session, row: ClockRecord) -> set[str]:
    """The names of the levels that were recorded."""
    return set(session.scalars(select(ClockLevel.level).where(ClockLevel.clock == row.number)))


def record_levels(session: Session, row: ClockRecord, levels: Sequence[Level], done: set[str], now_us: int) -> None:
    """Records levels that were reached, and when to look next."""
    for level in levels:
        session.add(ClockLevel(clock=row.number, level=level.name, at=now_us))
    row.next_at = next_look(clock_of(row), done | {each.name for each in levels}, LEVELS)


def _store(row: ClockRecord, clock: Clock, done: Collection[str]) -> None:
    row.body = msgspec.json.encode(clock).decode()
    last = clock.pauses[-1] if clock.pauses else None
    is_paused = last is not None and last.closed_us is None
    until = (last.opened_us if last.closed_us is None else last.closed_us) if last else clock.first_due_us
    row.due_at = due_at(clock, until if clock.met_us is None else clock.met_us)
    row.met_at = clock.met_us
    row.next_at = next_look(clock, done, LEVELS)
    if clock.met_us is not None:
        row.standing = OVER
    elif clock.purpose in MINIMUMS:
        row.standing = LEAST
    else:
        row.standing = PAUSED if is_paused else RUNS


def _log(session: Session, row: ClockRecord, stamp: Stamp, verb: str, why: str = "") -> None:
    facts = {"id": row.id, "standing": row.standing, "due_at": row.due_at, "met_at": row.met_at}
    write_act(session, Act(stamp=stamp, act=f"clock.{verb}", record=f"clock:{row.number}", why=why, after=facts))
    if row.case_number is not None:
        text = f"{row.id}: {verb}" + (f": {why}" if why else "")
        session.add(
            CaseNote(case_number=row.case_number, at=stamp.at, by=str(stamp.by), kind="clock", text=text[:2_000])
        )
