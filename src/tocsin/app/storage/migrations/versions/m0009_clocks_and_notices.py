"""Clocks, notices, statements and warnings; messages say whether what follows from them was done."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    """Makes the tables, and takes what was told before as done: what is past stays past."""
    op.add_column("message", sa.Column("settled_at", sa.BigInteger(), nullable=True))
    op.execute("update message set settled_at = at")
    op.create_index("ix_message_settled_at", "message", ["settled_at", "number"], unique=False)
    _make_clock()


def _make_clock() -> None:
    op.create_table(
        "clock",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("record", sa.String(length=100), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("met_by", sa.String(length=300), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_clock"),
        sa.UniqueConstraint("id", name="uq_clock_id"),
    )
    op.create_index("ix_clock_standing", "clock", ["standing", "due_at", "number"], unique=False)
    for column in ("next_at", "record", "about", "case_number"):
        op.create_index(f"ix_clock_{column}", "clock", [column], unique=False)
    op.create_table(
        "clock_level",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clock"], ["clock.number"], name="fk_clock_level_clock"),
        sa.PrimaryKeyConstraint("number", name="pk_clock_level"),
        sa.UniqueConstraint("clock", "level", name="uq_clock_level_clock"),
    )
