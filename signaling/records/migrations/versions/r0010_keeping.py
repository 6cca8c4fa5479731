"""What must stay, what has been deleted, and what records are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and columns that are filled at the next start."""
    op.create_table(
        "holds",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("why", sa.String(1000), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("lifted_at", sa.Double(), nullable=True),
        sa.Column("lifted_by", sa.String(255), nullable=False),
        sa.Column("lifted_why", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_index("ix_holds_visit", "holds", ["visit"])
    op.create_table(
        "deletions",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("done_at", sa.Double(), nullable=True),
        sa.Column("leased_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("visit", "kind", name="pk_deletions"),
    )
    op.create_index("ix_deletions_done_at", "deletions", ["done_at"])
    op.add_column("dossiers", sa.Column("ticket", sa.String(255), nullable=True))
    op.add_column("dossiers", sa.Column("officer", sa.String(255), nullable=False, server_default=""))
    op.add_column("dossiers", sa.Column("outcome", sa.String(255), nullable=False, server_default=""))
    op.create_index("ix_dossiers_officer", "dossiers", ["officer"])
