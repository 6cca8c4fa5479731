"""Dossiers in versions, sealed, and parcels that go one after another: both tables anew.

The old tables stay, for processes of before that still run: what these write goes over at once, in their own transaction,
by triggers. `migrations.tidy` drops them later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_RECORD = """
INSERT INTO dossiers (visit, number, authority, matter, region, closed_at, sha256, dossier, evidence, manifest, seed)
VALUES (NEW.visit, 1, NEW.authority, NEW.matter, NEW.region, NEW.closed_at, NEW.sha256, NEW.dossier, {0}, {0}, {0})
ON CONFLICT DO NOTHING;
"""
_ROW = """
INSERT INTO parcels (visit, number, adapter, state, since, attempts, next_attempt_at, lease, last_error, receipt)
VALUES (NEW.visit, 1, 'http', NEW.state, NEW.next_attempt_at, 0, NEW.next_attempt_at, '', '', NEW.receipt)
ON CONFLICT DO NOTHING;
"""
_TOLD = """
UPDATE parcels SET state = NEW.state, receipt = NEW.receipt, delivered_at = NEW.delivered_at,
    acknowledged_at = NEW.acknowledged_at
WHERE visit = NEW.visit AND number = 1 AND state IN ('waiting', 'delivered') AND NEW.state IN ('delivered', 'acknowledged');
"""
"""What a process of before has delivered is not delivered again. What it has not is tried by both: a visit's id is the key
by which case systems know a repetition."""

EMPTY_SQLITE, EMPTY_POSTGRES = "x''", "''"

FOLLOWING = (
    ("records_follow", "AFTER INSERT ON records", _RECORD),
    ("outbox_follow", "AFTER INSERT ON outbox", _ROW),
    ("outbox_told", "AFTER UPDATE ON outbox", _TOLD),
)


def upgrade() -> None:
    """Make the tables, copy what is there into them, and let what is still written to the old ones follow."""
    _dossiers()
    _parcels()
    _copy()
    for name, when, what in FOLLOWING:
        _follow(name, when, what)


def _follow(name: str, when: str, what: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {what.format(EMPTY_SQLITE)} END")
        return
    body = f"BEGIN {what.format(EMPTY_POSTGRES)} RETURN NULL; END"
    op.execute(f"CREATE FUNCTION rvw_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION rvw_{name}()")


def _copy() -> None:
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
