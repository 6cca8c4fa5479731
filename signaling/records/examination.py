"""How the database would come through a power cut, told without changing anything in it."""

from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection, inspect, make_url, text

from rvw.errors import Unavailable
from signaling.records.database import Database
from signaling.records.migrations import HEAD

_POSTGRES = ("fsync", "full_page_writes", "synchronous_commit")


class Examination(Struct, frozen=True):
    """What was found."""

    server: str
    """`sqlite` or `postgresql`."""
    tables: str
    """The step that the tables are at; empty when there are none."""
    wanted: str
    """The step that this version works with."""
    careless: tuple[str, ...]
    """Settings that lose or break what was acknowledged, as `name=value`."""
    damage: str
    """What a look through the file says; empty when it is whole. Not asked of PostgreSQL."""


async def examine(url: str) -> Examination:
    """Look at the database at `url`. Raises `InvalidSettings` for a strange address, `Unavailable` without an answer."""
    database = Database(url)
    try:
        _there(url)
        async with database.reading() as connection:
            return await connection.run_sync(_examine)
    finally:
        await database.close()


def _there(url: str) -> None:
    """SQLite would make a file that is not there."""
    told = make_url(url)
    if told.drivername.startswith("sqlite") and not Path(told.database or "").is_file():
        raise Unavailable(f"there is no database at {told.database}")


def _examine(connection: Connection) -> Examination:
    known = inspect(connection).has_table("alembic_version")
    tables = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar()) if known else ""
    name = connection.dialect.name
    if name == "postgresql":
        found = {setting: str(connection.execute(text(f"SHOW {setting}")).scalar()) for setting in _POSTGRES}
        return Examination(name, tables, HEAD, tuple(f"{one}={is_}" for one, is_ in found.items() if is_ == "off"), "")
    mode = str(connection.execute(text("PRAGMA journal_mode")).scalar())
    # On network file systems SQLite falls back to another mode, and its locks cannot be trusted.
    careless = () if mode == "wal" else (f"journal_mode={mode}",)
    damage = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    return Examination(name, tables, HEAD, careless, "" if damage == "ok" else damage)
