"""The table of warnings that were given."""

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class WarningRecord(Record):
    """One warning to one person, and what became of it. Times are microseconds since 1970 UTC.

    `identity` is what makes two of them the same one: the event and the template, or what the caller says. `subject` is who
    is warned; it is empty where only the platform knows that of the event.
    """

    __tablename__ = "warning"
    __table_args__ = (
        Index("ix_warning_template", "template"),
        Index("ix_warning_subject", "subject"),
        Index("ix_warning_event", "event"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    template: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(512))
    event: Mapped[str] = mapped_column(String(256))
    rule: Mapped[str] = mapped_column(String(128))
    grade: Mapped[str] = mapped_column(String(8))
    lang: Mapped[str] = mapped_column(String(8))
    heading: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    given_at: Mapped[int] = mapped_column(BigInteger)
    delivered_at: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[int | None] = mapped_column(BigInteger)
    heeded_at: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told
