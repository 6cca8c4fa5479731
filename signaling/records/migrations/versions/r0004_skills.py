"""Accounts say what an officer can do, and how well."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nothing said means everything."""
    op.add_column("accounts", sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
