"""Records found over HTTP: one by its number, or a page of the newest."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tocsin.app.http.problem import Refusal
from tocsin.records.table import Record, find_record

R = TypeVar("R", bound=Record)
Only = Mapping[InstrumentedAttribute[Any], object]
"""What columns must hold; where nothing is said, everything fits."""


def found(session: Session, table: type[R], number: int, name: str) -> R:
    """A record by its number; `name` says what it is.

    Raises:
        Refusal: there is none.
    """
    record = find_record(session, table, number)
    if record is None:
        raise Refusal(404, "not_found", f"there is no such {name}")
    return record


def newest(
    session: Session, table: type[R], only: Only, limit: int, cursor: str | None
) -> tuple[Sequence[R], str | None]:
    """The newest records that fit, those after a cursor, and the cursor of the page after; None on the last one."""
    number = table.__table__.c.number
    asked = select(table).order_by(number.desc()).limit(limit + 1)
    for column, value in only.items():
        if value not in ("", None):
            asked = asked.where(column == value)
    if cursor:
        asked = asked.where(number < int(cursor))
    records = session.scalars(asked).all()
    last = records[limit - 1] if len(records) > limit else None
    return records[:limit], None if last is None else str(last.number)  # type: ignore[attr-defined]  # all have one
