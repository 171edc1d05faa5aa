"""What follows from what was done.

Receives the messages that acts have left, notices that are owed and clocks that have come to a level. Gives clocks,
statements of reasons, notices and escalations, each once, with the moment of the act and not of the work. Everything that
waited is caught up with after any outage, acts before escalations: what was done in time is never called missed.
"""

from collections.abc import Callable

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.loop.house import Premises
from tocsin.app.storage.records import Records
from tocsin.cases.clocks.running import SETTLE_US, escalate_due, follow_message
from tocsin.cases.clocks.tables import ClockRecord
from tocsin.cases.telling import known_of_measure, known_of_notice
from tocsin.measures.notices.owing import NoticeState
from tocsin.measures.notices.tables import NoticeRecord
from tocsin.measures.statements.export import state_reasons
from tocsin.measures.tables import Measure
from tocsin.measures.telling import issue_notice, owed_notices
from tocsin.records.actor import SYSTEM, Stamp
from tocsin.records.tables import Message

AT_ONCE = 50
"""What is done in one transaction: little, so that people who work at the same time do not wait for it."""
log = structlog.get_logger("tocsin.loop")


class Settler:
    """Settles what one database of records holds."""

    def __init__(self, records: Records, premises: Premises, clock: Callable[[], int]) -> None:
        self._records = records
        self._premises = premises
        self._clock = clock

    def advance(self) -> int:
        """Does some of what waits; answers how much it has done. Takes the records for writing only where something waits.

        Raises:
            StorageFull: the records cannot be written now; nothing was done.
            ChangedMeanwhile: somebody else did the same at once; nothing was done.
        """
        if not self._waits():
            return 0
        with self._records.change() as session:
            now = self._clock()
            settled = self._settle(session, now)
            told = self._tell(session, now)
            escalated = escalate_due(session, now) if settled < AT_ONCE else 0
        return settled + told + escalated

    def _waits(self) -> bool:
        now = self._clock()
        row, owed = ClockRecord, (NoticeRecord.state == NoticeState.OWED, NoticeRecord.next_at <= now)
        with self._records.session() as session:
            return any(
                session.scalars(asked.limit(1)).first() is not None
                for asked in (
                    select(Message.number).where(Message.settled_at.is_(None)),
                    select(NoticeRecord.number).where(*owed),
                    select(row.number).where(row.next_at <= now - SETTLE_US),
                )
            )

    def _settle(self, session: Session, now_us: int) -> int:
        asked = select(Message).where(Message.settled_at.is_(None)).order_by(Message.number).limit(AT_ONCE)
        found = session.scalars(asked.with_for_update()).all()
        for message in found:
            follow_message(session, message, self._premises.clocks, now_us)
            if message.type == "measure.ordered":
                self._publish(session, message, now_us)
            message.settled_at = now_us
        return len(found)

    def _publish(self, session: Session, message: Message, now_us: int) -> None:
        premises = self._premises
        measure = session.get(Measure, msgspec.json.decode(message.body)["measure"])
        if premises.publisher is not None and measure is not None:
            known = known_of_measure(session, measure, premises.library)
            state_reasons(session, measure, known, premises.publisher, Stamp(SYSTEM, now_us))

    def _tell(self, session: Session, now_us: int) -> int:
        owed = owed_notices(session, now_us)
        for notice in owed:
            known = known_of_notice(session, notice, self._premises.library)
            if not issue_notice(session, notice, known, self._premises.house, Stamp(SYSTEM, now_us)):
                log.warning("a notice cannot be written", notice=notice.number, reason=notice.failure[:120])
        return len(owed)
