"""Which message is owed to which endpoint, and when it is tried.

Receives messages as they were written. Gives deliveries that are due, of each subject only the first: what comes after
waits for it. Every attempt is in the log. All of it survives any end of the process.
"""

import random
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, aliased

from tocsin.app.delivery.endpoint import stop_endpoint, wants
from tocsin.app.delivery.schedule import next_try
from tocsin.app.delivery.tables import Attempt, Delivery, Endpoint
from tocsin.measures.instruction import mark_delivered
from tocsin.measures.tables import Instruction
from tocsin.model.window import SECOND_US
from tocsin.records.actor import SYSTEM, Stamp
from tocsin.records.tables import Message

WAITING, DONE, DEAD = "waiting", "done", "dead"
AT_ONCE = 500
UNDER_WAY_US = 60 * SECOND_US
"""How long an attempt may take before another process tries."""

GONE = 410


class Parcel(Struct, frozen=True):
    """One delivery that is due, with everything that is sent."""

    delivery: int
    endpoint: int
    url: str
    internal: bool
    secrets: bytes
    message_id: str
    type: str
    at: int
    body: str
    attempts: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of an attempt; `status` is 0 where there was no answer. `retry_after_s` is what the receiver asked for."""

    status: int
    error: str = ""
    took_ms: int = 0
    retry_after_s: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300


def fan_out(session: Session, now_us: int) -> int:
    """Writes a delivery for each new message and each endpoint that wants it; answers how many messages were looked at."""
    looked = 0
    behind = select(Message.number).where(Message.number > Endpoint.position).exists()
    live = select(Endpoint).where(Endpoint.stopped_at.is_(None), behind).order_by(Endpoint.number)
    owed = session.scalars(live.with_for_update(skip_locked=True)).all()
    if owed:
        wait_for_writers(session)
    for endpoint in owed:
        asked = select(Message).where(Message.number > endpoint.position).order_by(Message.number).limit(AT_ONCE)
        found = session.scalars(asked).all()
        for message in found:
            if wants(endpoint.types, message.type):
                session.add(
                    Delivery(
                        endpoint=endpoint.number,
                        message=message.number,
                        subject=message.subject,
                        state=WAITING,
                        attempts=0,
                        next_at=now_us,
                    )
                )
        if found:
            endpoint.position = found[-1].number
        looked += len(found)
    return looked


def wait_for_writers(session: Session) -> None:
    """Until whoever has taken a number for a message has kept it or given it up: numbers are passed in order, and on a server
    a lower one can become visible after a higher one.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"lock table {Message.__tablename__} in share mode"))


def take_due(session: Session, now_us: int, limit: int) -> list[Parcel]:
    """The deliveries to try now. They are put off by a minute, so that nobody else tries them meanwhile."""
    before = aliased(Delivery)
    blocked = (
        select(before.number)
        .where(
            before.endpoint == Delivery.endpoint,
            before.subject == Delivery.subject,
            before.state == WAITING,
            before.message < Delivery.message,
        )
        .exists()
    )
    asked = (
        select(Delivery, Endpoint, Message)
        .join(Endpoint, Endpoint.number == Delivery.endpoint)
        .join(Message, Message.number == Delivery.message)
        .where(Delivery.state == WAITING, Delivery.next_at <= now_us, Endpoint.stopped_at.is_(None), ~blocked)
        .order_by(Delivery.next_at, Delivery.number)
        .limit(limit)
    )
    parcels = []
    for delivery, endpoint, message in session.execute(asked.with_for_update(of=Delivery, skip_locked=True)).all():
        delivery.next_at = now_us + UNDER_WAY_US
        delivery.attempts += 1
        parcels.append(
            Parcel(
                delivery.number,
                endpoint.number,
                endpoint.url,
                endpoint.internal,
                endpoint.secrets,
                message.id,
                message.type,
                message.at,
                message.body,
                delivery.attempts,
            )
        )
    return parcels


def record_outcome(session: Session, parcel: Parcel, outcome: Outcome, now_us: int, draw: random.Random) -> None:
    """Writes the attempt into the log, and what follows from it.

    Taken, an instruction counts as delivered; a receiver that is gone for good (410) is told nothing more.
    """
    delivery = session.get_one(Delivery, parcel.delivery)
    session.add(
        Attempt(
            delivery=delivery.number,
            at=now_us,
            status=outcome.status,
            error=outcome.error[:300],
            took_ms=outcome.took_ms,
        )
    )
    if delivery.state != WAITING:
        return
    if outcome.is_taken:
        delivery.state, delivery.done_at = DONE, now_us
        asked = select(Instruction).where(Instruction.message == parcel.message_id)
        instruction = session.scalars(asked).one_or_none()
        if instruction is not None:
            mark_delivered(session, instruction, now_us)
        return
    if outcome.status == GONE:
        stop_endpoint(
            session, session.get_one(Endpoint, parcel.endpoint), "it says that it is gone", Stamp(SYSTEM, now_us)
        )
    again = next_try(parcel.attempts, now_us, draw, outcome.retry_after_s)
    if again is None:
        delivery.state, delivery.done_at = DEAD, now_us
    else:
        delivery.next_at = again


def replay(session: Session, endpoint: Endpoint, since: int, now_us: int) -> int:
    """Lets everything since a time go out to an endpoint once more, with the same ids; answers how many."""
    found = select(Message.number).where(Message.at >= since)
    again = (
        update(Delivery)
        .where(Delivery.endpoint == endpoint.number, Delivery.message.in_(found), Delivery.state != WAITING)
        .values(state=WAITING, attempts=0, next_at=now_us, done_at=None)
    )
    done = session.execute(again.execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def attempts_of(session: Session, message_id: str) -> Sequence[Attempt]:
    """The delivery log of one message."""
    asked = (
        select(Attempt)
        .join(Delivery, Delivery.number == Attempt.delivery)
        .join(Message, Message.number == Delivery.message)
    )
    return session.scalars(asked.where(Message.id == message_id).order_by(Attempt.number)).all()
