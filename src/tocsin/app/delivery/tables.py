"""The tables of deliveries."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class Endpoint(Record):
    """An address that is told. `types` are message types or their first part with `*`; `position` is the last message that
    was looked at for it. `secrets` are sealed.
    """

    __tablename__ = "endpoint"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    url: Mapped[str] = mapped_column(String(2_000))
    types: Mapped[str] = mapped_column(Text)
    secrets: Mapped[bytes] = mapped_column(LargeBinary)
    internal: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[int] = mapped_column(BigInteger)
    stopped_at: Mapped[int | None] = mapped_column(BigInteger)
    stopped_why: Mapped[str] = mapped_column(String(300))


class Delivery(Record):
    """One message to one endpoint. `state` is waiting, done or dead; `next_at` is when it is tried next."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("endpoint", "message"),
        Index("ix_delivery_due", "state", "next_at"),
        Index("ix_delivery_line", "endpoint", "subject", "state", "message"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    endpoint: Mapped[int] = mapped_column(BigInteger, ForeignKey("endpoint.number"))
    message: Mapped[int] = mapped_column(BigInteger, ForeignKey("message.number"))
    subject: Mapped[str] = mapped_column(String(512))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[int] = mapped_column(BigInteger)
    done_at: Mapped[int | None] = mapped_column(BigInteger)


class Attempt(Record):
    """One try to deliver: the delivery log."""

    __tablename__ = "attempt"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    delivery: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery.number"), index=True)
    at: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[int] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(String(300))
    took_ms: Mapped[int] = mapped_column(Integer)
