"""The store: one open database with its parts by subject."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from signaling.keeping.provider import FILE, FileKeys, KeyProvider, NoKeys
from signaling.keeping.visit_keys import VisitKeys
from signaling.records.archive import Archive
from signaling.records.database import Database
from signaling.records.deletions import Deletions
from signaling.records.holds import Holds
from signaling.records.migrations import upgrade
from signaling.records.notices import Notices
from signaling.records.parcels import Parcels
from signaling.records.people import People
from signaling.records.ratings import Ratings
from signaling.records.recordings import Recordings
from signaling.records.search import Search
from signaling.records.tasks import Tasks
from signaling.records.trail import Trail
from signaling.records.wrapped_keys import WrappedKeys


class Store:
    """What outlives everything else. Make one with `open_store`."""

    def __init__(self, database: Database, provider: KeyProvider) -> None:
        self.database = database
        self.people = People(database)
        self.keys = VisitKeys(WrappedKeys(database), provider, time.time)
        self.archive = Archive(database, self.keys)
        self.parcels = Parcels(database, self.keys)
        self.notices = Notices(database)
        self.tasks = Tasks(database, self.keys)
        self.ratings = Ratings(database)
        self.trail = Trail(database)
        self.recordings = Recordings(database)
        self.search = Search(database)
        self.holds = Holds(database)
        self.deletions = Deletions(database)

    async def protect(self) -> None:
        """Encrypt what was written before there were keys of visits, and fill what records are found by."""
        await self.archive.protect()
        await self.tasks.protect()
        await self.archive.index()

    async def ping(self) -> None:
        """Return if the database answers. Raises `Unavailable`."""
        async with self.database.reading() as connection:
            await connection.exec_driver_sql("SELECT 1")


@asynccontextmanager
async def open_store(url: str, provider: KeyProvider | None = None) -> AsyncIterator[Store]:
    """Open the database at `url`, bring its tables up to date, and close it in the end.

    `url` is `sqlite:///folder/file` or `postgresql://user:password@host/name`. `provider` wraps the keys of visits; without
    one, the key file is beside the file of SQLite, and with PostgreSQL nothing of a visit can be read. Raises
    `InvalidSettings` for another kind of address and `Unavailable` when the database does not answer.
    """
    database = Database(url)
    try:
        await database.prepare()
        await upgrade(database)
        folder = database.folder()
        yield Store(database, provider or (FileKeys(folder / FILE) if folder else NoKeys()))
    finally:
        await database.close()
