"""Clocks, notices, statements and warnings; messages say whether what follows from them was done."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes the tables, and takes what was told before as done: what is past stays past."""
    op.add_column("message", sa.Column("settled_at", sa.BigInteger(), nullable=True))
    op.execute("update message set settled_at = at")
    op.create_index("ix_message_settled_at", "message", ["settled_at", "number"], unique=False)
    _make_clock()
    _make_notice()
    _make_statement()
    _make_warning()


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


def _make_notice() -> None:
    for name, kind in (("lang", sa.String(length=8)), ("untold", sa.Text()), ("content_on", sa.String(length=16))):
        op.add_column("measure", sa.Column(name, kind, nullable=True))
    op.create_table(
        "notice",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("measure", sa.BigInteger(), nullable=False),
        sa.Column("appeal", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("template", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("owed_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["measure"], ["measure.number"], name="fk_notice_measure"),
        sa.PrimaryKeyConstraint("number", name="pk_notice"),
        sa.UniqueConstraint("identity", name="uq_notice_identity"),
        sa.UniqueConstraint("code_digest", name="uq_notice_code_digest"),
    )
    op.create_index("ix_notice_state", "notice", ["state", "next_at"], unique=False)
    op.create_index("ix_notice_measure", "notice", ["measure"], unique=False)


def _make_statement() -> None:
    op.create_table(
        "statement",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measure", sa.BigInteger(), nullable=False),
        sa.Column("puid", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("exported_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["measure"], ["measure.number"], name="fk_statement_measure"),
        sa.PrimaryKeyConstraint("number", name="pk_statement"),
        sa.UniqueConstraint("measure", name="uq_statement_measure"),
        sa.UniqueConstraint("puid", name="uq_statement_puid"),
    )
    op.create_index("ix_statement_state", "statement", ["state", "number"], unique=False)


def _make_warning() -> None:
    op.create_table(
        "warning",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("event", sa.String(length=256), nullable=False),
        sa.Column("rule", sa.String(length=128), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("heeded_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_warning"),
        sa.UniqueConstraint("identity", name="uq_warning_identity"),
    )
    op.create_index("ix_warning_template", "warning", ["template"], unique=False)
    op.create_index("ix_warning_subject", "warning", ["subject"], unique=False)
    op.create_index("ix_warning_event", "warning", ["event"], unique=False)
