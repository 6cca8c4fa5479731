"""Accounts may work in several halls."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nothing said means the one hall that the account has."""
    op.add_column("accounts", sa.Column("halls", sa.JSON(), nullable=False, server_default="[]"))
