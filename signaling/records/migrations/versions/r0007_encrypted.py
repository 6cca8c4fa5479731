"""Dossiers and tasks say whether they are encrypted: those from before are not, until the next start."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for table in ("dossiers", "tasks"):
        op.add_column(table, sa.Column("encrypted", sa.Boolean(), nullable=False, server_default=sa.false()))
