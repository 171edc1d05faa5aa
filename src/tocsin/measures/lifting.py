"""The way back.

Receives a measure that was wrong, or whose time is over. Gives its lift, together with the lift of everything that it
brought about. Never leaves a consequence standing.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.measures.instruction import LIFT, give_instruction, may_stand, withdraw
from tocsin.measures.notices.owing import owe_lifted
from tocsin.measures.state import IN_FORCE, MeasureState, Step, after
from tocsin.measures.tables import Measure
from tocsin.records.actor import SYSTEM, Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import MeasureWrong

AT_ONCE = 500
CARRIED = IN_FORCE - {MeasureState.FAILED}
"""States in which the platform does what a measure says, or is about to."""


def lift(session: Session, measure: Measure, stamp: Stamp, why: str) -> list[Measure]:
    """Lifts a measure and all that it brought about, at once; answers everything that is lifted by it.

    What was only proposed is declined. What the platform has not seen is withdrawn and needs no lift there.

    Raises:
        MeasureWrong: it is not in force, or nobody says why.
    """
    if not why.strip():
        raise MeasureWrong("a lift has a reason")
    if MeasureState(measure.state) not in IN_FORCE:
        raise MeasureWrong(f"a measure that is {measure.state} cannot be lifted")
    return [each for each in _with_consequences(session, measure) if _lift_one(session, each, stamp, why)]


def expire_due(session: Session, now_us: int) -> list[Measure]:
    """Lifts what has come to its end, some at a time; a consequence ends with what brought it about."""
    asked = select(Measure).where(Measure.state.in_(IN_FORCE), Measure.ends_at <= now_us)
    lifted: list[Measure] = []
    for measure in session.scalars(asked.order_by(Measure.ends_at).limit(AT_ONCE)).all():
        if MeasureState(measure.state) in IN_FORCE:
            lifted += lift(session, measure, Stamp(SYSTEM, now_us), "its time is over")
    return lifted


def repeat_lift(session: Session, measure: Measure, stamp: Stamp) -> None:
    """Tells the platform once more to lift what it could not, unless it must go on doing it for another reason.

    Raises:
        MeasureWrong: there is nothing to repeat.
    """
    if measure.state != MeasureState.LIFTING or not measure.failure:
        raise MeasureWrong("only a lift that the platform could not carry out is repeated")
    measure.failure = ""
    _tell(session, measure, stamp)
    write_act(session, Act(stamp=stamp, act="measure.repeat", record=f"measure:{measure.number}"))


def lift_consequences(session: Session, measure: Measure, stamp: Stamp, why: str) -> None:
    """Lifts or declines everything that a measure brought about, or would have."""
    for each in _with_consequences(session, measure)[1:]:
        _lift_one(session, each, stamp, why)


def consequences(session: Session, measure: Measure) -> Sequence[Measure]:
    """What a measure brought about, directly."""
    return session.scalars(select(Measure).where(Measure.parent == measure.number).order_by(Measure.number)).all()


def _with_consequences(session: Session, measure: Measure) -> list[Measure]:
    """A measure and, deepest last, everything below it."""
    found, place = [measure], 0
    while place < len(found):
        found += consequences(session, found[place])
        place += 1
    return found


def _stands_elsewhere(session: Session, measure: Measure) -> bool:
    """Whether another measure does the same to the subject: then the platform must go on doing it. One that the platform
    could not carry out is no reason.
    """
    same = (Measure.subject == measure.subject, Measure.kind == measure.kind, Measure.scope == measure.scope)
    asked = select(Measure.number).where(*same, Measure.number != measure.number, Measure.state.in_(CARRIED))
    return session.scalars(asked.limit(1)).first() is not None


def _tell(session: Session, measure: Measure, stamp: Stamp) -> None:
    """Tells the platform to lift it, unless it must go on with it or cannot have it."""
    if _stands_elsewhere(session, measure) or not may_stand(session, measure):
        measure.state = after(MeasureState.LIFTING, Step.CLEAR)
    else:
        give_instruction(session, measure, LIFT, stamp.at)


def _lift_one(session: Session, measure: Measure, stamp: Stamp, why: str) -> bool:
    state = MeasureState(measure.state)
    if state is MeasureState.PROPOSED:
        measure.state = after(state, Step.DECLINE)
    elif state in IN_FORCE:
        measure.state = after(state, Step.LIFT)
    else:
        return False
    measure.identity = None
    measure.lifted_by, measure.lifted_at, measure.lift_reason = str(stamp.by), stamp.at, why
    if state in IN_FORCE:
        measure.failure = ""
        withdrawn = withdraw(session, measure, stamp.at)
        owe_lifted(session, measure, stamp.at, withdrawn=withdrawn)
        _tell(session, measure, stamp)
    write_act(
        session,
        Act(
            stamp=stamp, act="measure.lift", record=f"measure:{measure.number}", why=why,
            before={"state": state}, after={"state": measure.state},
        ),
    )  # fmt: skip
    return True
