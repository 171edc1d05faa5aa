"""Measures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the tables of measures."""
    _make_measure_batch()
    _make_measure()
    _make_instruction()


def _make_measure_batch() -> None:
    op.create_table(
        "measure_batch",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("undo_until", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_measure_batch"),
    )


def _make_measure() -> None:
    op.create_table(
        "measure",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("typology", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(length=128), nullable=False),
        sa.Column("event", sa.String(length=256), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=True),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("proposed_by", sa.String(length=160), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("endorsed_by", sa.String(length=160), nullable=True),
        sa.Column("ordered_by", sa.String(length=160), nullable=True),
        sa.Column("ordered_at", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("span_us", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=False),
        sa.Column("lifted_by", sa.String(length=160), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["measure_batch.number"], name="fk_measure_batch"),
        sa.ForeignKeyConstraint(["parent"], ["measure.number"], name="fk_measure_parent"),
        sa.PrimaryKeyConstraint("number", name="pk_measure"),
        sa.UniqueConstraint("identity", name="uq_measure_identity"),
    )
    op.create_index("ix_measure_case_number", "measure", ["case_number"], unique=False)
    op.create_index("ix_measure_parent", "measure", ["parent"], unique=False)
    op.create_index("ix_measure_rule_ordered_at", "measure", ["rule", "ordered_at"], unique=False)
    op.create_index("ix_measure_state_ends_at", "measure", ["state", "ends_at"], unique=False)
    op.create_index("ix_measure_subject", "measure", ["subject", "number"], unique=False)


def _make_instruction() -> None:
    op.create_table(
        "instruction",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message", sa.String(length=40), nullable=False),
        sa.Column("measure", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["measure"], ["measure.number"], name="fk_instruction_measure"),
        sa.PrimaryKeyConstraint("number", name="pk_instruction"),
        sa.UniqueConstraint("message", name="uq_instruction_message"),
    )
    op.create_index("ix_instruction_done_at", "instruction", ["done_at", "number"], unique=False)
    op.create_index("ix_instruction_subject", "instruction", ["subject", "number"], unique=False)
