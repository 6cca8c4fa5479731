"""Holds, placed and lifted: decided in `rvw.domain.keeping`, written down in the audit log before anything is changed."""

from collections.abc import Callable, Collection

from rvw.clock import Clock, Instant
from rvw.domain.keeping import Hold, lift, place
from rvw.domain.people import Actor
from signaling.keeping.audit import Audit
from signaling.records.holds import Holds


class Holding:
    """What supervisors and operators do with holds."""

    def __init__(self, rows: Holds, audit: Audit, clock: Clock, new_id: Callable[[], str]) -> None:
        self._rows = rows
        self._audit = audit
        self._clock = clock
        self._new_id = new_id

    async def place(self, actor: Actor, visit: str, why: str, until: Instant | None = None) -> Hold:
        """Let nothing of a visit be deleted. Raises `NotAllowed`, `NotFound`, `InvalidInput`, and `NotPossible` if it is
        being deleted already."""
        now, authority = self._clock(), await self._rows.authority_of(visit)
        wanted = Hold(
            id=self._new_id(), visit=visit, authority=authority, by=actor.id, why=why.strip(), since=now, until=until
        )
        hold = place(wanted, actor, now)
        await self._audit.note(actor, "changed", visit, f"hold {hold.id}, placed")
        await self._rows.add(hold)
        return hold

    async def lift(self, actor: Actor, hold_id: str, why: str) -> Hold:
        """Let the rules hold again. Raises as `place`, and `Conflict` if somebody else has lifted it."""
        hold = lift(await self._rows.hold(hold_id), actor, why, self._clock())
        await self._audit.note(actor, "changed", hold.visit, f"hold {hold.id}, lifted")
        await self._rows.lift(hold)
        return hold

    async def of(self, authorities: Collection[str], visit: str = "") -> tuple[Hold, ...]:
        """Return holds, those that are over too, the newest first."""
        return await self._rows.of(authorities, visit)
