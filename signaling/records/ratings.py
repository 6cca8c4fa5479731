"""Ratings as rows: the event in the ledger is the truth, this is where it is counted when the stream is long gone."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from rvw.clock import Instant
from rvw.domain.rating import Rated, Rating
from signaling.records.database import Database
from signaling.records.models import RatingRow


class Ratings:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, rating: Rating) -> bool:
        """Write a rating that has been given; tell whether it is new. A visit that has one keeps it."""
        assert rating.given is not None  # noqa: S101 - asked of those that have been given
        given = rating.given
        values = {
            "visit": rating.visit,
            "at": rating.at,
            "authority": given.authority,
            "desk": given.desk,
            "officer": given.officer,
            "matter": given.matter,
            "level": given.level,
            "tags": list(given.tags),
            "way": given.way,
            "counts": True,
        }
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        added = dialect_insert(RatingRow).values(values).on_conflict_do_nothing().returning(RatingRow.visit)
        async with self._database.writing() as connection:
            return (await connection.execute(added)).first() is not None

    async def discount(self, visit: str) -> None:
        """Take a rating that was a mistake out of the figures; the row stays."""
        async with self._database.writing() as connection:
            await connection.execute(update(RatingRow).where(RatingRow.visit == visit).values(counts=False))

    async def between(self, since: Instant, until: Instant, desks: Collection[str]) -> tuple[Rated, ...]:
        """Return the ratings given from `since` on and before `until` to these desks."""
        row = RatingRow
        wanted = select(row.visit, row.at, row.desk, row.officer, row.matter, row.level, row.counts)
        wanted = wanted.where(row.at >= since, row.at < until, row.desk.in_(sorted(desks)))
        async with self._database.reading() as connection:
            return tuple(Rated(*found) for found in (await connection.execute(wanted)).all())
