"""Bulk acts find their measures."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Lets a bulk act be undone part after part without a look at every measure."""
    op.create_index("ix_measure_batch", "measure", ["batch", "number"], unique=False)
