"""What is on its way to the case system, as rows that one process at a time may claim: versions of records, deletions.

A claim is a lease: it moves the moment the row is next due to the end of the lease and leaves a token in the row. Whoever
dies gives the row back by doing nothing; whoever comes too late holds a token that is worth nothing any more. This file
knows no receiver and no back-off: `signaling.handover.outbox` decides, this remembers.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_, update

from rvw.clock import Instant
from rvw.errors import NotFound
from signaling.records.database import Database
from signaling.records.models import Delivery

What = Literal["dossier", "deletion"]
"""A version of a record, or the certificate that nothing is left of one."""

WAITING: Final = "waiting"
"""Not delivered yet."""
DELIVERED: Final = "delivered"
"""The case system has given a receipt; the visit has not been told."""
ACKNOWLEDGED: Final = "acknowledged"
"""The visit has its receipt: nothing is left to do."""
REFUSED: Final = "refused"
"""The case system says that it will never take it: somebody has to look, and send it again."""
DEAD: Final = "dead"
"""It could not be delivered for so long that it is given up: somebody has to look, and send it again."""
SUPERSEDED: Final = "superseded"
"""Its content was removed by law before it was delivered: the next version goes instead."""

STATES: Final = (WAITING, DELIVERED, ACKNOWLEDGED, REFUSED, DEAD, SUPERSEDED)

PULL: Final = "pull"
"""The way of case systems that fetch: such a parcel waits to be asked for."""

_STUCK = (REFUSED, DEAD)
_MAX_ERROR = 200


class Claim(Struct, frozen=True):
    """A parcel that is ours until the lease ends."""

    visit: str
    number: int
    adapter: str
    since: Instant
    """When it began to wait."""
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
    content: bytes
    """What is delivered: a sealed dossier, or a certificate."""
    what: What = "dossier"


class Progress(Struct, frozen=True):
    """Where a parcel is."""

    visit: str
    number: int
    adapter: str
    state: str
    since: Instant
    attempts: int
    next_attempt_at: Instant
    last_error: str
    receipt: str
    delivered_at: Instant | None
    acknowledged_at: Instant | None


class Deliveries(ABC):
    """The rows of one table of the outbox. All methods raise `Unavailable`."""

    what: What

    def __init__(self, database: Database, row: type[Delivery]) -> None:
        self._database = database
        self._row = row

    @abstractmethod
    def _contents(self) -> Select[Any]:
        """Return what reads rows as `_claims` takes them: `_mine`, and what is delivered."""

    @abstractmethod
    async def _claims(self, rows: Sequence[Any]) -> tuple[Claim, ...]:
        """Return these rows as claims."""

    @abstractmethod
    def _of(self, authorities: Collection[str]) -> ColumnElement[bool]:
        """Tell which rows are of these authorities."""

    def _has_one_before(self) -> ColumnElement[bool]:
        """Tell which rows wait for another one."""
        return false()

    def _mine(self) -> tuple[Any, ...]:
        row = self._row
        return row.visit, row.number, row.adapter, row.since, row.lease, row.attempts - 1, row.receipt

    def _progress(self) -> Select[Any]:
        return select(*(getattr(self._row, name) for name in Progress.__struct_fields__))

    async def claim(self, lease: str, until: Instant, limit: int, now: Instant) -> tuple[Claim, ...]:
        """Take up to `limit` parcels that are due, the longest due first, until `until`.

        No two claimers get the same one while the lease lasts, and no version goes before the one before it has arrived.
        """
        row = self._row
        due = select(row.visit, row.number).where(self._open(), row.next_attempt_at <= now)
        due = due.order_by(row.next_attempt_at, row.visit, row.number).limit(limit).with_for_update(skip_locked=True)
        async with self._database.writing() as connection:
            keys = [(visit, number) for visit, number in await connection.execute(due)]
            if not keys:
                return ()
            which = tuple_(row.visit, row.number).in_(keys)
            taken = update(row).where(which)
            await connection.execute(taken.values(lease=lease, next_attempt_at=until, attempts=row.attempts + 1))
            wanted = self._contents().where(which).order_by(row.visit, row.number)
            rows = (await connection.execute(wanted)).all()
        return await self._claims(rows)

    async def next_due(self) -> Instant | None:
        """Return when the next parcel is due; `None` if none is open."""
        async with self._database.reading() as connection:
            wanted = select(func.min(self._row.next_attempt_at)).where(self._open())
            due: Instant | None = (await connection.execute(wanted)).scalar_one()
            return due

    async def delivered(self, claim: Claim, receipt: str, now: Instant) -> bool:
        """Keep the receipt. Returns whether the lease was still ours; if not, nothing has changed."""
        return await self._settle(claim, _taken(receipt, now))

    async def acknowledged(self, claim: Claim, now: Instant) -> bool:
        """Note that the visit has its receipt. Returns whether the lease was still ours."""
        return await self._settle(claim, {"state": ACKNOWLEDGED, "acknowledged_at": now, "lease": "", "last_error": ""})

    async def refused(self, claim: Claim, error: str) -> bool:
        """Note that it will never be taken. Returns whether the lease was still ours."""
        return await self._settle(claim, {"state": REFUSED, "lease": "", "last_error": error[:_MAX_ERROR]})

    async def given_up(self, claim: Claim, error: str) -> bool:
        """Note that it has been tried for too long. Returns whether the lease was still ours."""
        return await self._settle(claim, {"state": DEAD, "lease": "", "last_error": error[:_MAX_ERROR]})

    async def postponed(self, claim: Claim, error: str, until: Instant) -> bool:
        """Give it back, to be tried again from `until` on. Returns whether the lease was still ours."""
        values = {"next_attempt_at": until, "lease": "", "last_error": error[:_MAX_ERROR]}
        return await self._settle(claim, values)

    async def send_again(self, visit: str, now: Instant, number: int = 1, authorities: Collection[str] = ()) -> None:
        """Make a refused or dead parcel due, with as much time as a new one; of these authorities, if any are named.

        Raises `NotFound` if there is no such parcel.
        """
        row = self._row
        again = update(row).where(row.visit == visit, row.number == number, row.state.in_(_STUCK))
        if authorities:
            again = again.where(self._of(authorities))
        async with self._database.writing() as connection:
            done = await connection.execute(again.values(state=WAITING, attempts=0, next_attempt_at=now, since=now))
            if done.rowcount == 0:
                raise NotFound("this visit has no record that is refused or given up")

    async def stuck(self, authorities: Collection[str], limit: int) -> tuple[Progress, ...]:
        """Return the parcels of these authorities that somebody has to look at, the longest waiting first."""
        row = self._row
        wanted = self._progress().where(row.state.in_(_STUCK), self._of(authorities))
        async with self._database.reading() as connection:
            found = await connection.execute(wanted.order_by(row.since, row.visit, row.number).limit(limit))
            return tuple(Progress(*one) for one in found)

    async def to_fetch(self, limit: int) -> tuple[Progress, ...]:
        """Return the parcels that wait to be fetched, the longest waiting first; of each visit the first version only."""
        row = self._row
        wanted = self._progress().where(row.state == WAITING, row.adapter == PULL, ~self._has_one_before())
        async with self._database.reading() as connection:
            found = await connection.execute(wanted.order_by(row.since, row.visit, row.number).limit(limit))
            return tuple(Progress(*one) for one in found)

    async def fetched(self, visit: str, number: int, receipt: str, now: Instant) -> str:
        """Keep the receipt of a parcel that was fetched; return it, or the one that it has already.

        Raises `NotFound` if there is no such parcel to fetch, or a version before it has not been fetched.
        """
        row = self._row
        which = (row.visit == visit, row.number == number, row.adapter == PULL)
        taken = update(row).where(*which, row.state == WAITING, ~self._has_one_before())
        async with self._database.writing() as connection:
            done = await connection.execute(taken.values({**_taken(receipt, now), "next_attempt_at": now}))
            if done.rowcount:
                return receipt
            known = (await connection.execute(select(row.receipt).where(*which, row.receipt != ""))).scalar()
            if known is None:
                raise NotFound("there is no such record to fetch, or an earlier version of it has not been fetched")
            return str(known)

    async def progress(self, visit: str, number: int = 1) -> Progress | None:
        """Return where a parcel of a visit is, if it has one."""
        wanted = self._progress().where(self._row.visit == visit, self._row.number == number)
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).first()
            return None if found is None else Progress(*found)

    async def count(self) -> dict[str, int]:
        """Return how many parcels are in each state."""
        wanted = select(self._row.state, func.count()).group_by(self._row.state)
        async with self._database.reading() as connection:
            found = {state: number for state, number in await connection.execute(wanted)}
        return {state: found.get(state, 0) for state in STATES}

    async def _settle(self, claim: Claim, values: dict[str, object]) -> bool:
        row = self._row
        ours = update(row).where(row.visit == claim.visit, row.number == claim.number, row.lease == claim.lease)
        async with self._database.writing() as connection:
            return (await connection.execute(ours.values(values))).rowcount == 1

    def _open(self) -> ColumnElement[bool]:
        """Tell what the outbox has to do with: what it may deliver now, and receipts that the visit must be told."""
        row = self._row
        return or_(row.state == DELIVERED, and_(row.state == WAITING, row.adapter != PULL, ~self._has_one_before()))


def _taken(receipt: str, now: Instant) -> dict[str, object]:
    return {"state": DELIVERED, "receipt": receipt, "delivered_at": now, "attempts": 0, "last_error": ""}
