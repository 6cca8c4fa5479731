"""好差评: one rating a visit."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ratings",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("desk", sa.String(255), nullable=False),
        sa.Column("officer", sa.String(255), nullable=False),
        sa.Column("matter", sa.String(255), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("visit", name="pk_ratings"),
    )
    op.create_index("ix_ratings_at", "ratings", ["at"])
