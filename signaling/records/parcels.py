"""The versions of records on their way to the case system: one after another, each encrypted under the key of its visit."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import aliased

from signaling.keeping.visit_keys import VisitKeys, unseal
from signaling.records.database import Database
from signaling.records.deliveries import DEAD, REFUSED, WAITING, Claim, Deliveries
from signaling.records.models import DossierRow, ParcelRow

_BEFORE_THE_NEXT: Final = (WAITING, REFUSED, DEAD)
"""While a version is in one of these, later versions of the same visit wait."""


class Parcels(Deliveries):
    """The rows."""

    what = "dossier"

    def __init__(self, database: Database, keys: VisitKeys) -> None:
        super().__init__(database, ParcelRow)
        self._keys = keys

    def _contents(self) -> Select[Any]:
        row, record = ParcelRow, DossierRow
        columns = (record.authority, record.matter, record.region, record.closed_at, record.sha256, record.dossier)
        same = and_(record.visit == row.visit, record.number == row.number)
        return select(*self._mine(), *columns, record.encrypted).join(record, same)

    async def _claims(self, rows: Sequence[Any]) -> tuple[Claim, ...]:
        found = await self._keys.many([one.visit for one in rows if one.encrypted])
        return tuple(_claim(one, found) for one in rows if not one.encrypted or one.visit in found)

    def _has_one_before(self) -> ColumnElement[bool]:
        row, before = ParcelRow, aliased(ParcelRow)
        earlier = (before.visit == row.visit, before.number < row.number, before.state.in_(_BEFORE_THE_NEXT))
        return exists().where(*earlier).correlate(row)

    def _of(self, authorities: Collection[str]) -> ColumnElement[bool]:
        record = DossierRow
        return ParcelRow.visit.in_(select(record.visit).where(record.authority.in_(authorities)))


def _claim(row: Any, keys: Mapping[str, bytes]) -> Claim:
    fields: dict[str, Any] = dict(zip(Claim.__struct_fields__[:-1], row, strict=False))
    if row.encrypted and row.dossier:
        fields["content"] = unseal(keys[row.visit], place_of(row.visit, row.number, "dossier"), row.dossier)
    return Claim(**fields)


def place_of(visit: str, number: int, column: str) -> str:
    """Return for which place a part of a dossier is encrypted: it is not readable in another one."""
    return f"dossiers/{visit}/{number}/{column}"
