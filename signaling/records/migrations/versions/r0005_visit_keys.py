"""The keys of visits, wrapped."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "visit_keys",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("wrapped_by", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("destroyed_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("visit", name="pk_visit_keys"),
    )
    op.create_index("ix_visit_keys_wrapped_by", "visit_keys", ["wrapped_by"])
