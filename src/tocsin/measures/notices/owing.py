"""Which notices are owed.

Receives measures that are ordered or lifted, and appeals. Gives a notice that is owed, in the transaction of the act: so
nothing happens to a person of which nobody remembers to tell. Never writes the text: that may wait, the debt may not.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.measures.notices.code import new_code, read_code
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.tables import Measure

NOBODYS = frozenset({"ip", "url", "domain", "link"})
"""Kinds of subject that belong to nobody whom the platform could tell."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    OWED = "owed"
    ISSUED = "issued"
    DELIVERED = "delivered"
    SEEN = "seen"
    WITHHELD = "withheld"
    VOID = "void"


UNTOLD = frozenset({NoticeState.OWED, NoticeState.ISSUED})
"""States in which the person has not been told yet."""


def needs_notice(measure: Measure) -> bool:
    """Whether somebody is told of this measure."""
    return measure.subject.partition(":")[0] not in NOBODYS


def owe_notice(
    session: Session, measure: Measure, event: NoticeEvent, at: int, appeal: int | None = None
) -> NoticeRecord | None:
    """Writes down that a person is to be told; of the same act once. None where there is nobody to tell.

    What the person was not told of when it began, they are not told of when it ends.
    """
    if not needs_notice(measure):
        return None
    identity = f"{event}:{appeal or measure.number}"
    known = session.scalars(select(NoticeRecord).where(NoticeRecord.identity == identity)).one_or_none()
    if known is not None:
        return known
    first = taken_notice(session, measure.number)
    withheld = measure.untold or (first.why if first is not None and first.state == NoticeState.WITHHELD else "")
    code = first.code if first is not None else new_code()
    made = NoticeRecord(
        identity=identity,
        event=event,
        measure=measure.number,
        appeal=appeal,
        subject=measure.subject,
        state=NoticeState.WITHHELD if withheld else NoticeState.OWED,
        lang=measure.lang or "",
        template="",
        title="",
        body="",
        code=code,
        code_digest=digest_of(code) if event is NoticeEvent.TAKEN else None,
        failure="",
        why=withheld or "",
        owed_at=at,
        next_at=None if withheld else at,
    )
    session.add(made)
    session.flush()
    return made


def owe_lifted(session: Session, measure: Measure, at: int, *, withdrawn: bool) -> None:
    """Writes down that a lift is to be told. Where nothing was done yet and nothing told, there is nothing to tell."""
    first = taken_notice(session, measure.number)
    if withdrawn and first is not None and first.state == NoticeState.OWED:
        first.state, first.next_at = NoticeState.VOID, None
        return
    owe_notice(session, measure, NoticeEvent.LIFTED, at)


def taken_notice(session: Session, measure: int) -> NoticeRecord | None:
    """The notice that told of a measure."""
    identity = f"{NoticeEvent.TAKEN}:{measure}"
    return session.scalars(select(NoticeRecord).where(NoticeRecord.identity == identity)).one_or_none()


def untold_notices(session: Session, measures: Iterable[int]) -> Sequence[NoticeRecord]:
    """The notices about measures that nobody has received yet."""
    asked = select(NoticeRecord).where(NoticeRecord.measure.in_(list(measures)), NoticeRecord.state.in_(UNTOLD))
    return session.scalars(asked.order_by(NoticeRecord.number)).all()


def find_by_code(session: Session, typed: str) -> NoticeRecord | None:
    """The notice whose code a person typed; None for every other text, in the same time.

    It is looked up by its hash and compared whole, so that no answer tells how near a guess was.
    """
    code = read_code(typed)
    digest = digest_of(code or "")
    found = session.scalars(select(NoticeRecord).where(NoticeRecord.code_digest == digest)).one_or_none()
    same = hmac.compare_digest((found.code_digest if found is not None else None) or "", digest)
    return found if same and code is not None else None


def objection_ends(session: Session, measure: Measure, window_us: int) -> int | None:
    """Until when a person may object: so long after they were told, and without end until then.

    A measure of a time before notices were kept is counted from its start.
    """
    notice = taken_notice(session, measure.number)
    if notice is None:
        return None if measure.starts_at is None else measure.starts_at + window_us
    return None if notice.delivered_at is None else notice.delivered_at + window_us


def digest_of(code: str) -> str:
    """What a code is looked up by."""
    return hashlib.sha256(code.encode()).hexdigest()
