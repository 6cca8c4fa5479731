"""Connections: the two databases made to behave alike.

A transaction that will write says so at its beginning: SQLite then takes its one write lock at once (`BEGIN IMMEDIATE`)
instead of failing in the middle, and PostgreSQL behaves as always. Whatever the driver raises leaves as `Unavailable`.
"""

from asyncio import get_running_loop, sleep
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import structlog
from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from rvw.clock import Seconds
from rvw.errors import InvalidSettings, Unavailable

log = structlog.get_logger(__name__)

BUSY_TIMEOUT_MS = 10_000
"""How long SQLite waits for another process's write; writes here take milliseconds."""

_TRY_AGAIN_S: Seconds = 0.02

_PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
)
"""`secure_delete`: what is deleted is overwritten, not only forgotten."""
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Database:
    """One engine, and transactions on it."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self.locks_rows = self._engine.dialect.name == "postgresql"
        """Whether two claimers can pass each other's rows (`SKIP LOCKED`); SQLite has one writer at a time."""

    async def prepare(self) -> None:
        """Let readers and a writer of SQLite not wait for each other (write-ahead log), for good. Raises `Unavailable`.

        SQLite does not wait for another process that does the same with a new file: one of the two is told "locked".
        """
        file = self._engine.url.database
        if self.locks_rows or not file:
            return
        async with _told_as_unavailable(), aiosqlite.connect(file, isolation_level=None) as connection:
            last = get_running_loop().time() + BUSY_TIMEOUT_MS / 1000
            while True:
                try:
                    await connection.execute("PRAGMA journal_mode=WAL")
                    return
                except aiosqlite.OperationalError:
                    if get_running_loop().time() > last:
                        raise
                    await sleep(_TRY_AGAIN_S)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose statements see one state. Raises `Unavailable`."""
        async with _told_as_unavailable(), self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose statements happen all or not at all. Raises `Unavailable`.

        If the block raises or is cancelled, nothing has happened.
        """
        async with _told_as_unavailable(), self._engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    def folder(self) -> Path | None:
        """Return the folder of the file of SQLite; `None` for any other database."""
        file = self._engine.url.database
        return None if self.locks_rows or not file else Path(file).parent

    async def compact(self, small: Collection[str], large: Collection[str]) -> None:
        """Leave nothing in the files of what was deleted from these tables. Raises `Unavailable`; again is harmless.

        SQLite is written anew as a whole. PostgreSQL writes the small tables anew, where keys are; in the large ones, which
        hold only what was encrypted, dead rows make room for others. Its write-ahead log goes by itself, as it is recycled.
        """
        async with _told_as_unavailable(), self._engine.connect() as connection:
            if self.locks_rows:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in small:
                    await alone.exec_driver_sql(f"VACUUM (FULL) {table}")
                for table in large:
                    await alone.exec_driver_sql(f"VACUUM {table}")
                return
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute("VACUUM")
            busy, _, _ = await (await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
            if busy:
                raise Unavailable("the database's log cannot be emptied while it is read: it is tried again")

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def sqlite_url(folder: Path) -> str:
    """Return the address of the database in a data folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite+aiosqlite:///{folder.resolve() / 'rvw.sqlite3'}"


def _engine(text: str) -> AsyncEngine:
    try:
        url = make_url(text)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        options: dict[str, Any] = {} if url.drivername.startswith("sqlite") else {"pool_pre_ping": True}
        engine = create_async_engine(url, **options)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InvalidSettings("store.sql is not an address of SQLite or PostgreSQL") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # else the driver begins transactions by itself, and only at the first write
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def _told_as_unavailable() -> AsyncIterator[None]:
    try:
        yield
    except (DBAPIError, NoConnection, OSError, aiosqlite.Error) as error:
        # The driver's own text may hold values of the row: only its kind is told.
        kind = type(getattr(error, "orig", None) or error).__name__
        log.warning("database_unavailable", kind=kind)
        raise Unavailable(f"the database does not answer: {kind}") from error
