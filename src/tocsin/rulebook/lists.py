"""What people put on lists and take off them.

Receives a list of a pack and a value. Gives a record of it, and the value with its end to the list that rules look
into. A pack's own entries stand in its file and are not changed here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from tocsin.model.entity import ENTITY_LIMIT
from tocsin.model.errors import ListEntryWrong
from tocsin.records.table import begin_change, last_change
from tocsin.rulebook.tables import ListEntry
from tocsin.rules.value_list import NEVER, ValueList

NOTE_LIMIT = 1_000
AT_ONCE = 500
LATE_US = 7 * 86_400_000_000
"""How long after its end an entry is still given to the lists: an event may be as late as this."""


class NewEntry(Struct, frozen=True, kw_only=True):
    """A value to put on a list. `expires_at` is None where it never goes."""

    value: str
    expires_at: int | None = None
    note: str = ""


class Change(Struct, frozen=True, array_like=True):
    """What has become of one value. `expires_at` is None where it never goes."""

    list: str
    value: str
    expires_at: int | None
    ended: bool


def add_entries(session: Session, values: ValueList, entries: Sequence[NewEntry], by: str, now_us: int) -> int:
    """Puts values on a list; one that stands there already gets the new end. Answers how many are new or changed.

    Raises:
        ListEntryWrong: a value of another kind, empty or too long; nothing was changed.
    """
    for entry in entries:
        check_entry(values, entry, now_us)
    number = begin_change(session, ListEntry)
    standing: dict[str, list[ListEntry]] = defaultdict(list)
    for held in _standing(session, values.name, [entry.value for entry in entries], now_us):
        standing[held.value].append(held)
    changed = 0
    for entry in entries:
        before = standing[entry.value]
        if len(before) == 1 and (before[0].expires_at, before[0].note) == (entry.expires_at, entry.note):
            continue
        for each in before:
            each.ended_by, each.ended_at, each.revision = by, now_us, number
        made = ListEntry(
            list=values.name,
            value=entry.value,
            expires_at=entry.expires_at,
            note=entry.note,
            added_by=by,
            added_at=now_us,
            revision=number,
        )
        session.add(made)
        standing[entry.value] = [made]
        changed += 1
    return changed


def end_entry(session: Session, values: ValueList, value: str, by: str, now_us: int) -> bool:
    """Takes a value off a list now; False where nobody had put it there."""
    if not is_storable(value):
        return False
    number = begin_change(session, ListEntry)
    standing = _standing(session, values.name, [value], now_us)
    for each in standing:
        each.ended_by, each.ended_at, each.revision = by, now_us, number
    return bool(standing)


def read_standing(session: Session, lists: Mapping[str, ValueList], now_us: int) -> tuple[int, list[Change]]:
    """The number of the last change, and all that counts now: what stands, what stood when a late event happened, and
    every end that was given to a pack's own value.
    """
    number = last_change(session, ListEntry)
    changes = _read(session, *_stands(now_us - LATE_US))
    for name, values in lists.items():
        for some in _parts(list(values.own)):
            changes += _read(session, ListEntry.list == name, ListEntry.value.in_(some), ListEntry.ended_at.is_(None))
    return number, changes


def read_changes(session: Session, after: int) -> tuple[int, list[Change]]:
    """The number of the last change, and what has become of each value that changed after `after`."""
    return last_change(session, ListEntry), _read(session, ListEntry.revision > after)


def apply_changes(lists: Mapping[str, ValueList], changes: Iterable[Change]) -> list[str]:
    """Gives values to the lists that rules look into; answers the names of lists that no loaded pack has."""
    unknown = dict[str, None]()
    for change in changes:
        values = lists.get(change.list)
        if values is None:
            unknown[change.list] = None
        elif change.ended:
            values.take(change.value)
        else:
            values.put(change.value, NEVER if change.expires_at is None else change.expires_at)
    return list(unknown)


def check_entry(values: ValueList, entry: NewEntry, now_us: int) -> None:
    """Whether a value may stand on a list.

    Raises:
        ListEntryWrong: what is wrong with it.
    """
    if not entry.value or len(entry.value) > ENTITY_LIMIT:
        raise ListEntryWrong(f"a value has 1 to {ENTITY_LIMIT} characters")
    if not (is_storable(entry.value) and is_storable(entry.note)):
        raise ListEntryWrong("a value and its note hold no NUL and nothing that is no character")
    if values.of != "text" and not entry.value.startswith(f"{values.of}:"):
        raise ListEntryWrong(f"`{entry.value[:40]}` must be written `{values.of}:…` on this list")
    if entry.expires_at is not None and entry.expires_at <= now_us:
        raise ListEntryWrong(f"`{entry.value[:40]}` would expire in the past")
    if len(entry.note) > NOTE_LIMIT:
        raise ListEntryWrong(f"a note has at most {NOTE_LIMIT} characters")


def _read(session: Session, *wanted: ColumnElement[bool]) -> list[Change]:
    """One change for each value, the last: one that is renewed never leaves its list in between."""
    found = select(ListEntry.list, ListEntry.value, ListEntry.expires_at, ListEntry.ended_at).where(*wanted)
    last: dict[tuple[str, str], Change] = {}
    for name, value, end, ended_at in session.execute(
        found.order_by(ListEntry.revision, ListEntry.ended_at.is_(None), ListEntry.number)
    ):
        last[name, value] = Change(name, value, end, ended_at is not None)
    return list(last.values())


def _standing(session: Session, name: str, wanted: Sequence[str], now_us: int) -> list[ListEntry]:
    found: list[ListEntry] = []
    for some in _parts(wanted):
        asked = select(ListEntry).where(ListEntry.list == name, ListEntry.value.in_(some), *_stands(now_us))
        found += session.scalars(asked.order_by(ListEntry.number))
    return found


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[begin : begin + AT_ONCE] for begin in range(0, len(values), AT_ONCE))


def _stands(now_us: int) -> tuple[ColumnElement[bool], ...]:
    return (ListEntry.ended_at.is_(None), or_(ListEntry.expires_at.is_(None), ListEntry.expires_at > now_us))


def is_storable(text: str) -> bool:
    r"""Whether every database takes a text.

    >>> is_storable("account:1 \u4e2d"), is_storable("a\x00b"), is_storable("\ud800")
    (True, False, False)
    """
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
