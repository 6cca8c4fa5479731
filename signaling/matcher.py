"""Offers waiting visits to free officers: `route` proposes, the office appends, and a conflict means to look again.

Offers are made several at a time: each waits for the disk, and the disk takes several at once. The board follows the
log, so it shows an offer a moment after it was made; until it does, the same offer is not made again.
"""

from asyncio import Event, TaskGroup, timeout
from collections.abc import Callable, Iterator

import structlog

from rvw.clock import Clock
from rvw.domain.board import Board, Line
from rvw.domain.catalogue import Catalogue
from rvw.domain.chains import Chains
from rvw.domain.commands import Ask, Offer
from rvw.domain.people import SYSTEM
from rvw.domain.routing import NEVER, Proposal, route
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
        self._chains = Chains()
        self._changed = Event()
        self._tried: dict[str, tuple[Line, Shift]] = {}
        """The rows from which each offer of the last look was made: at most `MAX_OFFERS`."""

    def watch(self, entry: Entry) -> None:
        """Look again, if the board has changed."""
        if entry.settled:
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
                async with timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def look(self) -> float:
        """Make the offers that are due now, and return after how many seconds to look again if nothing happens."""
        await self._ask()
        plan = route(self._board, self._catalogue(), self._clock())
        tried, self._tried = self._tried, {one.visit: self._rows(one) for one in plan.proposals}
        fresh = [one for one in plan.proposals if not _same(tried.get(one.visit), self._tried[one.visit])]
        await self._make(((one.visit, Offer(one.officer, one.desk, one.reason)) for one in fresh), len(fresh))
        now = self._clock()
        pause = min(max(0.0, min(plan.wake_at, self._board.next_turn(now) or NEVER) - now), LONGEST_PAUSE_S)
        return pause if fresh else max(pause, SHORTEST_PAUSE_S)

    async def _ask(self) -> None:
        """Ask the further desks that are due. What cannot be written now is due again at the next look at everybody."""
        steps = self._chains.due(self._board, self._catalogue(), self._clock())
        left = iter([(one.visit, Ask(one.desk, one.passed)) for one in steps])
        await self._make(left, len(steps))

    def _rows(self, one: Proposal) -> tuple[Line, Shift]:
        return self._board.lines[one.visit], self._board.shifts[one.officer]

    async def _make(self, commands: Iterator[tuple[str, Ask | Offer]], count: int) -> None:
        async with TaskGroup() as tasks:
            for _ in range(min(CONCURRENT_OFFERS, count)):
                tasks.create_task(self._perform_all(commands))

    async def _perform_all(self, commands: Iterator[tuple[str, Ask | Offer]]) -> None:
        for visit, command in commands:
            await self._perform(visit, command)

    async def _perform(self, visit: str, command: Ask | Offer) -> None:
        try:
            await self._office.perform(SYSTEM, command, visit)
        except Unavailable as error:
            self._tried.pop(visit, None)
            log.warning("matching waits", reason=str(error))
        except RvwError as error:
            log.debug("not done", visit=visit, code=error.code)


def _same(before: tuple[Line, Shift] | None, now: tuple[Line, Shift]) -> bool:
    """Tell whether nothing has come of these two rows since: then the log is still on its way here."""
    return before is not None and before[0] is now[0] and before[1] is now[1]
