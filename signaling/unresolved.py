"""办不成事: noted from any point, by any party, with until when it is to be done; followed up as a task.

The task is written first, then the visit's event: a crash in between leaves the task, and nothing is lost.
"""

from collections.abc import Callable

from rvw.clock import Clock
from rvw.domain import policy
from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.working import end_of_working_day
from rvw.domain.commands import NoteUnresolved
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.task import Kind, Owed, Task
from rvw.domain.visit import Visit
from rvw.errors import NotFound, TooMany
from rvw.protocol.endings import UnresolvedTaken, UnresolvedWish
from rvw.settings import Tasks as Limits
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.office import Office
from signaling.worklist import Worklist

PER_MINUTE = 5
"""So many may be noted at one page: nobody fails at more things."""


class Unresolved:
    """Notes what could not be done."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        worklist: Worklist,
        catalogue: Callable[[], Catalogue],
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._worklist = worklist
        self._catalogue = catalogue
        self._limits = limits
        self._clock = clock
        self._per_actor = Buckets(burst=PER_MINUTE, per_s=PER_MINUTE / 60)

    async def note(self, actor: Actor, wish: UnresolvedWish) -> UnresolvedTaken:
        """Make the task, and tell it in the visit. A repeated `ref` finds the one that is there.

        Raises `NotFound` for a visit that the actor does not see, `TooMany` beyond `PER_MINUTE`.
        """
        visit = await self._visit(actor, wish.visit) if wish.visit else None
        key = f"{Kind.UNRESOLVED}/{actor.id}/{wish.ref}"
        task = await self._worklist.of_key(key)
        if task is None:
            if not self._per_actor.take(actor.id, self._clock()):
                raise TooMany("wait a minute before the next one")
            made = await self._worklist.add(self._owed(actor, wish, visit), actor, wish.number, key=key)
            task = made or await self._made(key)
        if visit is not None and task.id not in visit.unresolved:
            noted = NoteUnresolved(task.id, wish.urgency, actor.role, wish.what)
            await self._office.perform(SYSTEM, noted, visit.id)
        return UnresolvedTaken(task.id, task.deadline)

    async def _made(self, key: str) -> Task:
        """Return the task that somebody else, or an earlier try, has just made."""
        task = await self._worklist.of_key(key)
        if task is None:
            raise NotFound("it was noted, and is done already")
        return task

    async def _visit(self, actor: Actor, visit_id: str) -> Visit:
        visit = await self._ledger.visit(visit_id)
        if not policy.may_see(actor, visit):
            raise NotFound("there is no such visit")
        return visit

    def _owed(self, actor: Actor, wish: UnresolvedWish, visit: Visit | None) -> Owed:
        days = {
            "at_once": self._limits.unresolved_at_once_days,
            "soon": self._limits.unresolved_soon_days,
            "long": self._limits.unresolved_long_days,
        }[wish.urgency]
        desk = (visit.desk or visit.desks[0]) if visit else ""
        return Owed(
            kind=Kind.UNRESOLVED,
            authority=visit.authority if visit else actor.authority,
            desk=desk,
            subject=visit.matter if visit else "",
            visit=visit.id if visit else "",
            ticket=visit.ticket if visit else "",
            language=visit.language if visit else "zh",
            name=wish.name.strip(),
            text="\n".join(one.strip() for one in (wish.what, wish.why) if one.strip()),
            stage="dispatched" if desk else "noted",
            urgency=wish.urgency,
            deadline=end_of_working_day(self._catalogue().days, self._clock(), days),
        )
