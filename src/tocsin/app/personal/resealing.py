"""What is sealed, sealed anew; what never was, sealed now.

Receives the records and their vault. Gives every sealed value under the newest key, some at a time: whatever interrupts
it, it goes on with what is left. Records of a Tocsin that sealed nothing yet are sealed once, in order.
"""

from typing import Protocol

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.app.delivery.endpoint import record_of
from tocsin.app.delivery.tables import Endpoint
from tocsin.cases.appeals.appeal import seal_appeal
from tocsin.cases.appeals.tables import Appeal
from tocsin.cases.tables import CaseAnswer
from tocsin.records.actor import Stamp
from tocsin.records.audit import Act, write_act
from tocsin.records.sealing.field import Spot, count_by_key, reseal_fields, ring_of, seal_contact, sealed_numbers
from tocsin.records.sealing.seal import key_id_of
from tocsin.records.tables import Place

AT_ONCE = 500


class SecretBox(Protocol):
    """Seals and opens the secrets of records: `app/loop/vault.py`."""

    def seal(self, plain: bytes, record: str) -> bytes:
        """Sealed bytes."""

    def unseal(self, sealed: bytes, record: str) -> bytes:
        """The bytes again."""

    def is_old(self, sealed: bytes) -> bool:
        """Whether they are sealed with an older key."""


def reseal_some(session: Session, box: SecretBox, most: int = AT_ONCE) -> int:
    """Seals some of what is sealed with an older key anew; answers how many, 0 where nothing is left.

    Raises:
        SealError: something was changed, or its key is not there.
    """
    done = reseal_fields(session, most)
    if done:
        return done
    for endpoint in session.scalars(select(Endpoint).order_by(Endpoint.number)):
        if endpoint.secrets and box.is_old(endpoint.secrets):
            record = record_of(endpoint)
            endpoint.secrets = box.seal(box.unseal(endpoint.secrets, record), record)
            done += 1
    return done


def count_sealed(session: Session) -> dict[str, int]:
    """How many values are sealed with each key that is on the ring or still in use; the key that seals comes first."""
    ring = ring_of(session)
    found = dict.fromkeys((str(key.id) for key in ring.keys), 0)
    for key, count in count_by_key(session).items():
        found[key] = found.get(key, 0) + count
    for secrets in session.scalars(select(Endpoint.secrets)):
        if secrets:
            key = str(key_id_of(secrets))
            found[key] = found.get(key, 0) + 1
    return found


def write_rotation(session: Session, count: int, stamp: Stamp) -> None:
    """Writes down that everything is under one key now."""
    ring = ring_of(session)
    facts = {"key": str(ring.current.id), "values": count}
    write_act(session, Act(stamp=stamp, act="seal.rotate", record=f"key:{ring.current.id}", after=facts))


def seal_old(session: Session, most: int = AT_ONCE) -> int:
    """Seals some of what was written before anything was sealed; answers how many records it has passed, 0 at the end."""
    return _seal_old_appeals(session, most) or _seal_old_answers(session, most)


def _seal_old_appeals(session: Session, most: int) -> int:
    place = _place(session, "sealed-appeals")
    asked = select(Appeal).where(Appeal.number > place.position).order_by(Appeal.number).limit(most)
    found = session.scalars(asked).all()
    done = sealed_numbers(session, "appeal", [each.number for each in found])
    for appeal in found:
        if appeal.number not in done:
            seal_appeal(session, appeal, appeal.text, msgspec.json.decode(appeal.materials, type=list[str]))
        place.position = appeal.number
    return len(found)


def _seal_old_answers(session: Session, most: int) -> int:
    place = _place(session, "sealed-answers")
    asked = select(CaseAnswer).where(CaseAnswer.number > place.position).order_by(CaseAnswer.number).limit(most)
    found = session.scalars(asked).all()
    done = sealed_numbers(session, "case_answer", [each.number for each in found])
    for answer in found:
        if answer.number not in done:
            answer.to = seal_contact(session, Spot("case_answer", answer.number, "to"), answer.to)
        place.position = answer.number
    return len(found)


def _place(session: Session, name: str) -> Place:
    found = session.get(Place, name)
    if found is None:
        found = Place(name=name, position=0)
        session.add(found)
    return found
