"""The records of visits that are over, and how far the reader of the ledger has come."""

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from signaling.records.database import Database
from signaling.records.models import CursorRow, ParcelRow, RecordRow
from signaling.records.parcels import WAITING


class Record(Struct, frozen=True):
    """The record of a visit: its dossier as bytes, with their SHA-256 in hexadecimal."""

    visit: str
    authority: str
    matter: str
    region: str
    closed_at: Instant
    sha256: str
    dossier: bytes


class Archive:
    """Records and cursors. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, record: Record, reader: str, position: str) -> bool:
        """Write the record, its place in the outbox and the reader's position, all or nothing.

        Returns whether the record is new. A visit that has one keeps it: only the position moves.
        """
        async with self._database.writing() as connection:
            new = await self._add(connection, record)
            if new:
                await connection.execute(insert(ParcelRow).values(_parcel(record)))
            await self._move(connection, reader, position)
            return new

    async def record(self, visit: str) -> Record | None:
        """Return the record of a visit, if it has one."""
        row = RecordRow
        columns = (row.visit, row.authority, row.matter, row.region, row.closed_at, row.sha256, row.dossier)
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*columns).where(row.visit == visit))).first()
            return None if found is None else Record(*found)

    async def position(self, reader: str) -> str:
        """Return how far the reader has come; empty if it has not begun."""
        async with self._database.reading() as connection:
            wanted = select(CursorRow.position).where(CursorRow.name == reader)
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def move(self, reader: str, position: str) -> None:
        """Remember how far the reader has come."""
        async with self._database.writing() as connection:
            await self._move(connection, reader, position)

    async def _add(self, connection: AsyncConnection, record: Record) -> bool:
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        values = {name: getattr(record, name) for name in record.__struct_fields__}
        added = dialect_insert(RecordRow).values(values).on_conflict_do_nothing(index_elements=["visit"])
        return (await connection.execute(added.returning(RecordRow.visit))).first() is not None

    async def _move(self, connection: AsyncConnection, reader: str, position: str) -> None:
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        moved = dialect_insert(CursorRow).values(name=reader, position=position)
        await connection.execute(moved.on_conflict_do_update(index_elements=["name"], set_={"position": position}))


def _parcel(record: Record) -> dict[str, object]:
    return {
        "visit": record.visit,
        "state": WAITING,
        "attempts": 0,
        "next_attempt_at": record.closed_at,
        "lease": "",
        "last_error": "",
        "receipt": "",
    }
