"""The table of statements of reasons."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class StatementRecord(Record):
    """The statement of reasons of one measure. Times are microseconds since 1970 UTC.

    It is `ready`, `exported` once the database has answered, or `refused` with its `faults` as JSON. `body` is the JSON that
    is sent; `receipt` what the database answered.
    """

    __tablename__ = "statement"
    __table_args__ = (Index("ix_statement_state", "state", "number"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    measure: Mapped[int] = mapped_column(BigInteger, ForeignKey("measure.number"), unique=True)
    puid: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    faults: Mapped[str] = mapped_column(Text)
    made_at: Mapped[int] = mapped_column(BigInteger)
    exported_at: Mapped[int | None] = mapped_column(BigInteger)
    receipt: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told
