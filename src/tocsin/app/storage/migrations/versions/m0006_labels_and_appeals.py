"""Labels and appeals."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the tables of labels and appeals."""
    _make_label()
    _make_appeal()


def _make_label() -> None:
    op.create_table(
        "label",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.String(length=256), nullable=False),
        sa.Column("entity", sa.String(length=512), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=128), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_label"),
    )
    op.create_index("ix_label_entity", "label", ["entity", "learned_at"], unique=False)
    op.create_index("ix_label_event", "label", ["event", "learned_at"], unique=False)
    op.create_index("ix_label_rule", "label", ["rule", "learned_at"], unique=False)


def _make_appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measure", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("materials", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=160), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("redress", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["measure"], ["measure.number"], name="fk_appeal_measure"),
        sa.PrimaryKeyConstraint("number", name="pk_appeal"),
    )
    op.create_index("ix_appeal_measure", "appeal", ["measure"], unique=False)
    op.create_index("ix_appeal_state_due_at", "appeal", ["state", "due_at"], unique=False)
