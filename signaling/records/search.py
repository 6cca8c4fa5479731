"""Finding records by what is not secret of them: whose, when, ticket, officer, matter. Nothing is opened."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select, tuple_

from rvw.clock import Instant
from signaling.records.archive import is_last
from signaling.records.database import Database
from signaling.records.holds import held
from signaling.records.models import DossierRow


class Wanted(Struct, frozen=True, kw_only=True):
    """What is looked for; what is empty or `None` does not matter."""

    authorities: tuple[str, ...]
    officer: str = ""
    visit: str = ""
    ticket: str = ""
    matter: str = ""
    since: Instant | None = None
    until: Instant | None = None
    before: tuple[Instant, str] | None = None
    """Closed before this: where the page before has ended."""


class Found(Struct, frozen=True, kw_only=True):
    """A visit that is over, as its last version has it."""

    visit: str
    ticket: str
    authority: str
    matter: str
    region: str
    officer: str
    outcome: str
    closed_at: Instant
    held: bool


class Search:
    """Raises `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, wanted: Wanted, now: Instant, limit: int) -> tuple[Found, ...]:
        """Return what is found, the last closed first."""
        row = DossierRow
        columns = (row.visit, func.coalesce(row.ticket, ""), row.authority, row.matter, row.region, row.officer)
        asked = select(*columns, row.outcome, row.closed_at, held(row.visit, now)).where(is_last(), *_which(wanted))
        async with self._database.reading() as connection:
            rows: Any = await connection.execute(asked.order_by(row.closed_at.desc(), row.visit.desc()).limit(limit))
            return tuple(Found(**dict(zip(Found.__struct_fields__, one, strict=True))) for one in rows)


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    row = DossierRow
    which: list[ColumnElement[bool]] = []
    if wanted.authorities:
        which.append(row.authority.in_(wanted.authorities))
    for column, text in (
        (row.officer, wanted.officer), (row.visit, wanted.visit), (row.ticket, wanted.ticket), (row.matter, wanted.matter)
    ):  # fmt: skip
        if text:
            which.append(column == text)
    if wanted.since is not None:
        which.append(row.closed_at >= wanted.since)
    if wanted.until is not None:
        which.append(row.closed_at < wanted.until)
    if wanted.before is not None:
        which.append(tuple_(row.closed_at, row.visit) < wanted.before)
    return which
