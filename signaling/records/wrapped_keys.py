"""The keys of visits, wrapped, as rows. A destroyed one leaves its row, empty: there is never a second key."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from rvw.clock import Instant
from signaling.keeping.provider import Wrapped
from signaling.records.database import Database
from signaling.records.models import VisitKeyRow


class WrappedKeys:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def many(self, visits: Collection[str]) -> dict[str, Wrapped | None]:
        """Return what is kept of these visits: a wrapped key, or `None` for a destroyed one. Others are left out."""
        row = VisitKeyRow
        wanted = select(row.visit, row.wrapped_by, row.wrapped).where(row.visit.in_(visits))
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).all()
        return {visit: Wrapped(by, data) if data else None for visit, by, data in found}

    async def add(self, visit: str, fresh: Wrapped, now: Instant) -> Wrapped | None:
        """Keep a first key; return it, or what was there before."""
        row = VisitKeyRow
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        values = {"visit": visit, "wrapped_by": fresh.by, "wrapped": fresh.data, "made_at": now, "destroyed_at": None}
        async with self._database.writing() as connection:
            await connection.execute(dialect_insert(row).values(values).on_conflict_do_nothing())
            by, data = (await connection.execute(select(row.wrapped_by, row.wrapped).where(row.visit == visit))).one()
        return Wrapped(by, data) if data else None

    async def destroy(self, visit: str, now: Instant) -> None:
        """Empty the visit's row, or make an empty one."""
        row = VisitKeyRow
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        empty = {"wrapped_by": "", "wrapped": b"", "destroyed_at": now}
        values = {"visit": visit, "made_at": now, **empty}
        async with self._database.writing() as connection:
            await connection.execute(dialect_insert(row).values(values).on_conflict_do_nothing())
            still = update(row).where(row.visit == visit, row.destroyed_at.is_(None))
            await connection.execute(still.values(empty))

    async def not_wrapped_by(self, by: str, limit: int) -> dict[str, Wrapped]:
        """Return keys that another wrapping key wraps."""
        row = VisitKeyRow
        wanted = select(row.visit, row.wrapped_by, row.wrapped).where(row.wrapped_by != by, row.destroyed_at.is_(None))
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted.order_by(row.visit).limit(limit))).all()
        return {visit: Wrapped(wrapped_by, data) for visit, wrapped_by, data in found}

    async def replace(self, fresh: Mapping[str, tuple[Wrapped, Wrapped]]) -> int:
        """Put the second in place of the first where that is still there; return in how many rows it was."""
        row, count = VisitKeyRow, 0
        async with self._database.writing() as connection:
            for visit, (before, after) in fresh.items():
                ours = update(row).where(row.visit == visit, row.wrapped == before.data)
                values = {"wrapped_by": after.by, "wrapped": after.data}
                count += (await connection.execute(ours.values(values))).rowcount
        return count
