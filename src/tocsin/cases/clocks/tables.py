"""The tables of clocks."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class ClockRecord(Record):
    """A clock that was started. Times are microseconds since 1970 UTC.

    `body` is the clock itself, as JSON; the other columns are what is asked for. `about` is the record to which it belongs,
    `record` the one whose acts (`met_by`) meet it. `standing` is `runs`, `paused`, `least` (a minimum, for which nobody has
    to do anything) or `over`; whether it was missed follows from `due_at`. `next_at` is when somebody must be told next.
    """

    __tablename__ = "clock"
    __table_args__ = (
        Index("ix_clock_standing", "standing", "due_at", "number"),
        Index("ix_clock_next_at", "next_at"),
        Index("ix_clock_record", "record"),
        Index("ix_clock_about", "about"),
        Index("ix_clock_case_number", "case_number"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(100))
    record: Mapped[str] = mapped_column(String(100))
    case_number: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(512))
    body: Mapped[str] = mapped_column(Text)
    met_by: Mapped[str] = mapped_column(String(300))
    standing: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[int] = mapped_column(BigInteger)
    met_at: Mapped[int | None] = mapped_column(BigInteger)
    next_at: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told


class ClockLevel(Record):
    """A level that a clock has reached, recorded once."""

    __tablename__ = "clock_level"
    __table_args__ = (UniqueConstraint("clock", "level"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    clock: Mapped[int] = mapped_column(BigInteger, ForeignKey("clock.number"))
    level: Mapped[str] = mapped_column(String(32))
    at: Mapped[int] = mapped_column(BigInteger)
