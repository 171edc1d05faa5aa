"""The tables of legal holds and of evidence that is let go."""

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class LegalHold(Record):
    """A legal hold: nothing about its target is deleted until it is lifted. A target is a subject or `case:N`."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_target", "target", "lifted_at"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    target: Mapped[str] = mapped_column(String(512))
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(160))
    at: Mapped[int] = mapped_column(BigInteger)
    lifted_why: Mapped[str] = mapped_column(Text)
    lifted_by: Mapped[str | None] = mapped_column(String(160))
    lifted_at: Mapped[int | None] = mapped_column(BigInteger)


class EvidenceRelease(Record):
    """Evidence of a record that was deleted. Its file goes once nothing else names it."""

    __tablename__ = "evidence_release"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    record: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[int] = mapped_column(BigInteger)
