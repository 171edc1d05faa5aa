"""Notices on their way to the person.

Receives what the platform says of a notice, and who keeps one back. Gives its state, once. Never takes a notice for
delivered because it was sent.
"""

from sqlalchemy.orm import Session

from tocsin.measures.notices.owing import UNTOLD, NoticeState
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure
from tocsin.model.errors import NoticeWrong
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, tell, write_act

TOLD = frozenset({NoticeState.ISSUED, NoticeState.DELIVERED, NoticeState.SEEN})


def mark_delivered(session: Session, notice: NoticeRecord, stamp: Stamp) -> bool:
    """The person has it; False where that was known.

    Raises:
        NoticeWrong: it was not issued.
    """
    if NoticeState(notice.state) not in TOLD:
        raise NoticeWrong(f"a notice that is {notice.state} cannot have been delivered")
    if notice.delivered_at is not None:
        return False
    notice.state, notice.delivered_at = NoticeState.DELIVERED, stamp.at
    _write(session, notice, stamp, "deliver")
    measure = session.get_one(Measure, notice.measure)
    facts = {"notice": notice.number, "measure": measure.number, "event": notice.event, "case": measure.case_number}
    tell(session, "notice.delivered", notice.subject, stamp.at, facts)
    return True


def mark_seen(session: Session, notice: NoticeRecord, stamp: Stamp) -> bool:
    """The person has looked at it, and so has it; False where that was known.

    Raises:
        NoticeWrong: it was not issued.
    """
    mark_delivered(session, notice, stamp)
    if notice.seen_at is not None:
        return False
    notice.state, notice.seen_at = NoticeState.SEEN, stamp.at
    _write(session, notice, stamp, "see")
    return True


def withhold(session: Session, notice: NoticeRecord, stamp: Stamp, why: str) -> None:
    """Keeps a notice back that was not issued; a person answers for it.

    Raises:
        NoticeWrong: no person decides it, nobody says why, or it is too late.
    """
    if not stamp.by.is_human or not why.strip():
        raise NoticeWrong("a person keeps a notice back, and says why")
    if NoticeState(notice.state) is not NoticeState.OWED:
        raise NoticeWrong(f"a notice that is {notice.state} cannot be kept back")
    notice.state, notice.why, notice.next_at = NoticeState.WITHHELD, why, None
    _write(session, notice, stamp, "withhold", why)


def describe(notice: NoticeRecord) -> str:
    """What is open about a notice that nobody has received."""
    assert NoticeState(notice.state) in UNTOLD
    if notice.failure:
        return f"the notice `{notice.event}` cannot be written: {notice.failure}"
    return f"the notice `{notice.event}` is {'not written' if notice.state == NoticeState.OWED else 'not delivered'}"


def _write(session: Session, notice: NoticeRecord, stamp: Stamp, verb: str, why: str = "") -> None:
    facts = {"state": notice.state, "measure": notice.measure, "event": notice.event}
    write_act(session, Act(stamp=stamp, act=f"notice.{verb}", record=f"notice:{notice.number}", why=why, after=facts))
