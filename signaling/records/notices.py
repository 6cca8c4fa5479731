"""Deletions on their way to the case system: nothing is left of a record that it has, and a certificate says so.

One for each record that was handed over, written with the end of its deletion. There is no key any more, and no need of
one: a certificate names nobody.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select

from rvw.clock import Instant
from rvw.domain.certificate import Certificate
from rvw.domain.chain import sha256
from signaling.records.database import Database
from signaling.records.deliveries import WAITING, Claim, Deliveries
from signaling.records.models import NoticeRow


class Notices(Deliveries):
    """The rows."""

    what = "deletion"

    def __init__(self, database: Database) -> None:
        super().__init__(database, NoticeRow)

    async def content(self, visit: str, number: int) -> Claim | None:
        """Return what is told of a deletion, whoever may have it in hand."""
        which = (NoticeRow.visit == visit, NoticeRow.number == number)
        async with self._database.reading() as connection:
            found = await self._claims((await connection.execute(self._contents().where(*which))).all())
        return found[0] if found else None

    def _contents(self) -> Select[Any]:
        row = NoticeRow
        told = (row.authority, row.matter, row.region, row.closed_at, row.sha256, row.certificate)
        return select(*self._mine(), *told, literal(self.what))

    async def _claims(self, rows: Sequence[Any]) -> tuple[Claim, ...]:
        return tuple(Claim(*one) for one in rows)

    def _of(self, authorities: Collection[str]) -> ColumnElement[bool]:
        return NoticeRow.authority.in_(authorities)


def notice(content: Certificate, sealed: bytes, adapter: str, now: Instant) -> dict[str, object]:
    """Return the row that tells of a deletion: as what follows the last version of the record."""
    return {
        "visit": content.visit,
        "number": content.versions[-1].number + 1,
        "authority": content.authority,
        "matter": content.matter,
        "region": content.region,
        "closed_at": content.closed_at,
        "sha256": sha256(sealed),
        "certificate": sealed,
        "adapter": adapter,
        "state": WAITING,
        "since": now,
        "attempts": 0,
        "next_attempt_at": now,
        "lease": "",
        "last_error": "",
        "receipt": "",
    }
