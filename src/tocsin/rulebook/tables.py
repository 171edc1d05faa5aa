"""The tables of this stage."""

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class ListEntry(Record):
    """One value that was put on a list, and when it goes. Entries are never removed: they end.

    `revision` is the number of the change that put it there, or of the one that ended it.
    """

    __tablename__ = "list_entry"
    __table_args__ = (
        Index("ix_list_entry_list_value", "list", "value"),
        Index("ix_list_entry_revision", "revision"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    list: Mapped[str] = mapped_column(String(128))
    value: Mapped[str] = mapped_column(String(512))
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(1000))
    added_by: Mapped[str] = mapped_column(String(128))
    added_at: Mapped[int] = mapped_column(BigInteger)
    ended_by: Mapped[str | None] = mapped_column(String(128))
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)


class Label(Record):
    """What is known of an event or an entity, since when and from whom. Never changed: a later one stands over it."""

    __tablename__ = "label"
    __table_args__ = (
        Index("ix_label_entity", "entity", "learned_at"),
        Index("ix_label_event", "event", "learned_at"),
        Index("ix_label_rule", "rule", "learned_at"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    event: Mapped[str] = mapped_column(String(256))
    entity: Mapped[str] = mapped_column(String(512))
    label: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(128))
    confidence: Mapped[int] = mapped_column(Integer)
    learned_at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(160))
