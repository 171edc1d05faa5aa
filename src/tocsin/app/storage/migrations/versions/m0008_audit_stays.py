"""What was written into the audit log stays, and each day's end of its chain is kept with its signature."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEPT = ("audit_entry", "audit_link", "audit_anchor")


def upgrade() -> None:
    """Makes the table of anchors; lets nobody change or remove what the log holds."""
    op.create_table(
        "audit_anchor",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_audit_anchor"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_server()
    else:
        _guard_file()


def _guard_server() -> None:
    op.execute(
        "create function tocsin_only_added_to() returns trigger language plpgsql as "
        "$$ begin raise exception 'the audit log is only ever added to'; end $$"
    )
    for name in KEPT:
        op.execute(
            f"create trigger only_added_to before update or delete or truncate on {name} "
            "for each statement execute function tocsin_only_added_to()"
        )
        op.execute(f"revoke update, delete, truncate on {name} from current_user")
        op.execute(f"revoke update, delete, truncate on {name} from public")


def _guard_file() -> None:
    for name in KEPT:
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {name}_no_{act} before {act} on {name} "
                "begin select raise(abort, 'the audit log is only ever added to'); end"
            )
