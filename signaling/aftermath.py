"""What follows from a visit that is over: a rating counted, and the tasks of what was not good enough.

Called by filing, for every closed visit that waits on its list, before the visit leaves the list: after a crash it is
called again, and each step is done once. So nothing that could not be done is lost between the ledger and SQL.
"""

from collections.abc import Callable

from rvw.clock import Clock
from rvw.domain.catalogue import Catalogue
from rvw.domain.catalogue.working import end_of_working_day
from rvw.domain.rating import LOW, Rating
from rvw.domain.task import Kind, Owed
from rvw.domain.visit import Visit
from rvw.settings import Tasks as Limits
from signaling.ledger import Ledger
from signaling.records.ratings import Ratings
from signaling.worklist import Worklist

COULD_NOT = frozenset({"done", "supervisor", "unwrapped"})
"""How a visit ended that was answered and not resolved; who was promised something has another task."""


class Aftermath:
    """Makes what follows from visits that are over, once each."""

    def __init__(
        self,
        ledger: Ledger,
        ratings: Ratings,
        worklist: Worklist,
        catalogue: Callable[[], Catalogue],
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._ratings = ratings
        self._worklist = worklist
        self._catalogue = catalogue
        self._limits = limits
        self._clock = clock

    async def settle(self, visit: Visit, number: str = "") -> bool:
        """Make what follows; tell whether somebody rings the resident. `number` is where. Raises `Unavailable`."""
        rating = await self._ledger.rating(visit.id)
        there = {task.kind for task in await self._worklist.of_visit(visit.id)}
        low = rating.given is not None and rating.given.level in LOW
        if rating.given is not None:
            await self._ratings.keep(rating)
        if low and Kind.LOW_RATING not in there:
            await self._worklist.add(self._low(visit, rating), number=number, key=f"{Kind.LOW_RATING}/{visit.id}")
        if low and number:  # filing may have been faster, and knows no number
            await self._worklist.ring_at(f"{Kind.LOW_RATING}/{visit.id}", number)
        if self._could_not(visit) and Kind.UNRESOLVED not in there:
            await self._worklist.add(self._unresolved(visit), key=f"{Kind.UNRESOLVED}/{visit.id}")
        if visit.question and Kind.KNOWLEDGE not in there:
            await self._worklist.add(self._question(visit), key=f"{Kind.KNOWLEDGE}/{visit.id}")
        return low

    def _could_not(self, visit: Visit) -> bool:
        return visit.outcome == "unresolved" and visit.close_reason in COULD_NOT

    def _low(self, visit: Visit, rating: Rating) -> Owed:
        assert rating.given is not None  # noqa: S101 - asked of those that have been given
        said = f"{rating.given.level} {' '.join(rating.given.tags)}".strip()
        text = f"{said}\n{rating.given.text}" if rating.given.text else said
        return self._owed(Kind.LOW_RATING, visit, text, self._limits.mend_days)

    def _unresolved(self, visit: Visit) -> Owed:
        text = visit.next_step or visit.note or visit.question
        return self._owed(Kind.UNRESOLVED, visit, text, self._limits.unresolved_soon_days)

    def _question(self, visit: Visit) -> Owed:
        return self._owed(Kind.KNOWLEDGE, visit, visit.question, self._limits.knowledge_days)

    def _owed(self, kind: Kind, visit: Visit, text: str, days: int) -> Owed:
        return Owed(
            kind=kind,
            authority=visit.authority,
            desk=visit.desk or visit.desks[0],
            subject=visit.matter,
            visit=visit.id,
            ticket=visit.ticket,
            language=visit.language,
            text=text,
            stage="" if kind is Kind.KNOWLEDGE else "dispatched",
            urgency="soon" if kind is Kind.UNRESOLVED else "",
            deadline=end_of_working_day(self._catalogue().days, self._clock(), days),
        )
