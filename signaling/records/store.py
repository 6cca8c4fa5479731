"""The store: one open database with its parts by subject."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from signaling.records.archive import Archive
from signaling.records.database import Database
from signaling.records.migrations import upgrade
from signaling.records.parcels import Parcels
from signaling.records.people import People
from signaling.records.tasks import Tasks
from signaling.records.trail import Trail
from signaling.records.wrapped_keys import WrappedKeys


class Store:
    """What outlives everything else. Make one with `open_store`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people = People(database)
        self.archive = Archive(database)
        self.parcels = Parcels(database)
        self.tasks = Tasks(database)
        self.trail = Trail(database)
        self.wrapped_keys = WrappedKeys(database)

    async def ping(self) -> None:
        """Return if the database answers. Raises `Unavailable`."""
        async with self.database.reading() as connection:
            await connection.exec_driver_sql("SELECT 1")


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """Open the database at `url`, bring its tables up to date, and close it in the end.

    `url` is `sqlite:///folder/file` or `postgresql://user:password@host/name`. Raises `InvalidSettings` for another
    kind of address and `Unavailable` when the database does not answer.
    """
    database = Database(url)
    try:
        await upgrade(database)
        yield Store(database)
    finally:
        await database.close()
