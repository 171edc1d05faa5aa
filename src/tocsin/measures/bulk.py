"""Many measures in one act.

Receives a list of wanted measures. Gives first a plan that changes nothing: what would be taken, what is in force
already, what may not be. Then takes them in batches, and undoes the whole as long as its window is open, telling what
could not be undone.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tocsin.measures.kind import TERMS, MeasureKind
from tocsin.measures.lifting import lift
from tocsin.measures.measure import NewMeasure, check_place, check_wanted, identity_of, order, propose
from tocsin.measures.state import IN_FORCE, MeasureState
from tocsin.measures.tables import Measure, MeasureBatch
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import MeasureWrong
from tocsin.records.table import find_record

AT_ONCE = 200
MOST = 10_000
Orders = Callable[[Session, Measure, Stamp], bool]
UNDO_US = 24 * 3_600 * SECOND_US


class Planned(Struct, frozen=True):
    """What would become of one wanted measure: `new`, `known` (it is in force already) or `refused` with the reason."""

    place: int
    subject: str
    outcome: str
    why: str = ""


class Plan(Struct, frozen=True):
    """A dry run."""

    number: int
    new: int
    known: int
    refused: tuple[Planned, ...]


class Counted(Struct, frozen=True):
    """How a bulk act stands: how many measures were wanted, how many were taken by the state in which they are now."""

    wanted: int
    taken: dict[str, int]


class Undone(Struct, frozen=True):
    """What an undo came to. `kept` are measures that could not be undone, with the reason."""

    lifted: int
    kept: tuple[tuple[int, str], ...]


def plan_batch(session: Session, wanted: Sequence[NewMeasure], stamp: Stamp, why: str) -> Plan:
    """Writes down what is wanted and says what would become of it. No measure is touched.

    Raises:
        MeasureWrong: nothing or too much is wanted, no reason is given, or the measures need two people each.
    """
    if not wanted or len(wanted) > MOST:
        raise MeasureWrong(f"a bulk act has 1 to {MOST} measures")
    if not why.strip():
        raise MeasureWrong("a bulk act has a reason")
    found = _look_at_all(session, wanted, stamp)
    batch = MeasureBatch(by=str(stamp.by), why=why, planned_at=stamp.at, plan=msgspec.json.encode(wanted).decode())
    session.add(batch)
    session.flush()
    plan = _plan_of(batch, found)
    _note(session, batch, stamp, "plan", {"new": plan.new, "known": plan.known})
    return plan


def foresee(session: Session, batch: MeasureBatch, stamp: Stamp) -> Plan:
    """What would become now of what a bulk act wants, if this actor took it. Nothing is touched."""
    return _plan_of(batch, _look_at_all(session, _wanted(batch), stamp))


def count_batch(session: Session, batch: MeasureBatch) -> Counted:
    """How a bulk act stands."""
    asked = select(Measure.state, func.count()).where(Measure.batch == batch.number).group_by(Measure.state)
    taken = {str(state): int(count) for state, count in session.execute(asked.order_by(Measure.state))}
    return Counted(len(_wanted(batch)), taken)


def apply_batch(session: Session, number: int, stamp: Stamp, start: int = 0, orders: Orders = order) -> int | None:
    """Takes up to AT_ONCE measures of a plan from a place on; answers the next place, None at the end.

    Each call is one transaction of the caller's; taking the same part twice changes nothing. `orders` orders one measure.

    Raises:
        MeasureWrong: there is no such plan, or it was undone.
    """
    batch = find_batch(session, number)
    if batch.undone_at is not None:
        raise MeasureWrong("this bulk act was undone")
    wanted = _wanted(batch)
    for place in range(start, min(start + AT_ONCE, len(wanted))):
        if _look(session, place, wanted[place], stamp).outcome == "new":
            measure = propose(session, msgspec.structs.replace(wanted[place], batch=number), stamp)
            orders(session, measure, stamp)
    if batch.applied_at is None:
        batch.applied_at, batch.undo_until = stamp.at, stamp.at + UNDO_US
        _note(session, batch, stamp, "apply", {"wanted": len(wanted)})
    return start + AT_ONCE if start + AT_ONCE < len(wanted) else None


def undo_batch(session: Session, number: int, stamp: Stamp) -> Undone:
    """Lifts everything that a bulk act took, in this one transaction.

    Raises:
        MeasureWrong: it was not applied, was undone before, or its window is closed.
    """
    undone = None
    while undone is None:
        undone = undo_part(session, number, stamp)
    return undone


def undo_part(session: Session, number: int, stamp: Stamp) -> Undone | None:
    """Lifts up to AT_ONCE of what a bulk act took; None while there is more, at the end what the whole came to.

    Each call is one transaction of the caller's. Until the last one, the bulk act does not count as undone.

    Raises:
        MeasureWrong: as `undo_batch`.
    """
    batch = find_batch(session, number)
    if batch.undo_until is None or batch.undone_at is not None:
        raise MeasureWrong("this bulk act was not applied, or was undone before")
    if stamp.at > batch.undo_until:
        raise MeasureWrong("the time to undo this bulk act as a whole is over; lift its measures one by one")
    why = f"bulk act {number} undone"
    asked = select(Measure).where(Measure.batch == number, Measure.state.in_(IN_FORCE)).order_by(Measure.number)
    found = session.scalars(asked.limit(AT_ONCE + 1)).all()
    for measure in found[:AT_ONCE]:
        if MeasureState(measure.state) in IN_FORCE:
            lift(session, measure, stamp, why)
    if len(found) > AT_ONCE:
        return None
    batch.undone_at = stamp.at
    undone = _count_undone(session, number, why)
    _note(session, batch, stamp, "undo", {"lifted": undone.lifted, "kept": len(undone.kept)})
    return undone


def _count_undone(session: Session, number: int, why: str) -> Undone:
    lifted = 0
    kept: list[tuple[int, str]] = []
    columns = (Measure.number, Measure.kind, Measure.state, Measure.lift_reason)
    for each in session.execute(select(*columns).where(Measure.batch == number).order_by(Measure.number)):
        if each.state not in {MeasureState.LIFTED, MeasureState.LIFTING}:
            kept.append((each.number, f"the measure is {each.state}"))
        elif each.lift_reason == why:
            lifted += 1
            if not TERMS[MeasureKind(each.kind)].reversible:
                kept.append((each.number, "what was said cannot be unsaid"))
    return Undone(lifted, tuple(kept))


def find_batch(session: Session, number: int) -> MeasureBatch:
    """A bulk act by its number.

    Raises:
        MeasureWrong: there is none.
    """
    batch = find_record(session, MeasureBatch, number)
    if batch is None:
        raise MeasureWrong(f"there is no bulk act {number}")
    return batch


def _wanted(batch: MeasureBatch) -> list[NewMeasure]:
    return msgspec.json.decode(batch.plan, type=list[NewMeasure])


def _plan_of(batch: MeasureBatch, found: Sequence[Planned]) -> Plan:
    new, known = (sum(each.outcome == outcome for each in found) for outcome in ("new", "known"))
    return Plan(batch.number, new, known, tuple(each for each in found if each.outcome == "refused"))


def _look_at_all(session: Session, wanted: Sequence[NewMeasure], stamp: Stamp) -> list[Planned]:
    """What would become of each; one that is named twice is taken once."""
    seen = set[str]()
    found = []
    for place, each in enumerate(wanted):
        planned = _look(session, place, each, stamp)
        identity = identity_of(each)
        if planned.outcome == "new" and identity in seen:
            planned = msgspec.structs.replace(planned, outcome="known")
        seen.add(identity)
        found.append(planned)
    return found


def _look(session: Session, place: int, wanted: NewMeasure, stamp: Stamp) -> Planned:
    try:
        check_wanted(wanted)
        if TERMS[wanted.kind].people == 2:
            raise MeasureWrong(f"`{wanted.kind}` is decided one by one, by two people")
        if TERMS[wanted.kind].people and not stamp.by.is_human:
            raise MeasureWrong(f"`{wanted.kind}` needs a person's decision")
    except MeasureWrong as error:
        return Planned(place, wanted.subject[:80], "refused", str(error))
    known = session.scalars(select(Measure.number).where(Measure.identity == identity_of(wanted))).first()
    if known is not None:
        return Planned(place, wanted.subject, "known")
    try:
        check_place(session, wanted)
    except MeasureWrong as error:
        return Planned(place, wanted.subject, "refused", str(error))
    return Planned(place, wanted.subject, "new")


def _note(session: Session, batch: MeasureBatch, stamp: Stamp, verb: str, facts: dict[str, int]) -> None:
    act = Act(stamp=stamp, act=f"measure.batch.{verb}", record=f"batch:{batch.number}", why=batch.why, after=facts)
    write_act(session, act)
