"""The steps from an empty database to the tables of today, taken at each start.

Several processes may start at once: the first takes a lock and does the work, the others wait and find it done. A
database that is up to date costs one look: Alembic, most of a second to load, is only loaded when there is work.

Processes are replaced one after another, so each step is one beside which those of before go on working: tables and columns
are added, never dropped, renamed or made narrower (a test reads every statement). One of before may also start again: a
database that is ahead of it is left as it is. What nobody needs any more is dropped by `tidy`, when the last is replaced.
"""

import fcntl
from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Seconds
from signaling.records.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

HEAD: Final = "0012"
"""The last step. A test compares it with the files."""

LEFT_OVER: Final = ("outbox", "records")
"""Tables that only processes of an earlier version use; what depends on others first."""

_FUNCTIONS: Final = ("rvw_outbox_told", "rvw_outbox_follow", "rvw_records_follow")

_LOCK: Final = 0x5256_5731  # any number that nobody else uses as an advisory lock in this database


LOOK_S: Final[Seconds] = 0.05
"""How often who waits looks whether it is the turn."""


async def upgrade(database: Database) -> None:
    """Bring the tables up to date, all or not at all. Raises `Unavailable`."""
    async with database.reading() as connection:
        there = await connection.run_sync(_is_up_to_date)
        if there and any([await connection.run_sync(_has, name) for name in LEFT_OVER]):
            log.warning("tables of an earlier version are still there: when none of its processes runs, `rvw archive tidy`")
    if there:
        return
    async with _in_turn(database.folder()), database.writing() as connection:
        if database.locks_rows:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if await connection.run_sync(_is_up_to_date):  # while we waited
            return
        fresh = not await connection.run_sync(_has, "alembic_version")
        await connection.run_sync(_upgrade)
        if fresh:  # nobody of before has ever been here
            await _drop(connection, functions=database.locks_rows)


@asynccontextmanager
async def _in_turn(folder: Path | None) -> AsyncIterator[None]:
    """Let one process at a time make the tables of a file of SQLite.

    SQLite itself waits for another's write for seconds; on a busy machine, loading Alembic alone may take longer.
    """
    if folder is None:
        yield
        return
    with (folder / "migrating.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await sleep(LOOK_S)
        yield


async def tidy(database: Database) -> tuple[str, ...]:
    """Drop what only an earlier version used, and return the tables that were there. Raises `Unavailable`.

    Processes of that version cannot file afterwards: call it when none runs any more.
    """
    async with database.writing() as connection:
        return await _drop(connection, functions=database.locks_rows)


async def _drop(connection: AsyncConnection, *, functions: bool) -> tuple[str, ...]:
    there = [name for name in LEFT_OVER if await connection.run_sync(_has, name)]
    for name in there:
        await connection.execute(text(f"DROP TABLE {name}"))
    for name in _FUNCTIONS if functions else ():
        await connection.execute(text(f"DROP FUNCTION IF EXISTS {name}"))
    return tuple(there)


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
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar()) >= HEAD


def _has(connection: Connection, table: str) -> bool:
    return inspect(connection).has_table(table)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(configuration(connection), "head")
