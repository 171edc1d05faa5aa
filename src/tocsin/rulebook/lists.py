"""What people put on lists and take off them.

Receives a list of a pack and a value. Gives a record of it, and the value with its end to the list that rules look
into. A pack's own entries stand in its file and are not changed here.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from tocsin.model.entity import ENTITY_LIMIT
from tocsin.model.errors import ListEntryWrong
from tocsin.rulebook.tables import ListEntry
from tocsin.rules.value_list import NEVER, ValueList

NOTE_LIMIT = 1_000


class NewEntry(Struct, frozen=True, kw_only=True):
    """A value to put on a list. `expires_at` is None where it never goes."""

    value: str
    expires_at: int | None = None
    note: str = ""


def add_entries(session: Session, values: ValueList, entries: Sequence[NewEntry], by: str, now_us: int) -> int:
    """Puts values on a list; one that stands there already gets the new end. Answers how many are new or changed.

    Raises:
        ListEntryWrong: a value of another kind, empty or too long; nothing was changed.
    """
    for entry in entries:
        check_entry(values, entry, now_us)
    changed = 0
    for entry in entries:
        standing = _standing(session, values.name, entry.value, now_us)
        if standing and standing.expires_at == entry.expires_at and standing.note == entry.note:
            continue
        if standing:
            standing.ended_by, standing.ended_at = by, now_us
        session.add(
            ListEntry(
                list=values.name,
                value=entry.value,
                expires_at=entry.expires_at,
                note=entry.note,
                added_by=by,
                added_at=now_us,
            )
        )
        changed += 1
    return changed


def end_entry(session: Session, values: ValueList, value: str, by: str, now_us: int) -> bool:
    """Takes a value off a list now; False where nobody had put it there."""
    standing = _standing(session, values.name, value, now_us)
    if standing is None:
        return False
    standing.ended_by, standing.ended_at = by, now_us
    return True


def standing_entries(session: Session, now_us: int) -> Iterable[ListEntry]:
    """Every value that stands on any list now."""
    return session.scalars(select(ListEntry).where(*_stands(now_us)).order_by(ListEntry.number))


def apply_entries(lists: Mapping[str, ValueList], entries: Iterable[ListEntry]) -> list[str]:
    """Gives values to the lists that rules look into; answers the names of lists that no loaded pack has."""
    unknown = dict[str, None]()
    for entry in entries:
        if entry.list in lists:
            lists[entry.list].put(entry.value, NEVER if entry.expires_at is None else entry.expires_at)
        else:
            unknown[entry.list] = None
    return list(unknown)


def check_entry(values: ValueList, entry: NewEntry, now_us: int) -> None:
    """Whether a value may stand on a list.

    Raises:
        ListEntryWrong: what is wrong with it.
    """
    if not entry.value or len(entry.value) > ENTITY_LIMIT:
        raise ListEntryWrong(f"a value has 1 to {ENTITY_LIMIT} characters")
    if values.of != "text" and not entry.value.startswith(f"{values.of}:"):
        raise ListEntryWrong(f"`{entry.value[:40]}` must be written `{values.of}:…` on this list")
    if entry.expires_at is not None and entry.expires_at <= now_us:
        raise ListEntryWrong(f"`{entry.value[:40]}` would expire in the past")
    if len(entry.note) > NOTE_LIMIT:
        raise ListEntryWrong(f"a note has at most {NOTE_LIMIT} characters")


def _standing(session: Session, name: str, value: str, now_us: int) -> ListEntry | None:
    asked = select(ListEntry).where(ListEntry.list == name, ListEntry.value == value, *_stands(now_us))
    return session.scalars(asked.order_by(ListEntry.number.desc()).limit(1)).first()


def _stands(now_us: int) -> tuple[ColumnElement[bool], ...]:
    return (ListEntry.ended_at.is_(None), or_(ListEntry.expires_at.is_(None), ListEntry.expires_at > now_us))
