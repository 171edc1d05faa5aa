"""The root of all record tables.

Receives nothing. Gives the declarative base that every stage's tables share, and numbers for their changes.
"""

from typing import TypeVar

from sqlalchemy import BigInteger, Integer, MetaData, String, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
CHANGED = "changed"
NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""The type of numbers by which records are called; SQLite counts up plain integers only."""

BITS = 63


class Record(DeclarativeBase):
    """Every table of the record stages. Times are microseconds since 1970 UTC."""

    metadata = MetaData(naming_convention=NAMING)


class Revision(Record):
    """The number of a table's last change."""

    __tablename__ = "revision"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


R = TypeVar("R", bound=Record)


def find_record(session: Session, table: type[R], number: int) -> R | None:
    """The record with a number; None where there is none, also for a number that no database takes."""
    return session.get(table, number) if 0 < number < 1 << BITS else None


def begin_change(session: Session, table: type[Record]) -> int:
    """The number of a change of this table; the first thing that a transaction does which changes it.

    Until that transaction ends, nobody else can begin one. So numbers become visible in their order, and what is read
    afterwards is what will be changed.
    """
    mine = Revision.name == table.__tablename__
    session.execute(
        update(Revision).where(mine).values(number=Revision.number + 1).execution_options(synchronize_session=False)
    )
    session.info[CHANGED] = True
    return last_change(session, table)


def last_change(session: Session, table: type[Record]) -> int:
    """The number of a table's last change."""
    return session.scalars(select(Revision.number).where(Revision.name == table.__tablename__)).one()


def was_changed(session: Session) -> bool:
    """Whether a change was begun in this session."""
    return CHANGED in session.info
