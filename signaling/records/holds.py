"""Holds as rows: who may place and lift one is decided in `rvw.domain.keeping`."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from rvw.domain.keeping import Hold
from rvw.errors import Conflict, NotFound, NotPossible
from signaling.records.database import Database
from signaling.records.models import DeletionRow, DossierRow, HoldRow

MAX_LISTED: Final = 500
"""How many holds a list has, the newest first."""

_LOCK: Final = 0x5256_5733  # beside those of the migrations and of the audit log

_COLUMNS: Final = tuple(getattr(HoldRow, name) for name in Hold.__struct_fields__)


class Holds:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def authority_of(self, visit: str) -> str:
        """Return whose the record of a visit is. Raises `NotFound`."""
        wanted = select(DossierRow.authority).where(DossierRow.visit == visit).limit(1)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).scalar()
        if found is None:
            raise NotFound("there is no such record")
        return str(found)

    async def add(self, hold: Hold) -> None:
        """Keep a hold. Raises `NotPossible` when the record is being deleted already."""
        row = DeletionRow
        going = select(row.step).where(row.visit == hold.visit, row.kind == "dossier")
        async with self._database.writing() as connection:
            await one_at_a_time(self._database, connection)
            if (await connection.execute(going)).first() is not None:
                raise NotPossible("this record is being deleted, or is gone")
            await connection.execute(insert(HoldRow).values({name: getattr(hold, name) for name in hold.__struct_fields__}))

    async def hold(self, hold_id: str) -> Hold:
        """Return one hold. Raises `NotFound`."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*_COLUMNS).where(HoldRow.id == hold_id))).first()
        if found is None:
            raise NotFound("there is no such hold")
        return Hold(**_fields(found))

    async def lift(self, hold: Hold) -> None:
        """Write down that it is lifted. Raises `Conflict` when somebody else has lifted it."""
        row = HoldRow
        ours = update(row).where(row.id == hold.id, row.lifted_at.is_(None))
        values = {"lifted_at": hold.lifted_at, "lifted_by": hold.lifted_by, "lifted_why": hold.lifted_why}
        async with self._database.writing() as connection:
            if (await connection.execute(ours.values(values))).rowcount == 0:
                raise Conflict("somebody else has lifted this hold")

    async def of(self, authorities: Collection[str], visit: str = "") -> tuple[Hold, ...]:
        """Return the holds of these authorities' records, those that are over too, the newest first; of one visit only."""
        wanted = select(*_COLUMNS).where(HoldRow.authority.in_(authorities))
        if visit:
            wanted = wanted.where(HoldRow.visit == visit)
        ordered = wanted.order_by(HoldRow.since.desc(), HoldRow.id).limit(MAX_LISTED)
        async with self._database.reading() as connection:
            return tuple(Hold(**_fields(one)) for one in (await connection.execute(ordered)).all())


async def one_at_a_time(database: Database, connection: AsyncConnection) -> None:
    """Let nobody place a hold while a deletion begins: in SQLite the transaction is the one writer anyway."""
    if database.locks_rows:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def held(visit: Any, now: Instant) -> ColumnElement[bool]:
    """Tell whether a hold on the visit is in force: `rvw.domain.keeping.in_force`, in SQL."""
    row = HoldRow
    in_force = and_(row.visit == visit, row.lifted_at.is_(None), or_(row.until.is_(None), row.until > now))
    return exists().where(in_force)


def _fields(row: Any) -> dict[str, Any]:
    return dict(zip(Hold.__struct_fields__, row, strict=True))
