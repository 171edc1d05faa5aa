"""The work on cases: their evidence, their second looks, and how the next one is found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Lets a queue's index pass over what is held or asleep without looking at the cases themselves; makes two tables."""
    op.drop_index("ix_case_file_waiting", "case_file")
    op.create_index("ix_case_file_waiting", "case_file", ["queue", "state", "rank", "number", "free_at"], unique=False)
    _make_case_evidence()
    _make_case_review()


def _make_case_evidence() -> None:
    op.create_table(
        "case_evidence",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("label_en", sa.String(length=300), nullable=False),
        sa.Column("label_zh", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_evidence_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_evidence"),
        sa.UniqueConstraint("case_number", "sha256", name="uq_case_evidence_case_number"),
    )
    op.create_index("ix_case_evidence_sha256", "case_evidence", ["sha256"], unique=False)


def _make_case_review() -> None:
    op.create_table(
        "case_review",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("first_by", sa.String(length=160), nullable=False),
        sa.Column("second_by", sa.String(length=160), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case_file.number"], name="fk_case_review_case_number"),
        sa.PrimaryKeyConstraint("number", name="pk_case_review"),
    )
    op.create_index("ix_case_review_case_number", "case_review", ["case_number"], unique=False)
    op.create_index("ix_case_review_queue_at", "case_review", ["queue", "at"], unique=False)
