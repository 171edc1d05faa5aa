"""Legal holds on records.

Receives a target, who orders it and why. Gives a hold that stops every deletion about that target until it is lifted, and
says what is held. Both acts are in the audit log.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tocsin.app.retention.tables import LegalHold
from tocsin.cases.tables import Case
from tocsin.model.entity import ENTITY_LIMIT, parse_entity
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import PersonalWrong

WHY_LIMIT = 1_000
CASE = "case:"


def place_hold(session: Session, target: str, stamp: Stamp, why: str) -> LegalHold:
    """Holds everything about a subject (`account:7`) or a case (`case:7`).

    Raises:
        PersonalWrong: there is no such target, or nobody says why.
    """
    reason = check_why(why)
    check_target(session, target)
    made = LegalHold(target=target, why=reason, by=str(stamp.by), at=stamp.at, lifted_why="")
    session.add(made)
    session.flush()
    facts = {"target": target}
    write_act(session, Act(stamp=stamp, act="hold.place", record=f"hold:{made.number}", why=reason, after=facts))
    return made


def lift_hold(session: Session, number: int, stamp: Stamp, why: str) -> LegalHold:
    """Lifts a hold; others on the same target go on.

    Raises:
        PersonalWrong: there is no such hold in force, or nobody says why.
    """
    reason = check_why(why)
    found = session.get(LegalHold, number) if 0 < number < 1 << 62 else None
    if found is None or found.lifted_at is not None:
        raise PersonalWrong(f"there is no legal hold {number} in force")
    found.lifted_at, found.lifted_by, found.lifted_why = stamp.at, str(stamp.by), reason
    facts = {"target": found.target}
    write_act(session, Act(stamp=stamp, act="hold.lift", record=f"hold:{number}", why=reason, before=facts))
    return found


def list_holds(session: Session, target: str = "") -> Sequence[LegalHold]:
    """Every hold that was ever placed, newest first; on one target where one is named."""
    asked = select(LegalHold).order_by(LegalHold.number.desc())
    return session.scalars(asked.where(LegalHold.target == target) if target else asked).all()


def is_held(session: Session, *targets: str) -> bool:
    """Whether a hold is in force on any of these."""
    asked = select(LegalHold.number).where(LegalHold.target.in_(targets), LegalHold.lifted_at.is_(None))
    return session.scalars(asked.limit(1)).first() is not None


def held(target: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The same as a condition on rows."""
    return exists().where(LegalHold.target == target, LegalHold.lifted_at.is_(None))


def check_target(session: Session, target: str) -> None:
    """Whether a target can be held.

    Raises:
        PersonalWrong: it is neither a subject nor a case that there is.
    """
    if parse_entity(target) is None or len(target) > ENTITY_LIMIT or "\0" in target:
        raise PersonalWrong("a hold is on a subject, written `kind:value`, or on `case:NUMBER`")
    number = target.removeprefix(CASE)
    if target.startswith(CASE):
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        if not is_number or str(int(number)) != number or session.get(Case, int(number)) is None:
            raise PersonalWrong(f"there is no case `{number[:20]}`")


def check_why(why: str) -> str:
    """The reason as it is recorded.

    Raises:
        PersonalWrong: it says nothing, or too much.
    """
    text = " ".join(why.split())
    if not 0 < len(text) <= WHY_LIMIT or "\0" in text:
        raise PersonalWrong(f"say why, in 1 to {WHY_LIMIT} characters")
    return text
