"""Sealed fields, legal holds, and evidence that nothing needs any more."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Makes the tables of what is sealed, of holds, and of evidence that is let go."""
    _make_sealed_field()
    _make_legal_hold()
    op.create_table(
        "evidence_release",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence_release"),
    )


def _make_sealed_field() -> None:
    op.create_table(
        "sealed_field",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_sealed_field"),
        sa.UniqueConstraint("record", "of", "field", name="uq_sealed_field_record"),
    )
    op.create_index("ix_sealed_field_blind", "sealed_field", ["blind"], unique=False)
    op.create_index("ix_sealed_field_key", "sealed_field", ["key", "number"], unique=False)


def _make_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target", sa.String(length=512), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_why", sa.Text(), nullable=False),
        sa.Column("lifted_by", sa.String(length=160), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_legal_hold"),
    )
    op.create_index("ix_legal_hold_target", "legal_hold", ["target", "lifted_at"], unique=False)
