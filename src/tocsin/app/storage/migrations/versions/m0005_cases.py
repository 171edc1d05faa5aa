"""Cases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables of cases."""
    _make_case_file()
    _make_case_answer()
    _make_case_exemption()
    _make_case_link()
    _make_case_note()
    _make_case_source()
    _make_case_subject()
    _make_case_task()


def _make_case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("matter", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("typology", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("skill", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("harm", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=160), nullable=False),
        sa.Column("holder", sa.String(length=160), nullable=True),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(length=160), nullable=True),
        sa.Column("second_by", sa.String(length=160), nullable=True),
        sa.Column("verify_at", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("split_from", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.String(length=160), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["case_file.number"], name="fk_case_file_merged_into"),
        sa.ForeignKeyConstraint(["split_from"], ["case_file.number"], name="fk_case_file_split_from"),
        sa.PrimaryKeyConstraint("number", name="pk_case_file"),
        sa.UniqueConstraint("matter", name="uq_case_file_matter"),
    )
    op.create_index("ix_case_file_holder", "case_file", ["holder"], unique=False)
    op.create_index("ix_case_file_subject", "case_file", ["subject"], unique=False)
    op.create_index("ix_case_file_verify_at", "case_file", ["verify_at"], unique=False)
    op.create_index("ix_case_file_waiting", "case_file", ["queue", "state", "rank", "number"], unique=False)


def _make_case_answer() -> None:
    op.create_table(
        "case_answer",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("to", sa.String(length=160), nullable=False),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("owed_at", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=True),
        sa.Column("given_by", sa.String(length=160), nullable=True),
        sa.Column("notice", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_answer_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_answer"),
    )
    op.create_index("ix_case_answer_case_number", "case_answer", ["case_number"], unique=False)


def _make_case_exemption() -> None:
    op.create_table(
        "case_exemption",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_exemption_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_exemption"),
        sa.UniqueConstraint("case_number", "about", name="uq_case_exemption_case_number"),
    )


def _make_case_link() -> None:
    op.create_table(
        "case_link",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_link_case_number"),
        sa.ForeignKeyConstraint(["other"], ["case_file.number"], name="fk_case_link_other"),
        sa.PrimaryKeyConstraint("number", name="pk_case_link"),
        sa.UniqueConstraint("case_number", "other", name="uq_case_link_case_number"),
    )
    op.create_index("ix_case_link_other", "case_link", ["other"], unique=False)


def _make_case_note() -> None:
    op.create_table(
        "case_note",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_note_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_note"),
    )
    op.create_index("ix_case_note_case_number", "case_note", ["case_number"], unique=False)


def _make_case_source() -> None:
    op.create_table(
        "case_source",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=300), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_source_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_source"),
        sa.UniqueConstraint("kind", "reference", name="uq_case_source_kind"),
    )
    op.create_index("ix_case_source_case_number", "case_source", ["case_number"], unique=False)


def _make_case_subject() -> None:
    op.create_table(
        "case_subject",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("finding", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=160), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_subject_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_subject"),
        sa.UniqueConstraint("case_number", "subject", name="uq_case_subject_case_number"),
    )
    op.create_index("ix_case_subject_subject", "case_subject", ["subject"], unique=False)


def _make_case_task() -> None:
    op.create_table(
        "case_task",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("assignee", sa.String(length=160), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_task_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_task"),
    )
    op.create_index("ix_case_task_case_number", "case_task", ["case_number"], unique=False)
