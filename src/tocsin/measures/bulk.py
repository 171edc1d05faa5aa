"""Many measures in one act.

Receives a list of wanted measures. Gives first a plan that changes nothing: what would be taken, what is in force
already, what may not be. Then takes them in batches, and undoes the whole as long as its window is open, telling what
could not be undone.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import select
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
    counts = {outcome: sum(each.outcome == outcome for each in found) for outcome in ("new", "known")}
    _note(session, batch, stamp, "plan", counts)
    refused = tuple(each for each in found if each.outcome == "refused")
    return Plan(batch.number, counts["new"], counts["known"], refused)


def apply_batch(session: Session, number: int, stamp: Stamp, start: int = 0, orders: Orders = order) -> int | None:
    """Takes up to AT_ONCE measures of a plan from a place on; answers the next place, None at the end.

    Each call is one transaction of the caller's; taking the same part twice changes nothing. `orders` orders one measure.

    Raises:
        MeasureWrong: there is no such plan, or it was undone.
    """
    batch = _batch(session, number)
    if batch.undone_at is not None:
        raise MeasureWrong("this bulk act was undone")
    wanted = msgspec.json.decode(batch.plan, type=list[NewMeasure])
    for place in range(start, min(start + AT_ONCE, len(wanted))):
        if _look(session, place, wanted[place], stamp).outcome == "new":
            measure = propose(session, msgspec.structs.replace(wanted[place], batch=number), stamp)
            orders(session, measure, stamp)
    if batch.applied_at is None:
        batch.applied_at, batch.undo_until = stamp.at, stamp.at + UNDO_US
        _note(session, batch, stamp, "apply", {"wanted": len(wanted)})
    return start + AT_ONCE if start + AT_ONCE < len(wanted) else None


def undo_batch(session: Session, number: int, stamp: Stamp) -> Undone:
    """Lifts everything that a bulk act took.

    Raises:
        MeasureWrong: it was not applied, was undone before, or its window is closed.
    """
    batch = _batch(session, number)
    if batch.undo_until is None or batch.undone_at is not None:
        raise MeasureWrong("this bulk act was not applied, or was undone before")
    if stamp.at > batch.undo_until:
        raise MeasureWrong("the time to undo this bulk act as a whole is over; lift its measures one by one")
    lifted = 0
    kept: list[tuple[int, str]] = []
    for measure in session.scalars(select(Measure).where(Measure.batch == number).order_by(Measure.number)).all():
        if MeasureState(measure.state) in IN_FORCE:
            lift(session, measure, stamp, f"bulk act {number} undone")
            lifted += 1
            if measure.kind == MeasureKind.WARN:
                kept.append((measure.number, "what was said cannot be unsaid"))
        elif measure.state not in {MeasureState.LIFTED, MeasureState.LIFTING}:
            kept.append((measure.number, f"it is {measure.state}"))
    batch.undone_at = stamp.at
    _note(session, batch, stamp, "undo", {"lifted": lifted, "kept": len(kept)})
    return Undone(lifted, tuple(kept))


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


def _batch(session: Session, number: int) -> MeasureBatch:
    batch = session.get(MeasureBatch, number)
    if batch is None:
        raise MeasureWrong(f"there is no bulk act {number}")
    return batch


def _note(session: Session, batch: MeasureBatch, stamp: Stamp, verb: str, facts: dict[str, int]) -> None:
    act = Act(stamp=stamp, act=f"measure.batch.{verb}", record=f"batch:{batch.number}", why=batch.why, after=facts)
    write_act(session, act)
