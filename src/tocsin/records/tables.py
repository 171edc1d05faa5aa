"""The tables that every record stage shares."""

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class AuditEntry(Record):
    """Who did what to which record, before and after, and why. Only ever added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_record", "record"), Index("ix_audit_entry_at", "at"))

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(160))
    act: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(String(600))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)


class AuditLink(Record):
    """The place of an audit entry in the chain."""

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditAnchor(Record):
    """The end of the chain on one UTC day, as a signed line. Only ever added."""

    __tablename__ = "audit_anchor"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    line: Mapped[str] = mapped_column(Text)


class Message(Record):
    """Something that happened in Tocsin and that others are told. Written in the transaction of what happened.

    `settled_at` is when what follows from it inside the house was done, such as clocks that run from it.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_subject", "subject", "number"),
        Index("ix_message_settled_at", "settled_at", "number"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    type: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(512))
    at: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[int | None] = mapped_column(BigInteger)


class Place(Record):
    """How far something has come that reads in order. Written in the transaction of what it did."""

    __tablename__ = "place"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
