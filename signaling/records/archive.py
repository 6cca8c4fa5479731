"""The records of visits that are over: the dossier in its versions, each with its place in the outbox, once each.

What is in a dossier is encrypted under the key of its visit before it reaches the database: with the key, it is gone from
there, from the database's own log, and from its backups.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from rvw.clock import Instant
from rvw.domain.certificate import GoneVersion
from rvw.domain.handover import decode
from rvw.errors import Conflict, NotFound
from signaling.keeping.visit_keys import VisitKeys, seal, unseal
from signaling.records.database import Database
from signaling.records.deliveries import ACKNOWLEDGED, DELIVERED, SUPERSEDED, WAITING
from signaling.records.models import DossierRow, ParcelRow
from signaling.records.parcels import place_of

PAGE = 200
"""How many dossiers are read at a time: some five kilobytes each."""


MAX_OF_CASE = 20
"""How many earlier visits of a case are told."""


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
    ticket: str = ""
    """This, the officer and the outcome are for finding it."""
    officer: str = ""
    outcome: str = ""


_COLUMNS: Final = (*(getattr(DossierRow, name) for name in Record.__struct_fields__), DossierRow.encrypted)
_SECRET: Final = ("dossier", "evidence", "manifest", "seed")
_EMPTY: Final = {"dossier": b"", "evidence": b"", "manifest": b"", "seed": b""}


class Archive:
    """Records. All methods raise `Unavailable`."""

    def __init__(self, database: Database, keys: VisitKeys) -> None:
        self._database = database
        self._keys = keys

    async def keep(self, record: Record, adapter: str = "http", now: Instant | None = None) -> bool:
        """Write the first version and its place in the outbox, both or none.

        `adapter` is the way it goes, `now` when it begins to wait (at the closing, if not told). Returns whether the record
        is new, so that the outbox wants a nudge. A visit that has one keeps it. Raises `NotPossible` for one that
        was deleted.
        """
        values = await self._encrypted(record)
        async with self._database.writing() as connection:
            new = await self._add(connection, values)
            if new:
                since = record.closed_at if now is None else now
                await connection.execute(insert(ParcelRow).values(_parcel(record, adapter, since)))
            return new

    async def amend(self, record: Record, adapter: str, now: Instant, forget: bool) -> None:
        """Write the next version and its place in the outbox; with `forget`, empty all versions before it.

        Raises `Conflict` if somebody else was faster.
        """
        row = DossierRow
        values = await self._encrypted(record)
        async with self._database.writing() as connection:
            if not await self._add(connection, values):
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
        if found is None:
            return None
        key = await self._keys.of(visit) if found.encrypted else b""
        return _record(found, key)

    async def of_case(self, case: str) -> tuple[Record, ...]:
        """Return the last version of the records that a case system has given this number, the last closed first."""
        parcel = ParcelRow
        whose = select(parcel.visit).where(parcel.receipt == case, parcel.receipt != "").distinct().limit(MAX_OF_CASE)
        async with self._database.reading() as connection:
            visits = (await connection.execute(whose)).scalars().all()
        found = [record for visit in visits if (record := await self.record(visit)) is not None]
        return tuple(sorted(found, key=lambda record: record.closed_at, reverse=True))

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
            wanted = select(row.closed_at, row.visit, row.number, row.encrypted, row.dossier)
            wanted = wanted.where(place > after, row.closed_at < until, is_last())
            async with self._database.reading() as connection:
                found = (await connection.execute(wanted.order_by(row.closed_at, row.visit).limit(PAGE))).all()
            keys = await self._keys.many([one.visit for one in found if one.encrypted])
            for one in found:
                if not one.encrypted or one.visit in keys:  # else it is being deleted
                    yield _opened(one, "dossier", keys.get(one.visit, b""))
            if len(found) < PAGE:
                return
            after = (found[-1].closed_at, found[-1].visit)

    async def versions(self, visit: str) -> tuple[GoneVersion, ...]:
        """Return the hashes of all versions of a visit's dossier, the first first."""
        row = DossierRow
        wanted = select(row.number, row.sha256).where(row.visit == visit).order_by(row.number)
        async with self._database.reading() as connection:
            return tuple(GoneVersion(number, sha256) for number, sha256 in (await connection.execute(wanted)).all())

    async def index(self) -> int:
        """Fill what records are found by, where it was not kept yet; return how many versions that were."""
        row, count = DossierRow, 0
        while True:
            async with self._database.reading() as connection:
                wanted = select(row.visit, row.number).where(row.ticket.is_(None)).limit(PAGE)
                found = (await connection.execute(wanted)).all()
            if not found:
                return count
            for visit, number in found:
                record = await self._readable(visit, number)
                content = decode(record.dossier) if record is not None and record.dossier else None
                values = {name: getattr(content, name, "") for name in ("ticket", "officer", "outcome")}
                which = update(row).where(row.visit == visit, row.number == number)
                async with self._database.writing() as connection:
                    count += (await connection.execute(which.values(values))).rowcount

    async def _readable(self, visit: str, number: int) -> Record | None:
        """Return a version, if its key is there."""
        try:
            return await self.record(visit, number)
        except NotFound:
            return None

    async def protect(self) -> int:
        """Encrypt what was written before there were keys of visits; return how many versions that were."""
        row, count = DossierRow, 0
        while True:
            async with self._database.reading() as connection:
                found = (await connection.execute(select(*_COLUMNS).where(~row.encrypted).limit(PAGE))).all()
            if not found:
                return count
            for one in found:
                record = _record(one, b"")
                values = {
                    name: value
                    for name, value in (await self._encrypted(record)).items()
                    if name in (*_SECRET, "encrypted")
                }
                which = (row.visit == record.visit, row.number == record.number, ~row.encrypted)
                async with self._database.writing() as connection:
                    count += (await connection.execute(update(row).where(*which).values(values))).rowcount

    async def _encrypted(self, record: Record) -> dict[str, object]:
        key = await self._keys.made(record.visit)
        values: dict[str, object] = {name: getattr(record, name) for name in record.__struct_fields__}
        for name in _SECRET:
            data: bytes = getattr(record, name)
            values[name] = seal(key, place_of(record.visit, record.number, name), data) if data else b""
        return {**values, "encrypted": True}

    async def _add(self, connection: AsyncConnection, values: dict[str, object]) -> bool:
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        added = dialect_insert(DossierRow).values(values).on_conflict_do_nothing(index_elements=["visit", "number"])
        return (await connection.execute(added.returning(DossierRow.visit))).first() is not None


def is_last() -> ColumnElement[bool]:
    """Tell whether it is the last version of a dossier, in SQL."""
    later = aliased(DossierRow)
    after = exists().where(later.visit == DossierRow.visit, later.number > DossierRow.number)
    return ~after.correlate(DossierRow)


def _record(row: Any, key: bytes) -> Record:
    fields = dict(zip(Record.__struct_fields__, row, strict=False))
    fields["ticket"] = fields["ticket"] or ""
    return Record(**fields | {name: _opened(row, name, key) for name in _SECRET})


def _opened(row: Any, column: str, key: bytes) -> bytes:
    data: bytes = getattr(row, column)
    return unseal(key, place_of(row.visit, row.number, column), data) if row.encrypted and data else data


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
