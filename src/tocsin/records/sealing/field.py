"""Fields of records that are sealed.

Receives a record's field with what is to stand there, and a session whose owner has keys. Gives the mask for the record
itself and keeps the text sealed beside it, in the same transaction. Never gives a text to who does not ask for it: whoever
reads the record reads the mask.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tocsin.model.errors import SecretWrong
from tocsin.records.sealing.contact import find_contact
from tocsin.records.sealing.index import blind_index, blind_indexes
from tocsin.records.sealing.keyring import Keyring
from tocsin.records.sealing.keys import SealKeys
from tocsin.records.sealing.mask import STARS
from tocsin.records.sealing.personal import Personal
from tocsin.records.sealing.seal import Place, reseal, seal, unseal
from tocsin.records.sealing.tables import SealedField

KEYS = "seal_keys"
"""Under which name a session carries its keys."""


class Spot(Struct, frozen=True):
    """Where something is sealed: a table's name, a record's number, a field."""

    record: str
    of: int
    field: str


class Opened(Struct, frozen=True):
    """A field with its text."""

    field: str
    kind: str
    text: str


def seal_contact(session: Session, spot: Spot, text: str) -> str:
    """Seals a text where it is a contact or an identity number; answers what is to stand in the record.

    Raises:
        SecretWrong: the keys cannot be read or made.
    """
    contact = find_contact(text)
    if contact is None:
        return text
    _keep(session, spot, contact.kind, text)
    return contact.masked


def seal_words(session: Session, spot: Spot, text: str) -> str:
    """Seals what a person wrote; answers the mask, which shows nothing of it.

    Raises:
        SecretWrong: the keys cannot be read or made.
    """
    _keep(session, spot, Personal.OTHER, text)
    return STARS


def open_fields(session: Session, record: str, of: int) -> list[Opened]:
    """Everything that is sealed of one record. Who calls this writes down for whom and what for.

    Raises:
        SealError: something was changed, or its key is not there.
    """
    asked = select(SealedField).where(SealedField.record == record, SealedField.of == of).order_by(SealedField.field)
    ring = ring_of(session)
    return [Opened(each.field, each.kind, _open(ring, each)) for each in session.scalars(asked)]


def find_spots(session: Session, kind: Personal, value: str) -> list[Spot]:
    """Where a value stands, by its blind index; nothing is opened."""
    asked = select(SealedField).where(
        SealedField.kind == kind, SealedField.blind.in_(blind_indexes(ring_of(session), kind, value))
    )
    found = session.scalars(asked.order_by(SealedField.number))
    return [Spot(each.record, each.of, each.field) for each in found]


def sealed_numbers(session: Session, record: str, numbers: Sequence[int]) -> set[int]:
    """Which of these records have something sealed."""
    return set(session.scalars(select(SealedField.of).where(SealedField.record == record, SealedField.of.in_(numbers))))


def forget_fields(session: Session, record: str, numbers: Sequence[int]) -> None:
    """Removes what is sealed of these records, for good."""
    session.execute(delete(SealedField).where(SealedField.record == record, SealedField.of.in_(numbers)))


def reseal_fields(session: Session, most: int) -> int:
    """Seals anew some of what is sealed with an older key; answers how many, 0 where nothing is left.

    Raises:
        SealError: something was changed, or its key is not there; nothing is resealed then.
    """
    ring = ring_of(session)
    old = select(SealedField).where(SealedField.key != ring.current.id).order_by(SealedField.number).limit(most)
    found = session.scalars(old).all()
    for each in found:
        text = _open(ring, each)
        values = {"sealed": reseal(ring, _place(each), each.sealed), "key": ring.current.id}
        if each.blind is not None:
            values["blind"] = blind_index(ring, Personal(each.kind), _bare(text))
        session.execute(update(SealedField).where(SealedField.number == each.number).values(values))
    return len(found)


def count_by_key(session: Session) -> dict[str, int]:
    """How many fields are sealed with each key."""
    return {row[0]: row[1] for row in session.execute(select(SealedField.key, func.count()).group_by(SealedField.key))}


def ring_of(session: Session) -> Keyring:
    """The keys of who opened this session.

    Raises:
        SecretWrong: there are none, or they cannot be read.
    """
    keys = session.info.get(KEYS)
    if not isinstance(keys, SealKeys):
        raise SecretWrong("this session was opened without sealing keys")
    return keys.ring()


def _keep(session: Session, spot: Spot, kind: Personal, text: str) -> None:
    ring = ring_of(session)
    place = Place(spot.record, spot.field, str(spot.of))
    blind = None if kind is Personal.OTHER else blind_index(ring, kind, _bare(text))
    values = {"kind": str(kind), "key": ring.current.id, "sealed": seal(ring, place, text), "blind": blind}
    same = (SealedField.record == spot.record, SealedField.of == spot.of, SealedField.field == spot.field)
    known = session.scalars(select(SealedField).where(*same)).one_or_none()
    if known is None:
        session.add(SealedField(record=spot.record, of=spot.of, field=spot.field, **values))
    else:
        for name, value in values.items():
            setattr(known, name, value)


def _bare(text: str) -> str:
    contact = find_contact(text)
    return text if contact is None else contact.value


def _open(ring: Keyring, field: SealedField) -> str:
    return unseal(ring, _place(field), field.sealed)


def _place(field: SealedField) -> Place:
    return Place(field.record, field.field, str(field.of))
