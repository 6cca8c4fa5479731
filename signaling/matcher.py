"""Offers waiting visits to free officers: `route` proposes, the office appends, and a conflict means to look again.

Offers are made several at a time: each waits for the disk, and the disk takes several at once. The board follows the
log, so it shows an offer a moment after it was made; until it does, the same offer is not made again.
"""

from asyncio import Event, TaskGroup, wait_for
from collections.abc import Callable, Iterator, Sequence

import structlog

from rvw.clock import Clock
from rvw.domain.board import Board, Line
from rvw.domain.catalogue import Catalogue
from rvw.domain.commands import Offer
from rvw.domain.people import SYSTEM
from rvw.domain.routing import Proposal, route
from rvw.domain.shift import Shift
from rvw.errors import RvwError, Unavailable
from signaling.ledger import Entry
from signaling.office import Office

log = structlog.get_logger()

LONGEST_PAUSE_S = 5.0
"""The matcher looks at least so often, should a wake-up ever be missed."""

SHORTEST_PAUSE_S = 0.05
"""How long it waits for the board when all it could do is done."""

CONCURRENT_OFFERS = 32
"""How many offers are on their way to Redis at a time."""


class Matcher:
    """One owned task. Every process runs one: the ledger decides who was first."""

    def __init__(self, office: Office, board: Board, catalogue: Callable[[], Catalogue], clock: Clock) -> None:
        self._office = office
        self._board = board
        self._catalogue = catalogue
        self._clock = clock
        self._changed = Event()
        self._tried: dict[str, tuple[Line, Shift]] = {}
        """The rows from which each offer of the last look was made: at most `MAX_OFFERS`."""

    def watch(self, _entry: Entry) -> None:
        """Look again: the board has changed."""
        self._changed.set()

    def look_again(self) -> None:
        """Look again: the catalogue has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Match until cancelled."""
        while True:
            self._changed.clear()
            pause = await self.look()
            try:
                await wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue

    async def look(self) -> float:
        """Make the offers that are due now, and return after how many seconds to look again if nothing happens."""
        plan = route(self._board, self._catalogue().desks, self._clock())
        tried, self._tried = self._tried, {one.visit: self._rows(one) for one in plan.proposals}
        fresh = [one for one in plan.proposals if not _same(tried.get(one.visit), self._tried[one.visit])]
        await self._make(fresh)
        pause = min(max(0.0, plan.wake_at - self._clock()), LONGEST_PAUSE_S)
        return pause if fresh else max(pause, SHORTEST_PAUSE_S)

    def _rows(self, one: Proposal) -> tuple[Line, Shift]:
        return self._board.lines[one.visit], self._board.shifts[one.officer]

    async def _make(self, proposals: Sequence[Proposal]) -> None:
        left = iter(proposals)
        async with TaskGroup() as tasks:
            for _ in range(min(CONCURRENT_OFFERS, len(proposals))):
                tasks.create_task(self._offers(left))

    async def _offers(self, left: Iterator[Proposal]) -> None:
        for one in left:
            await self._offer(one.visit, Offer(one.officer, one.desk))

    async def _offer(self, visit: str, offer: Offer) -> None:
        try:
            await self._office.perform(SYSTEM, offer, visit)
        except Unavailable as error:
            self._tried.pop(visit, None)
            log.warning("matching waits", reason=str(error))
        except RvwError as error:
            log.debug("offer not made", visit=visit, code=error.code)


def _same(before: tuple[Line, Shift] | None, now: tuple[Line, Shift]) -> bool:
    """Tell whether nothing has come of these two rows since: then the log is still on its way here."""
    return before is not None and before[0] is now[0] and before[1] is now[1]
