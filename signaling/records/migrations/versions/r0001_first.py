"""The first tables: authorities, halls, kiosks, accounts, enrolment codes, records, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _tenancy()
    _people()
    _records()


def _tenancy() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_en", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_authorities"),
    )
    op.create_table(
        "halls",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_en", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authorities.id"], name="fk_halls_authority"),
        sa.PrimaryKeyConstraint("id", name="pk_halls"),
    )
    op.create_table(
        "kiosks",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("hall", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["halls.id"], name="fk_kiosks_hall"),
        sa.PrimaryKeyConstraint("id", name="pk_kiosks"),
    )


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("role", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("hall", sa.String(255), nullable=True),
        sa.Column("desks", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(512), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authorities.id"], name="fk_accounts_authority"),
        sa.ForeignKeyConstraint(["hall"], ["halls.id"], name="fk_accounts_hall"),
        sa.PrimaryKeyConstraint("user", name="pk_accounts"),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("kiosk", sa.String(255), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosks.id"], name="fk_enrolment_codes_kiosk"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_enrolment_codes"),
    )
    op.create_index("ix_enrolment_codes_kiosk", "enrolment_codes", ["kiosk"])


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("authority", sa.String(255), nullable=False),
        sa.Column("matter", sa.String(255), nullable=False),
        sa.Column("region", sa.String(255), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("dossier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit", name="pk_records"),
    )
    op.create_index("ix_records_authority", "records", ["authority"])
    op.create_index("ix_records_closed_at", "records", ["closed_at"])
    op.create_table(
        "outbox",
        sa.Column("visit", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.Double(), nullable=False),
        sa.Column("lease", sa.String(32), nullable=False),
        sa.Column("last_error", sa.String(255), nullable=False),
        sa.Column("receipt", sa.String(255), nullable=False),
        sa.Column("delivered_at", sa.Double(), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["visit"], ["records.visit"], name="fk_outbox_visit"),
        sa.PrimaryKeyConstraint("visit", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state_next_attempt_at", "outbox", ["state", "next_attempt_at"])
