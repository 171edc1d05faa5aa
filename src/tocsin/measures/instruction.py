"""What the platform is told to do, and what it says of it.

Receives measures that are ordered or lifted. Gives instructions, in order by subject, and takes the platform's answers.
An instruction that was answered is answered; a second answer changes nothing.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tocsin.measures.state import MeasureState, Step, after
from tocsin.measures.tables import Instruction, Measure
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act
from tocsin.records.errors import MeasureWrong

APPLY, LIFT = "apply", "lift"
CONFIRMED, FAILED, WITHDRAWN = "confirmed", "failed", "withdrawn"
AWAITED = frozenset({MeasureState.ORDERED, MeasureState.DELIVERED})
"""States that the platform's answer to an order changes; once a measure is lifted, that answer comes too late."""

REASON_LIMIT = 500


def give_instruction(session: Session, measure: Measure, verb: str, now_us: int) -> Instruction:
    """Writes what the platform is to do, and the message that tells it, into the caller's transaction."""
    kind = "measure.ordered" if verb == APPLY else "measure.lifted"
    message = tell(
        session,
        kind,
        measure.subject,
        now_us,
        {
            "measure": measure.number,
            "verb": verb,
            "subject": measure.subject,
            "kind": measure.kind,
            "scope": measure.scope,
            "starts_at": measure.starts_at,
            "ends_at": measure.ends_at,
            "reason": measure.reason if verb == APPLY else measure.lift_reason,
        },
    )
    made = Instruction(
        message=message, measure=measure.number, verb=verb, subject=measure.subject, given_at=now_us, outcome=""
    )
    session.add(made)
    session.flush()
    return made


def pull(session: Session, limit: int, now_us: int) -> Sequence[Instruction]:
    """The oldest instructions that the platform owes an answer to, of each subject only the first: what follows on the same
    subject waits for it. They count as delivered.
    """
    earlier = aliased(Instruction)
    blocked = (
        select(earlier.number)
        .where(earlier.subject == Instruction.subject, earlier.done_at.is_(None), earlier.number < Instruction.number)
        .exists()
    )
    asked = select(Instruction).where(Instruction.done_at.is_(None), ~blocked).order_by(Instruction.number).limit(limit)
    found = session.scalars(asked).all()
    for instruction in found:
        mark_delivered(session, instruction, now_us)
    return found


def mark_delivered(session: Session, instruction: Instruction, now_us: int) -> None:
    """The platform has it."""
    if instruction.delivered_at is not None or instruction.done_at is not None:
        return
    instruction.delivered_at = now_us
    measure = session.get_one(Measure, instruction.measure)
    if instruction.verb == APPLY and measure.state == MeasureState.ORDERED:
        measure.state = after(MeasureState.ORDERED, Step.DELIVER)


def confirm(session: Session, instruction: Instruction, stamp: Stamp) -> bool:
    """The platform has done it; False where it had said so before.

    Raises:
        MeasureWrong: it had said before that it could not.
    """
    return _answer(session, instruction, stamp, CONFIRMED)


def fail(session: Session, instruction: Instruction, stamp: Stamp, why: str) -> bool:
    """The platform could not do it, and says why; False where it had said so before.

    Raises:
        MeasureWrong: it says no reason, or had said before that it was done.
    """
    if not why.strip():
        raise MeasureWrong("who cannot carry out a measure says why")
    return _answer(session, instruction, stamp, FAILED, why[:REASON_LIMIT])


def withdraw(session: Session, measure: Measure, now_us: int) -> bool:
    """Takes back what the platform has not seen; True where it has seen nothing of this measure."""
    asked = select(Instruction).where(Instruction.measure == measure.number, Instruction.delivered_at.is_(None))
    for each in session.scalars(asked.where(Instruction.done_at.is_(None), Instruction.verb == APPLY)).all():
        each.done_at, each.outcome = now_us, WITHDRAWN
    seen = select(func.count()).where(Instruction.measure == measure.number, Instruction.outcome != WITHDRAWN)
    return session.scalars(seen).one() == 0


def may_stand(session: Session, measure: Measure) -> bool:
    """Whether the platform may have what a measure does: it was told so, by this measure or by another that does the same,
    and was not told afterwards to lift it.
    """
    same = (Measure.subject == measure.subject, Measure.kind == measure.kind, Measure.scope == measure.scope)
    told = select(func.max(Instruction.number)).join(Measure, Measure.number == Instruction.measure).where(*same)
    applied = session.scalars(told.where(Instruction.verb == APPLY, Instruction.outcome != WITHDRAWN)).one()
    lifted = session.scalars(told.where(Instruction.verb == LIFT, Instruction.outcome != FAILED)).one()
    return (applied or 0) > (lifted or 0)


def _answer(session: Session, instruction: Instruction, stamp: Stamp, outcome: str, why: str = "") -> bool:
    if instruction.outcome == outcome:
        return False
    if instruction.done_at is not None:
        raise MeasureWrong(f"this instruction was {instruction.outcome} before")
    measure = session.get_one(Measure, instruction.measure)
    instruction.delivered_at = instruction.delivered_at if instruction.delivered_at is not None else stamp.at
    instruction.done_at, instruction.outcome = stamp.at, outcome
    before = measure.state
    if instruction.verb == APPLY and measure.state in AWAITED:
        measure.state = after(MeasureState(measure.state), Step.CONFIRM if outcome == CONFIRMED else Step.FAIL)
        measure.confirmed_at = stamp.at if outcome == CONFIRMED else None
        measure.failure = why
    elif instruction.verb == LIFT and outcome == CONFIRMED:
        measure.state = after(MeasureState(measure.state), Step.CLEAR)
    elif instruction.verb == LIFT:
        measure.failure = why
    facts = {"state": measure.state, "instruction": instruction.number}
    write_act(
        session,
        Act(
            stamp=stamp, act=f"measure.{outcome}", record=f"measure:{measure.number}", why=why,
            before={"state": before}, after=facts,
        ),
    )  # fmt: skip
    tell(
        session, f"measure.{outcome}", measure.subject, stamp.at, {"measure": measure.number, "verb": instruction.verb}
    )
    return True
