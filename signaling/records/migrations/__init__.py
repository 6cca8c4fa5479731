"""The steps from an empty database to the tables of today, taken at each start.

Several processes may start at once: the first takes a lock and does the work, the others wait and find it done.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from signaling.records.database import Database

_LOCK = 0x5256_5731  # any number that nobody else uses as an advisory lock in this database


async def upgrade(database: Database) -> None:
    """Bring the tables up to date, all or not at all. Raises `Unavailable`."""
    async with database.writing() as connection:
        if database.locks_rows:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)


def configuration(connection: Connection) -> Config:
    """Return what Alembic needs to know, to work on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(configuration(connection), "head")
