"""Tasks: call-backs, messages, appointments, anomalies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("desk", sa.String(255), nullable=False),
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=False),
        sa.Column("once", sa.String(255), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("once", name="uq_tasks_once"),
    )
    op.create_index("ix_tasks_state_deadline", "tasks", ["state", "deadline"])
    for column in ("authority", "desk", "visit"):
        op.create_index(f"ix_tasks_{column}", "tasks", [column])
