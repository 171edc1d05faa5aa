"""The tables of this stage."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class MeasureBatch(Record):
    """A bulk act: many measures that were planned, taken and can be undone together."""

    __tablename__ = "measure_batch"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    by: Mapped[str] = mapped_column(String(160))
    why: Mapped[str] = mapped_column(Text)
    planned_at: Mapped[int] = mapped_column(BigInteger)
    applied_at: Mapped[int | None] = mapped_column(BigInteger)
    undo_until: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[int | None] = mapped_column(BigInteger)
    plan: Mapped[str] = mapped_column(Text)


class Measure(Record):
    """One measure on one subject. Times are microseconds since 1970 UTC; `ends_at` is None where it lasts until lifted.

    `lang` is the language of the person whom it affects; `untold` says why they may not be told; `content_on` is the day
    from which the platform has hosted it. `identity` is what makes two of them the same one; it is set while the measure
    is open or in force.
    """

    __tablename__ = "measure"
    __table_args__ = (
        Index("ix_measure_subject", "subject", "number"),
        Index("ix_measure_state_ends_at", "state", "ends_at"),
        Index("ix_measure_rule_ordered_at", "rule", "ordered_at"),
        Index("ix_measure_parent", "parent"),
        Index("ix_measure_case_number", "case_number"),
        Index("ix_measure_batch", "batch", "number"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    identity: Mapped[str | None] = mapped_column(String(64), unique=True)
    subject: Mapped[str] = mapped_column(String(512))
    role: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(32))
    scope: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(500))
    reason: Mapped[str] = mapped_column(Text)
    typology: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(Text)
    automatic: Mapped[bool] = mapped_column(Boolean)
    rule: Mapped[str] = mapped_column(String(128))
    event: Mapped[str] = mapped_column(String(256))
    case_number: Mapped[int | None] = mapped_column(BigInteger)
    parent: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("measure.number"))
    batch: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("measure_batch.number"))
    proposed_by: Mapped[str] = mapped_column(String(160))
    proposed_at: Mapped[int] = mapped_column(BigInteger)
    endorsed_by: Mapped[str | None] = mapped_column(String(160))
    ordered_by: Mapped[str | None] = mapped_column(String(160))
    ordered_at: Mapped[int | None] = mapped_column(BigInteger)
    starts_at: Mapped[int | None] = mapped_column(BigInteger)
    span_us: Mapped[int | None] = mapped_column(BigInteger)
    ends_at: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str] = mapped_column(String(500))
    lifted_by: Mapped[str | None] = mapped_column(String(160))
    lifted_at: Mapped[int | None] = mapped_column(BigInteger)
    lift_reason: Mapped[str] = mapped_column(Text)
    lang: Mapped[str | None] = mapped_column(String(8))
    untold: Mapped[str | None] = mapped_column(Text)
    content_on: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told


class Instruction(Record):
    """What the platform is to carry out: a measure, or its lift. It owes an acknowledgement."""

    __tablename__ = "instruction"
    __table_args__ = (
        Index("ix_instruction_subject", "subject", "number"),
        Index("ix_instruction_done_at", "done_at", "number"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    message: Mapped[str] = mapped_column(String(40), unique=True)
    measure: Mapped[int] = mapped_column(BigInteger, ForeignKey("measure.number"))
    verb: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(512))
    given_at: Mapped[int] = mapped_column(BigInteger)
    delivered_at: Mapped[int | None] = mapped_column(BigInteger)
    done_at: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(16))
