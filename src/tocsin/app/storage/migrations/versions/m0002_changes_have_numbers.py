"""Changes have numbers, and PostgreSQL tells of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WATCHED = ("api_key", "list_entry")


def upgrade() -> None:
    """Numbers the changes of each table; an entry bears the number of its last change."""
    table = op.create_table(
        "revision",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_revision"),
    )
    op.bulk_insert(table, [{"name": name, "number": 0} for name in WATCHED])
    op.add_column("list_entry", sa.Column("revision", sa.BigInteger()))
    op.execute("update list_entry set revision = 0")
    with op.batch_alter_table("list_entry") as batch:
        batch.alter_column("revision", existing_type=sa.BigInteger(), nullable=False)
    op.create_index("ix_list_entry_revision", "list_entry", ["revision"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function tocsin_tell() returns trigger language plpgsql as "
            "$$ begin perform pg_notify('tocsin_records', tg_table_name); return null; end $$"
        )
        for name in WATCHED:
            op.execute(
                f"create trigger tell after insert or update or delete or truncate on {name} "
                "for each statement execute function tocsin_tell()"
            )
