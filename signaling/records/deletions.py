"""Deletions as rows: which visits may be due, how far each deletion has come, and what SQL has of a visit, deleted.

A deletion is one process's at a time, by lease; who dies leaves it to the next. What it will certify is written down before
anything is deleted, because afterwards nobody knows it any more.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rvw.clock import Instant
from rvw.domain.catalogue.retention import Kind
from rvw.domain.certificate import Certificate
from rvw.domain.keeping import STEPS, Group, Kept, Step
from rvw.domain.task import Kind as TaskKind
from rvw.domain.task import TaskState
from signaling.records.database import Database
from signaling.records.deliveries import ACKNOWLEDGED, SUPERSEDED
from signaling.records.holds import held, one_at_a_time
from signaling.records.models import DeletionRow, DossierRow, NoticeRow, ParcelRow, RatingRow, RecordingRow, TaskRow
from signaling.records.notices import notice

PAGE: Final = 200
"""How many visits are looked at at a time."""

MAX_LISTED: Final = 500
"""How many deletions a list has, the newest first."""

CERTIFICATE: msgspec.json.Decoder[Certificate] = msgspec.json.Decoder(Certificate)


Place = tuple[Instant, str]
"""Where a page of candidates ends: the closing and the id of its last visit."""

START: Final[Place] = (0.0, "")


class Deletion(Struct, frozen=True):
    """One deletion."""

    step: Step
    content: Certificate
    """What is certified in the end."""
    certificate: bytes
    """Sealed; empty before."""
    done_at: Instant | None


class Deletions:
    """The rows. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def candidates(self, kind: Kind, group: Group, until: Instant, now: Instant, after: Place) -> Sequence[Kept]:
        """Return up to `PAGE` visits of the group's matters, closed after `after` and until `until`, the oldest first.

        Left out is of whom nothing of the kind is there, or is being deleted already.
        """
        row = DossierRow
        matters = row.matter.not_in(group.matters) if group.others else row.matter.in_(group.matters)
        which = (matters, row.number == 1, row.closed_at <= until, tuple_(row.closed_at, row.visit) > after)
        wanted = select(row.visit, row.authority, row.matter, row.closed_at, *_facts(now))
        wanted = wanted.where(*which, _there(kind), ~_begun(kind)).order_by(row.closed_at, row.visit).limit(PAGE)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).all()
        return [Kept(**dict(zip(Kept.__struct_fields__, one, strict=True))) for one in found]

    async def begin(self, content: Certificate, now: Instant, until: Instant) -> bool:
        """Begin a deletion, ours until then. Returns whether it is begun: not if another has, or a hold came in between."""
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        values = {
            "visit": content.visit, "kind": content.kind, "authority": content.authority, "step": STEPS[0], "begun_at": now,
            "content": msgspec.json.encode(content), "certificate": b"", "done_at": None, "leased_until": until,
        }  # fmt: skip
        async with self._database.writing() as connection:
            await one_at_a_time(self._database, connection)
            if (await connection.execute(select(held(content.visit, now)))).scalar():
                return False
            added = dialect_insert(DeletionRow).values(values).on_conflict_do_nothing().returning(DeletionRow.visit)
            return (await connection.execute(added)).first() is not None

    async def claim(self, now: Instant, until: Instant, limit: int = PAGE) -> tuple[Deletion, ...]:
        """Take over deletions that nobody is at any more."""
        row = DeletionRow
        left = select(row.visit, row.kind).where(row.done_at.is_(None), row.leased_until < now).limit(limit)
        async with self._database.writing() as connection:
            names = [tuple(one) for one in (await connection.execute(left.with_for_update(skip_locked=True))).all()]
            if not names:
                return ()
            which = tuple_(row.visit, row.kind).in_(names)
            await connection.execute(update(row).where(which).values(leased_until=until))
            return await _read(connection, which)

    async def advance(self, some: Sequence[Certificate], step: Step, until: Instant) -> None:
        """Write down that these have taken a step, and are ours for longer."""
        if some:
            async with self._database.writing() as connection:
                await connection.execute(update(DeletionRow).where(_these(some)).values(step=step, leased_until=until))

    async def certify(self, content: Certificate, sealed: bytes, now: Instant) -> None:
        """Keep the certificate."""
        values = {"step": "certified", "certificate": sealed, "leased_until": now}
        async with self._database.writing() as connection:
            await connection.execute(update(DeletionRow).where(_these([content])).values(values))

    async def finish(self, content: Certificate, now: Instant, adapter: str) -> None:
        """Nothing is left to do but to tell the case system, by that way, if it has been given the record."""
        dialect_insert = postgres_insert if self._database.locks_rows else sqlite_insert
        async with self._database.writing() as connection:
            await connection.execute(update(DeletionRow).where(_these([content])).values(step="done", done_at=now))
            if content.versions:
                sealed = (await connection.execute(select(DeletionRow.certificate).where(_these([content])))).scalar_one()
                told = dialect_insert(NoticeRow).values(notice(content, sealed, adapter, now))
                await connection.execute(told.on_conflict_do_nothing())

    async def erase(self, visit: str, kind: Kind) -> None:
        """Delete what SQL has of this kind; the record of a visit with everything beside it."""
        async with self._database.writing() as connection:
            for statement in _erasing(visit, kind):
                await connection.execute(statement)

    async def counts(self, visit: str) -> tuple[int, bool]:
        """Return how many tasks a visit has, and whether it was rated."""
        tasks = select(func.count()).select_from(TaskRow).where(TaskRow.visit == visit)
        async with self._database.reading() as connection:
            rated = (await connection.execute(select(RatingRow.visit).where(RatingRow.visit == visit))).first()
            return int((await connection.execute(tasks)).scalar_one()), rated is not None

    async def find(self, visit: str, kind: Kind) -> Deletion | None:
        """Return one deletion."""
        async with self._database.reading() as connection:
            found = await _read(connection, (DeletionRow.visit == visit) & (DeletionRow.kind == kind))
        return found[0] if found else None

    async def of(self, authorities: Collection[str]) -> tuple[Deletion, ...]:
        """Return the last deletions of these authorities' records, the newest first."""
        async with self._database.reading() as connection:
            return await _read(connection, DeletionRow.authority.in_(authorities))

    async def last_of(self, kind: Kind) -> Instant:
        """Return when something of this kind was deleted last; 0 if never."""
        wanted = select(func.max(DeletionRow.done_at)).where(DeletionRow.kind == kind)
        async with self._database.reading() as connection:
            return (await connection.execute(wanted)).scalar() or 0.0

    async def gone_since(self, since: Instant) -> tuple[tuple[str, Instant], ...]:
        """Return the visits of which something has been deleted since, and when."""
        row = DeletionRow
        wanted = select(row.visit, row.done_at).where(row.done_at > since).order_by(row.done_at).limit(PAGE)
        async with self._database.reading() as connection:
            return tuple((visit, at or since) for visit, at in (await connection.execute(wanted)).all())


def _facts(now: Instant) -> tuple[ColumnElement[Any], ...]:
    """Return what `Kept` says beside the row itself: whether it is held, has arrived, and how many tasks are open."""
    visit = DossierRow.visit
    parcel, task = ParcelRow, TaskRow
    under_way = exists().where(parcel.visit == visit, parcel.state.not_in((ACKNOWLEDGED, SUPERSEDED)))
    open_tasks = select(func.count()).where(task.visit == visit, task.state != TaskState.DONE.value)
    return held(visit, now), ~under_way, open_tasks.correlate(DossierRow).scalar_subquery()


def _there(kind: Kind) -> ColumnElement[bool]:
    visit = DossierRow.visit
    match kind:
        case "recording":
            return exists().where(RecordingRow.visit == visit)
        case "rating":
            return exists().where(RatingRow.visit == visit)
        case "tasks":
            return exists().where(TaskRow.visit == visit)
        case _:
            return exists().where(DossierRow.visit == visit)


def _begun(kind: Kind) -> ColumnElement[bool]:
    """Tell whether this, or everything, is being deleted or gone; and of everything, whether a part is on its way."""
    row = DeletionRow
    same = row.kind.in_((kind, "dossier"))
    return exists().where(row.visit == DossierRow.visit, or_(same, row.done_at.is_(None)) if kind == "dossier" else same)


def _these(some: Sequence[Certificate]) -> ColumnElement[bool]:
    return tuple_(DeletionRow.visit, DeletionRow.kind).in_([(one.visit, one.kind) for one in some])


def _erasing(visit: str, kind: Kind) -> list[Any]:
    rating = [
        delete(RatingRow).where(RatingRow.visit == visit),
        delete(TaskRow).where(TaskRow.visit == visit, TaskRow.kind == TaskKind.LOW_RATING.value),
    ]
    match kind:
        case "recording":
            return [delete(RecordingRow).where(RecordingRow.visit == visit)]
        case "rating":
            return rating
        case "tasks":
            return [delete(TaskRow).where(TaskRow.visit == visit)]
        case "papers":
            return []
        case "dossier":
            rows = (ParcelRow, DossierRow, TaskRow, RecordingRow)
            return [*rating, *(delete(row).where(row.visit == visit) for row in rows)]


async def _read(connection: AsyncConnection, which: ColumnElement[bool]) -> tuple[Deletion, ...]:
    row = DeletionRow
    wanted = select(row.step, row.content, row.certificate, row.done_at).where(which)
    found = await connection.execute(wanted.order_by(row.begun_at.desc(), row.visit, row.kind).limit(MAX_LISTED))
    return tuple(Deletion(step, CERTIFICATE.decode(content), sealed, at) for step, content, sealed, at in found)  # type: ignore[arg-type]
