"""The table of appeals."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class Appeal(Record):
    """One objection to one measure. Times are microseconds since 1970 UTC."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_measure", "measure"), Index("ix_appeal_state_due_at", "state", "due_at"))

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    measure: Mapped[int] = mapped_column(BigInteger, ForeignKey("measure.number"))
    state: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(160))
    channel: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    materials: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[str | None] = mapped_column(String(160))
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(Text)
    redress: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told
