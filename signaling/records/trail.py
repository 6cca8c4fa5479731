"""The audit log as rows, one after another whoever writes. The database itself refuses to change or delete one."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from rvw.domain.chain import FIRST
from rvw.domain.trail import Line, Noted
from signaling.records.database import Database
from signaling.records.models import AuditRow, AuditSealRow

PAGE: Final = 1_000
"""How many entries are read at a time."""

_LOCK: Final = 0x5256_5732  # beside that of the migrations

Make = Callable[[tuple[int, str]], Noted]
"""Returns the entry after the one with that number and link."""

_COLUMNS: Final = tuple(getattr(AuditRow, name) for name in Noted.__struct_fields__)


class Trail:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, make: Make) -> Noted:
        """Write the entry that `make` returns for what is the last one now; nobody writes in between."""
        async with self._database.writing() as connection:  # in SQLite this is the one writer
            if self._database.locks_rows:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            last = await _last(connection)
            entry = make((last.number, last.link) if last else (0, FIRST))
            values = {name: getattr(entry, name) for name in entry.__struct_fields__}
            await connection.execute(insert(AuditRow).values(values))
            return entry

    async def last(self) -> Noted | None:
        """Return the last entry, if there is one."""
        async with self._database.reading() as connection:
            return await _last(connection)

    async def last_sealed(self) -> int:
        """Return the number of the last entry that a seal covers; 0 if none does."""
        row = AuditSealRow
        async with self._database.reading() as connection:
            found = (await connection.execute(select(row.number).order_by(row.number.desc()).limit(1))).scalar()
            return found or 0

    async def add_seal(self, number: int, sealed: bytes, now: Instant) -> None:
        """Keep a seal over the log up to this entry."""
        async with self._database.writing() as connection:
            values = {"number": number, "sealed": sealed, "at": now}
            await connection.execute(insert(AuditSealRow).values(values))

    async def of(self, visit: str, limit: int) -> tuple[Noted, ...]:
        """Return the last entries of a visit, the newest first."""
        row = AuditRow
        wanted = select(*_COLUMNS).where(row.visit == visit).order_by(row.number.desc()).limit(limit)
        async with self._database.reading() as connection:
            return tuple(map(_noted, (await connection.execute(wanted)).all()))

    async def lines(self) -> AsyncIterator[Line]:
        """Yield all entries in order, and each seal after the entry that it names; seals of missing entries last."""
        async with self._database.reading() as connection:
            own = (
                await connection.execute(select(AuditSealRow.number, AuditSealRow.sealed).order_by(AuditSealRow.number))
            ).all()
        seals = [(number, Line(sealed=sealed.decode(errors="replace"))) for number, sealed in own][::-1]
        after = 0
        while found := await self._page(after):
            for entry in found:
                while seals and seals[-1][0] < entry.number:
                    yield seals.pop()[1]
                yield Line(entry=entry)
            after = found[-1].number
        while seals:
            yield seals.pop()[1]

    async def _page(self, after: int) -> list[Noted]:
        row = AuditRow
        wanted = select(*_COLUMNS).where(row.number > after).order_by(row.number).limit(PAGE)
        async with self._database.reading() as connection:
            return [_noted(one) for one in await connection.execute(wanted)]


async def _last(connection: AsyncConnection) -> Noted | None:
    found = (await connection.execute(select(*_COLUMNS).order_by(AuditRow.number.desc()).limit(1))).first()
    return None if found is None else _noted(found)


def _noted(row: Any) -> Noted:
    return Noted(**dict(zip(Noted.__struct_fields__, row, strict=True)))
