"""The steps from an empty database to the tables of today, taken at each start.

Several processes may start at once: the first takes a lock and does the work, the others wait and find it done. A
database that is up to date costs one look: Alembic, most of a second to load, is only loaded when there is work.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from signaling.records.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0011"
"""The last step. A test compares it with the files."""

_LOCK: Final = 0x5256_5731  # any number that nobody else uses as an advisory lock in this database


async def upgrade(database: Database) -> None:
    """Bring the tables up to date, all or not at all. Raises `Unavailable`."""
    async with database.reading() as connection:
        if await connection.run_sync(_is_up_to_date):
            return
    async with database.writing() as connection:
        if database.locks_rows:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)


def configuration(connection: Connection) -> "Config":
    """Return what Alembic needs to know, to work on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _is_up_to_date(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return bool(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(configuration(connection), "head")
