"""The table of what is sealed."""

from sqlalchemy import BigInteger, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class SealedField(Record):
    """One field of one record, sealed. In the record itself stands its mask, so that whoever shows a record shows the mask.

    `record` is the table's name and `of` the record's number; `kind` is a kind of personal data, `key` the id of the sealing
    key. `blind` is the blind index by which equal values are found; None where nobody looks for such values.
    """

    __tablename__ = "sealed_field"
    __table_args__ = (
        UniqueConstraint("record", "of", "field"),
        Index("ix_sealed_field_blind", "blind"),
        Index("ix_sealed_field_key", "key", "number"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    record: Mapped[str] = mapped_column(String(32))
    of: Mapped[int] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind: Mapped[bytes | None] = mapped_column(LargeBinary(32))
