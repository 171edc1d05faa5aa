"""The table of notices."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class NoticeRecord(Record):
    """What one person is told of one measure, lift or appeal. Times are microseconds since 1970 UTC.

    It is `owed` from the act on, `issued` once it is written, `delivered` and `seen` when the platform says so. It may be
    `withheld` by a person with a reason, or `void` where nothing was ever done. `next_at` is when it is to be written, or
    tried again; `failure` says why it could not be. `code` is what the person gives to object.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state", "state", "next_at"), Index("ix_notice_measure", "measure"))

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    event: Mapped[str] = mapped_column(String(16))
    measure: Mapped[int] = mapped_column(BigInteger, ForeignKey("measure.number"))
    appeal: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(512))
    state: Mapped[str] = mapped_column(String(16))
    lang: Mapped[str] = mapped_column(String(8))
    template: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(20))
    code_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    failure: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    owed_at: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[int | None] = mapped_column(BigInteger)
    issued_at: Mapped[int | None] = mapped_column(BigInteger)
    delivered_at: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told
