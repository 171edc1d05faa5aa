"""Whether what is to be kept fits its column.

Receives records on their way to a database. Refuses what one kind of database would take and another would not: signs
that no text holds, texts that are too long, numbers that are too large. Never cuts anything off.
"""

from functools import cache

from sqlalchemy import String, event
from sqlalchemy.orm import Session, class_mapper

from tocsin.records.errors import ValueWrong
from tocsin.records.table import Record

LARGEST = (1 << 63) - 1
SHOWN = 40


def check_fit(record: Record) -> None:
    """Whether a record fits its table.

    Raises:
        ValueWrong: which value does not, and why.
    """
    for name, length in _columns(type(record)):
        value = getattr(record, name)
        if isinstance(value, str):
            if "\0" in value:
                raise ValueWrong(f"`{name}` holds a sign that cannot be kept (U+0000)")
            if length is not None and len(value) > length:
                raise ValueWrong(f"`{name}` has at most {length} characters; `{value[:SHOWN]}…` has {len(value)}")
        elif isinstance(value, int) and not -LARGEST <= value <= LARGEST:
            raise ValueWrong(f"`{name}` is a number of more than 64 bits")


class FittingSession(Session):
    """A session that writes only what fits."""


@event.listens_for(FittingSession, "before_flush")
def _check_all(session: Session, *_: object) -> None:
    for record in (*session.new, *session.dirty):
        if isinstance(record, Record):
            check_fit(record)


@cache
def _columns(kind: type[Record]) -> tuple[tuple[str, int | None], ...]:
    """The columns of a table and, where it has one, the length of their text."""
    return tuple(
        (each.key, column.type.length if isinstance(column.type, String) else None)
        for each in class_mapper(kind).column_attrs
        for column in each.columns[:1]
    )
