"""Every act leaves a trace, in the transaction of the act.

Receives who did what to which record and why. Gives an entry of the audit log and, where others are to be told, a
message. Never lets the one happen without the other, and never writes a contact or an identity number into a log from
which nothing can be taken out again.
"""

import secrets
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.records.actor import Stamp
from tocsin.records.sealing.scrub import scrub, scrub_facts
from tocsin.records.tables import AuditEntry, Message

Facts = Mapping[str, object]
NOTHING: Facts = {}


class Act(Struct, frozen=True, kw_only=True):
    """What was done: `act` such as `measure.order`, on `record` such as `measure:7`."""

    stamp: Stamp
    act: str
    record: str
    why: str = ""
    before: Facts = NOTHING
    after: Facts = NOTHING


def write_act(session: Session, act: Act) -> None:
    """Adds an act to the log."""
    session.add(
        AuditEntry(
            at=act.stamp.at,
            by=str(act.stamp.by),
            act=act.act,
            record=act.record,
            before=_packed(scrub_facts(act.before)),
            after=_packed(scrub_facts(act.after)),
            why=scrub(act.why),
        )
    )


def tell(session: Session, kind: str, subject: str, at: int, body: Facts) -> str:
    """Writes a message that leaves once this transaction is kept; answers its id."""
    message_id = f"msg_{secrets.token_hex(16)}"
    session.add(Message(id=message_id, type=kind, subject=subject, at=at, body=_packed(body)))
    return message_id


def _packed(facts: Facts) -> str:
    return msgspec.json.encode(dict(sorted(facts.items()))).decode() if facts else ""
