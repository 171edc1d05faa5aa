"""The work on cases."""

from alembic import op

revision = "0010"
down_revision = "0007"


def upgrade() -> None:
    """Lets a queue's index pass over what is held or asleep without looking at the cases themselves."""
    op.drop_index("ix_case_file_waiting", "case_file")
    op.create_index("ix_case_file_waiting", "case_file", ["queue", "state", "rank", "number", "free_at"], unique=False)
