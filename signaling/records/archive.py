"""The records of visits that are over: each has one, with its place in the outbox, however often it is filed."""

import hashlib
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct
from sqlalchemy import insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from rvw.domain import handover
from rvw.domain.events import Recorded
from rvw.domain.visit import Visit
from signaling.records.database import Database
from signaling.records.models import ParcelRow, RecordRow
from signaling.records.parcels import WAITING

PAGE = 200
"""How many dossiers are read at a time: some five kilobytes each."""


class Record(Struct, frozen=True):
    """The record of a visit: its dossier as bytes, with their SHA-256 in hexadecimal."""

    visit: str
    authority: str
    matter: str
    region: str
    closed_at: Instant
    sha256: str
    dossier: bytes


def make_record(visit: Visit, events: Sequence[Recorded]) -> Record:
    """Return the record of a closed visit. Raises what `rvw.domain.handover.dossier` raises."""
    content = handover.dossier(visit, events)
    data = handover.encode(content)
    return Record(
        visit=visit.id,
        authority=visit.authority,
        matter=visit.matter,
        region=visit.region,
        closed_at=content.closed_at,
        sha256=hashlib.sha256(data).hexdigest(),
        dossier=data,
    )


class Archive:
    """Records. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, record: Record) -> bool:
        """Write the record and its place in the outbox, both or none.

        Returns whether the record is new, so that the outbox wants a nudge. A visit that has one keeps it.
        """
        async with self._database.writing() as connection:
            new = await self._add(connection, record)
            if new:
                await connection.execute(insert(ParcelRow).values(_parcel(record)))
            return new

    async def record(self, visit: str) -> Record | None:
        """Return the record of a visit, if it has one."""
        row = RecordRow
        columns = (row.visit, row.authority, row.matter, row.region, row.closed_at, row.sha256, row.dossier)
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*columns).where(row.visit == visit))).first()
            return None if found is None else Record(*found)

    async def dossiers(self, since: Instant, until: Instant) -> AsyncIterator[bytes]:
        """Yield the dossiers of all visits closed in `[since, until)`, in that order, read `PAGE` at a time."""
        row, after = RecordRow, (since, "")
        while True:
            place = tuple_(row.closed_at, row.visit)
            wanted = select(row.closed_at, row.visit, row.dossier).where(place > after, row.closed_at < until)
            async with self._database.reading() as connection:
                found = (await connection.execute(wanted.order_by(row.closed_at, row.visit).limit(PAGE))).all()
            for _, _, data in found:
                yield data
            if len(found) < PAGE:
                return
            after = (found[-1][0], found[-1][1])

    async def _add(self, connection: AsyncConnection, record: Record) -> bool:
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        values = {name: getattr(record, name) for name in record.__struct_fields__}
        added = dialect_insert(RecordRow).values(values).on_conflict_do_nothing(index_elements=["visit"])
        return (await connection.execute(added.returning(RecordRow.visit))).first() is not None


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
