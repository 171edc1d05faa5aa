"""The tables of cases."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tocsin.records.table import NUMBER, Record


class Case(Record):
    """The unit of human work. Times are microseconds since 1970 UTC.

    `rank` orders a queue: the due time, brought forward by the harm that is expected; the least comes first. `matter` is
    what makes two cases one: subject and typology, while the case is open.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_waiting", "queue", "state", "rank", "number", "free_at"),
        Index("ix_case_file_holder", "holder"),
        Index("ix_case_file_subject", "subject"),
        Index("ix_case_file_verify_at", "verify_at"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    matter: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(512))
    typology: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    skill: Mapped[str] = mapped_column(String(32))
    lang: Mapped[str] = mapped_column(String(8))
    harm: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[int] = mapped_column(BigInteger)
    opened_by: Mapped[str] = mapped_column(String(160))
    holder: Mapped[str | None] = mapped_column(String(160))
    held_until: Mapped[int | None] = mapped_column(BigInteger)
    free_at: Mapped[int] = mapped_column(BigInteger)
    four_eyes: Mapped[bool] = mapped_column(Boolean)
    decided_by: Mapped[str | None] = mapped_column(String(160))
    second_by: Mapped[str | None] = mapped_column(String(160))
    verify_at: Mapped[int | None] = mapped_column(BigInteger)
    verified_at: Mapped[int | None] = mapped_column(BigInteger)
    verification: Mapped[str] = mapped_column(Text)
    lesson: Mapped[str] = mapped_column(Text)
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    split_from: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    closed_by: Mapped[str | None] = mapped_column(String(160))
    reopened: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name; two who change it at once: one is told


class CaseSubject(Record):
    """Someone or something that a case is about, and what was decided of it."""

    __tablename__ = "case_subject"
    __table_args__ = (UniqueConstraint("case_number", "subject"), Index("ix_case_subject_subject", "subject"))

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    subject: Mapped[str] = mapped_column(String(512))
    role: Mapped[str] = mapped_column(String(32))
    finding: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(160))
    decided_at: Mapped[int | None] = mapped_column(BigInteger)


class CaseSource(Record):
    """What a case came from: a decision, a report, a list, a person. The same source joins once."""

    __tablename__ = "case_source"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(300))
    at: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text)


class CaseNote(Record):
    """What happened to a case, in order: comments, skips, findings, everything that its timeline shows."""

    __tablename__ = "case_note"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)


class CaseTask(Record):
    """Something to be done for a case."""

    __tablename__ = "case_task"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    assignee: Mapped[str] = mapped_column(String(160))
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    done_at: Mapped[int | None] = mapped_column(BigInteger)
    done_by: Mapped[str | None] = mapped_column(String(160))


class CaseAnswer(Record):
    """An answer that is owed to somebody: who reported, who asked, who is affected."""

    __tablename__ = "case_answer"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    to: Mapped[str] = mapped_column(String(160))
    about: Mapped[str] = mapped_column(String(300))
    owed_at: Mapped[int] = mapped_column(BigInteger)
    given_at: Mapped[int | None] = mapped_column(BigInteger)
    given_by: Mapped[str | None] = mapped_column(String(160))
    notice: Mapped[str] = mapped_column(String(64))


class CaseExemption(Record):
    """Why a case may close although something is open, and who answers for that."""

    __tablename__ = "case_exemption"
    __table_args__ = (UniqueConstraint("case_number", "about"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    about: Mapped[str] = mapped_column(String(100))
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(160))
    at: Mapped[int] = mapped_column(BigInteger)


class CaseLink(Record):
    """Two cases that belong together."""

    __tablename__ = "case_link"
    __table_args__ = (UniqueConstraint("case_number", "other"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    other: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    why: Mapped[str] = mapped_column(String(300))


class CaseEvidence(Record):
    """A file that belongs to a case: what it is, where and when it was seen, by whom and how it came in."""

    __tablename__ = "case_evidence"
    __table_args__ = (UniqueConstraint("case_number", "sha256"), Index("ix_case_evidence_sha256", "sha256"))

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(300))
    label_zh: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[int] = mapped_column(BigInteger)
    taken_by: Mapped[str] = mapped_column(String(160))


class CaseReview(Record):
    """A second look at a case: whether the second person found what the first did; `sampled` where chance had chosen it."""

    __tablename__ = "case_review"
    __table_args__ = (Index("ix_case_review_queue_at", "queue", "at"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("case_file.number"), index=True)
    queue: Mapped[str] = mapped_column(String(64))
    sampled: Mapped[bool] = mapped_column(Boolean)
    first_by: Mapped[str] = mapped_column(String(160))
    second_by: Mapped[str] = mapped_column(String(160))
    agrees: Mapped[bool] = mapped_column(Boolean)
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)
