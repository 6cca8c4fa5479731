"""The records of visits that are over: the dossier in its versions, each with its place in the outbox, once each."""

from collections.abc import AsyncIterator
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from rvw.clock import Instant
from rvw.errors import Conflict
from signaling.records.database import Database
from signaling.records.models import DossierRow, ParcelRow
from signaling.records.parcels import ACKNOWLEDGED, DELIVERED, SUPERSEDED, WAITING

PAGE = 200
"""How many dossiers are read at a time: some five kilobytes each."""


class Record(Struct, frozen=True, kw_only=True):
    """One version of a visit's dossier, sealed, with what lies beside it in a package."""

    visit: str
    number: int
    authority: str
    matter: str
    region: str
    closed_at: Instant
    sha256: str
    """Of `dossier`, in hexadecimal."""
    dossier: bytes
    """`dossier.json`: sealed. Empty if the content was removed by law in a later version."""
    evidence: bytes
    """`evidence.pdf`."""
    manifest: bytes
    """`manifest.json`: sealed."""
    seed: bytes
    """What the salts of the chain come from: never leaves this table."""


_COLUMNS: Final = tuple(getattr(DossierRow, name) for name in Record.__struct_fields__)
_EMPTY: Final = {"dossier": b"", "evidence": b"", "manifest": b"", "seed": b""}


class Archive:
    """Records. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, record: Record, adapter: str = "http", now: Instant | None = None) -> bool:
        """Write the first version and its place in the outbox, both or none.

        `adapter` is the way it goes, `now` when it begins to wait (at the closing, if not told). Returns whether the record
        is new, so that the outbox wants a nudge. A visit that has one keeps it.
        """
        async with self._database.writing() as connection:
            new = await self._add(connection, record)
            if new:
                since = record.closed_at if now is None else now
                await connection.execute(insert(ParcelRow).values(_parcel(record, adapter, since)))
            return new

    async def amend(self, record: Record, adapter: str, now: Instant, forget: bool) -> None:
        """Write the next version and its place in the outbox; with `forget`, empty all versions before it.

        Raises `Conflict` if somebody else was faster.
        """
        row = DossierRow
        async with self._database.writing() as connection:
            if not await self._add(connection, record):
                raise Conflict("somebody else has made this version of the record")
            await connection.execute(insert(ParcelRow).values(_parcel(record, adapter, now)))
            if forget:
                before = update(row).where(row.visit == record.visit, row.number < record.number)
                await connection.execute(before.values(_EMPTY))
                parcel = ParcelRow
                unsent = update(parcel).where(parcel.visit == record.visit, parcel.number < record.number)
                unsent = unsent.where(parcel.state.not_in((DELIVERED, ACKNOWLEDGED)))
                await connection.execute(unsent.values(state=SUPERSEDED, lease=""))

    async def record(self, visit: str, number: int = 0) -> Record | None:
        """Return one version of the record of a visit, the last if no number is given; `None` if there is none."""
        row = DossierRow
        wanted = select(*_COLUMNS).where(row.visit == visit).order_by(row.number.desc()).limit(1)
        if number:
            wanted = wanted.where(row.number == number)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).first()
            return None if found is None else _record(found)

    async def closed_between(self, since: Instant, until: Instant) -> tuple[str, ...]:
        """Return the visits closed from `since` on and before `until`, the first closed first."""
        row = DossierRow
        first = func.min(row.closed_at)
        wanted = select(row.visit).where(row.closed_at >= since, row.closed_at < until).group_by(row.visit)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(wanted.order_by(first, row.visit))).scalars().all())

    async def dossiers(self, since: Instant, until: Instant) -> AsyncIterator[bytes]:
        """Yield the last version of the dossiers of all visits closed in `[since, until)`, in that order.

        They are read `PAGE` at a time.
        """
        row, after = DossierRow, (since, "")
        while True:
            place = tuple_(row.closed_at, row.visit)
            wanted = select(row.closed_at, row.visit, row.dossier)
            wanted = wanted.where(place > after, row.closed_at < until, _is_last())
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
        added = dialect_insert(DossierRow).values(values).on_conflict_do_nothing(index_elements=["visit", "number"])
        return (await connection.execute(added.returning(DossierRow.visit))).first() is not None


def _is_last() -> ColumnElement[bool]:
    later = aliased(DossierRow)
    after = exists().where(later.visit == DossierRow.visit, later.number > DossierRow.number)
    return ~after.correlate(DossierRow)


def _record(row: Any) -> Record:
    return Record(**dict(zip(Record.__struct_fields__, row, strict=True)))


def _parcel(record: Record, adapter: str, since: Instant) -> dict[str, object]:
    return {
        "visit": record.visit,
        "number": record.number,
        "adapter": adapter,
        "state": WAITING,
        "since": since,
        "attempts": 0,
        "next_attempt_at": since,
        "lease": "",
        "last_error": "",
        "receipt": "",
    }
