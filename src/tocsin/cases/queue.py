"""Who works on which case now.

Receives a person who is free. Gives the next case of a queue, held by a lease so that two people never have one; a person
who vanishes loses it when the lease ends. Never gives a case twice, never loses one.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, bindparam, func, or_, select, union_all, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from tocsin.cases.case import CaseState, check_open, note
from tocsin.cases.tables import Case
from tocsin.model.window import SECOND_US
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.errors import CaseWrong

LEASE_US = 30 * 60 * SECOND_US
SNOOZE_MOST_US = 90 * 86_400 * SECOND_US


Asked = dict[str, Any]
"""Who asks (`me`, `skills`, `langs`), `now`, and `until` when the case is theirs."""

TABLE = Case.metadata.tables[Case.__tablename__]
CASES = TABLE.c
FREE = (
    CASES.state == CaseState.OPEN,
    CASES.free_at <= bindparam("now"),
    or_(CASES.skill == "", CASES.skill.in_(bindparam("skills", expanding=True))),
    or_(CASES.lang == "", CASES.lang.in_(bindparam("langs", expanding=True))),
    or_(
        ~CASES.four_eyes, CASES.second_by.is_not(None), CASES.decided_by.is_(None), CASES.decided_by != bindparam("me")
    ),
)
"""What a case that a person may take is like."""


def _take(which: ColumnElement[bool]) -> ExecutableReturnsRows:
    """Found and taken by one statement, so that nobody comes between; the lease is all that is written."""
    lease: dict[str, ColumnElement[Any]] = {
        "holder": bindparam("me"),
        "held_until": bindparam("until"),
        "free_at": bindparam("until"),
    }
    taken = update(TABLE).where(which).values(**lease, version=CASES.version + 1)
    return select(Case).from_statement(taken.returning(TABLE)).execution_options(populate_existing=True)


MINE = select(CASES.rank, CASES.number, CASES.queue, CASES.state).where(
    CASES.holder == bindparam("me"), CASES.held_until > bindparam("now")
)
FIRST = select(CASES.number).where(CASES.queue == bindparam("asked"), *FREE).order_by(CASES.rank, CASES.number).limit(1)
NEXT = _take(CASES.number == FIRST.with_for_update(skip_locked=True).scalar_subquery())
AGAIN = _take(CASES.number == bindparam("known"))
"""Built once: a queue is asked more often than anything else, and most of the work would be to say it."""


class Wish(Struct, frozen=True, kw_only=True):
    """What a person takes: from which queues, with which skills and languages. A case without a skill is for everyone."""

    queues: tuple[str, ...]
    skills: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    lease_us: int = LEASE_US


class Waiting(Struct, frozen=True):
    """How a queue stands: cases that wait, that are held, that sleep, and the earliest due time of those that wait."""

    queue: str
    waiting: int
    held: int
    asleep: int
    next_due_at: int | None


def claim(session: Session, wish: Wish, stamp: Stamp) -> Case | None:
    """The next case that this person may have, held for a while; None where there is none.

    One that the person holds already comes first. A case that needs a second person is not given to the first again.
    """
    me, now, until = str(stamp.by), stamp.at, stamp.at + wish.lease_us
    asked: Asked = {"me": me, "now": now, "until": until, "skills": wish.skills, "langs": wish.langs}
    known = _held(session, wish, me, now)
    if known is not None:
        mine: Case | None = session.scalars(AGAIN, {**asked, "known": known}).one_or_none()
        return mine
    for queue in _soonest_first(session, wish, asked):
        case: Case | None = session.scalars(NEXT, {**asked, "asked": queue}).one_or_none()
        if case is not None:
            _write(session, case, stamp, "claim", "")
            return case
    return None


def claim_one(session: Session, case: Case, stamp: Stamp, lease_us: int = LEASE_US) -> None:
    """Takes one case by its number.

    Raises:
        CaseWrong: it is not open, or somebody else has it.
    """
    check_open(case)
    me = str(stamp.by)
    if case.holder not in (None, me) and (case.held_until or 0) > stamp.at:
        raise CaseWrong(f"case {case.number} is held by {case.holder}")
    case.holder, case.held_until, case.free_at = me, stamp.at + lease_us, stamp.at + lease_us
    _write(session, case, stamp, "claim", "")


def check_holder(case: Case, stamp: Stamp) -> None:
    """Whether a person may work on a case: holds it, and the lease has not ended.

    Raises:
        CaseWrong: it is not open, or is not held by this person now.
    """
    check_open(case)
    if case.holder != str(stamp.by) or (case.held_until or 0) <= stamp.at:
        raise CaseWrong(f"case {case.number} is not held by you now; claim it first")


def release(session: Session, case: Case, stamp: Stamp, why: str = "") -> None:
    """Gives a case back to its queue; with a reason it counts as skipped.

    Raises:
        CaseWrong: it is not held by this person.
    """
    check_holder(case, stamp)
    case.holder, case.held_until, case.free_at = None, None, stamp.at
    _write(session, case, stamp, "skip" if why else "release", why)


def snooze(session: Session, case: Case, stamp: Stamp, until: int, why: str) -> None:
    """Puts a case aside until a time.

    Raises:
        CaseWrong: it is not held by this person, nobody says why, or the time is past, too late, or after it is due.
    """
    check_holder(case, stamp)
    if not why.strip() or not stamp.at < until <= stamp.at + SNOOZE_MOST_US:
        raise CaseWrong("a case is put aside with a reason, until a time within 90 days")
    if until > case.due_at > stamp.at:
        raise CaseWrong("a case cannot sleep past the time when it is due")
    case.holder, case.held_until, case.free_at = None, None, until
    _write(session, case, stamp, "snooze", why)


def route(session: Session, case: Case, queue: str, stamp: Stamp, why: str) -> None:
    """Moves a case to another queue.

    Raises:
        CaseWrong: it is not open, or nobody says why.
    """
    check_open(case)
    if not why.strip() or not 0 < len(queue) <= 64:
        raise CaseWrong("a case moves to a named queue, with a reason")
    case.queue, case.holder, case.held_until, case.free_at = queue, None, None, stamp.at
    _write(session, case, stamp, "route", f"{queue}: {why}")


def free_abandoned(session: Session, now_us: int) -> int:
    """Takes cases back from people whose lease has ended; answers how many. Nothing depends on it: a claim looks itself."""
    ended = (Case.state == CaseState.OPEN, Case.holder.is_not(None), Case.held_until <= now_us)
    freed = update(Case).where(*ended).values(holder=None, held_until=None, version=Case.version + 1)
    done = session.execute(freed.execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def look_at_queues(session: Session, now_us: int) -> Sequence[Waiting]:
    """How every queue stands."""
    free = Case.free_at <= now_us
    held = (Case.holder.is_not(None)) & (Case.held_until > now_us)
    asked = (
        select(
            Case.queue,
            func.count().filter(free),
            func.count().filter(held),
            func.count().filter(~free & ~held),
            func.min(Case.due_at).filter(free),
        )
        .where(Case.state == CaseState.OPEN)
        .group_by(Case.queue)
        .order_by(Case.queue)
    )
    return [Waiting(*row) for row in session.execute(asked)]


def _write(session: Session, case: Case, stamp: Stamp, verb: str, why: str) -> None:
    """Into the case's timeline and into the audit log."""
    note(session, case, stamp, verb, why)
    facts = {"queue": case.queue, "holder": case.holder, "free_at": case.free_at}
    write_act(session, Act(stamp=stamp, act=f"case.{verb}", record=f"case:{case.number}", why=why, after=facts))


def _held(session: Session, wish: Wish, me: str, now: int) -> int | None:
    """The soonest case that a person has. It is asked for by the holder alone: nothing then leads a database to go through
    the queue for it.
    """
    found = session.execute(MINE, {"me": me, "now": now})
    mine = [(row[0], row[1]) for row in found if row[2] in wish.queues and row[3] == CaseState.OPEN]
    return min(mine)[1] if mine else None


def _soonest_first(session: Session, wish: Wish, asked: Asked) -> list[str]:
    """The queues in which something is free, that of the soonest case first: each is asked by itself, as only so its index
    gives its first case without sorting all of them.
    """
    if len(wish.queues) < 2:
        return list(wish.queues)
    firsts = [
        select(CASES.rank, CASES.number, CASES.queue)
        .where(CASES.queue == queue, *FREE)
        .order_by(CASES.rank, CASES.number)
        .limit(1)
        .subquery()
        for queue in dict.fromkeys(wish.queues)
    ]
    every = union_all(*(select(each.c.rank, each.c.number, each.c.queue) for each in firsts))
    return [row[2] for row in sorted(tuple(row) for row in session.execute(every, asked))]
