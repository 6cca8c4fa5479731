"""Records on their way to the case system, as rows that one process at a time may claim.

A claim is a lease: it moves the moment the row is next due to the end of the lease and leaves a token in the row. Whoever
dies gives the row back by doing nothing; whoever comes too late holds a token that is worth nothing any more. This file
knows no receiver and no back-off: `signaling.handover.outbox` decides, this remembers.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import func, select, update

from rvw.clock import Instant
from rvw.errors import NotFound
from signaling.records.database import Database
from signaling.records.models import ParcelRow, RecordRow

WAITING: Final = "waiting"
"""Not delivered yet."""
DELIVERED: Final = "delivered"
"""The case system has given a receipt; the visit has not been told."""
ACKNOWLEDGED: Final = "acknowledged"
"""The visit has its receipt: nothing is left to do."""
REFUSED: Final = "refused"
"""The case system says that it will never take it: somebody has to look, and send it again."""

_OPEN = (WAITING, DELIVERED)
_MAX_ERROR = 200


class Claim(Struct, frozen=True):
    """A parcel that is ours until the lease ends."""

    visit: str
    lease: str
    attempts: int
    """How often it has been claimed before, in its present state."""
    receipt: str
    """Empty while it is waiting."""
    authority: str
    matter: str
    region: str
    closed_at: Instant
    sha256: str
    dossier: bytes


class Progress(Struct, frozen=True):
    """Where a parcel is."""

    visit: str
    state: str
    attempts: int
    next_attempt_at: Instant
    last_error: str
    receipt: str
    delivered_at: Instant | None
    acknowledged_at: Instant | None


class Parcels:
    """The rows of the outbox. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, lease: str, until: Instant, limit: int, now: Instant) -> tuple[Claim, ...]:
        """Take up to `limit` parcels that are due, the longest due first, until `until`.

        No two claimers get the same one while the lease lasts.
        """
        row = ParcelRow
        due = select(row.visit).where(row.state.in_(_OPEN), row.next_attempt_at <= now)
        due = due.order_by(row.next_attempt_at, row.visit).limit(limit).with_for_update(skip_locked=True)
        async with self._database.writing() as connection:
            visits = (await connection.execute(due)).scalars().all()
            if not visits:
                return ()
            taken = update(row).where(row.visit.in_(visits))
            await connection.execute(taken.values(lease=lease, next_attempt_at=until, attempts=row.attempts + 1))
            record = RecordRow
            columns = (record.authority, record.matter, record.region, record.closed_at, record.sha256, record.dossier)
            claims = select(row.visit, row.lease, row.attempts - 1, row.receipt, *columns)
            claims = claims.join(record, record.visit == row.visit).where(row.visit.in_(visits)).order_by(row.visit)
            rows: Sequence[Any] = (await connection.execute(claims)).all()
            return tuple(Claim(*row) for row in rows)

    async def next_due(self) -> Instant | None:
        """Return when the next parcel is due; `None` if none is open."""
        async with self._database.reading() as connection:
            wanted = select(func.min(ParcelRow.next_attempt_at)).where(ParcelRow.state.in_(_OPEN))
            due: Instant | None = (await connection.execute(wanted)).scalar_one()
            return due

    async def delivered(self, claim: Claim, receipt: str, now: Instant) -> bool:
        """Keep the receipt. Returns whether the lease was still ours; if not, nothing has changed."""
        values = {"state": DELIVERED, "receipt": receipt, "delivered_at": now, "attempts": 0, "last_error": ""}
        return await self._settle(claim, values)

    async def acknowledged(self, claim: Claim, now: Instant) -> bool:
        """Note that the visit has its receipt. Returns whether the lease was still ours."""
        return await self._settle(claim, {"state": ACKNOWLEDGED, "acknowledged_at": now, "lease": "", "last_error": ""})

    async def refused(self, claim: Claim, error: str) -> bool:
        """Note that it will never be taken. Returns whether the lease was still ours."""
        return await self._settle(claim, {"state": REFUSED, "lease": "", "last_error": error[:_MAX_ERROR]})

    async def postponed(self, claim: Claim, error: str, until: Instant) -> bool:
        """Give it back, to be tried again from `until` on. Returns whether the lease was still ours."""
        values = {"next_attempt_at": until, "lease": "", "last_error": error[:_MAX_ERROR]}
        return await self._settle(claim, values)

    async def send_again(self, visit: str, now: Instant) -> None:
        """Make a refused parcel due. Raises `NotFound` if the visit has none that is refused."""
        row = ParcelRow
        again = update(row).where(row.visit == visit, row.state == REFUSED)
        async with self._database.writing() as connection:
            done = await connection.execute(again.values(state=WAITING, attempts=0, next_attempt_at=now))
            if done.rowcount == 0:
                raise NotFound("this visit has no refused record")

    async def progress(self, visit: str) -> Progress | None:
        """Return where the parcel of a visit is, if it has one."""
        row = ParcelRow
        columns = (row.visit, row.state, row.attempts, row.next_attempt_at, row.last_error, row.receipt)
        wanted = select(*columns, row.delivered_at, row.acknowledged_at).where(row.visit == visit)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).first()
            return None if found is None else Progress(*found)

    async def count(self) -> dict[str, int]:
        """Return how many parcels are in each state."""
        wanted = select(ParcelRow.state, func.count()).group_by(ParcelRow.state)
        async with self._database.reading() as connection:
            found = {state: number for state, number in await connection.execute(wanted)}
        return {state: found.get(state, 0) for state in (WAITING, DELIVERED, ACKNOWLEDGED, REFUSED)}

    async def _settle(self, claim: Claim, values: dict[str, object]) -> bool:
        row = ParcelRow
        ours = update(row).where(row.visit == claim.visit, row.lease == claim.lease)
        async with self._database.writing() as connection:
            return (await connection.execute(ours.values(values))).rowcount == 1
