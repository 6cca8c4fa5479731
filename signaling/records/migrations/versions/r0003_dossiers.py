"""Dossiers in versions, sealed, and parcels that go one after another: both tables anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, move what is there into them, and drop the old ones."""
    _dossiers()
    _parcels()
    op.execute(
        sa.text(
            "INSERT INTO dossiers (visit, number, authority, matter, region, closed_at, sha256, dossier, evidence,"
            " manifest, seed) SELECT visit, 1, authority, matter, region, closed_at, sha256, dossier, :nothing, :nothing,"
            " :nothing FROM records"
        ).bindparams(sa.bindparam("nothing", b"", sa.LargeBinary()))
    )
    op.execute(
        "INSERT INTO parcels (visit, number, adapter, state, since, attempts, next_attempt_at, lease, last_error, receipt,"
        " delivered_at, acknowledged_at) SELECT visit, 1, 'http', state, next_attempt_at, attempts, next_attempt_at, lease,"
        " last_error, receipt, delivered_at, acknowledged_at FROM outbox"
    )
    op.drop_table("outbox")
    op.drop_table("records")


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("matter", sa.String(255), nullable=False),
        sa.Column("region", sa.String(255), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("dossier", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit", "number", name="pk_dossiers"),
    )
    op.create_index("ix_dossiers_authority", "dossiers", ["authority"])
    op.create_index("ix_dossiers_closed_at", "dossiers", ["closed_at"])


def _parcels() -> None:
    op.create_table(
        "parcels",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("adapter", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.Double(), nullable=False),
        sa.Column("lease", sa.String(32), nullable=False),
        sa.Column("last_error", sa.String(255), nullable=False),
        sa.Column("receipt", sa.String(255), nullable=False),
        sa.Column("delivered_at", sa.Double(), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["visit", "number"], ["dossiers.visit", "dossiers.number"], name="fk_parcels_dossier"),
        sa.PrimaryKeyConstraint("visit", "number", name="pk_parcels"),
    )
    op.create_index("ix_parcels_state_next_attempt_at", "parcels", ["state", "next_attempt_at"])
