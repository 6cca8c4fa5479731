"""Offers waiting visits to free officers: `route` proposes, the office appends, and a conflict means to look again."""

from asyncio import Event, wait_for

import structlog

from rvw.clock import Clock
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue
from rvw.domain.commands import Offer
from rvw.domain.people import SYSTEM
from rvw.domain.routing import route
from rvw.errors import RvwError, Unavailable
from signaling.ledger import Entry
from signaling.office import Office

log = structlog.get_logger()

LONGEST_PAUSE_S = 5.0
"""The matcher looks at least so often, should a wake-up ever be missed."""


class Matcher:
    """One owned task. Every process runs one: the ledger decides who was first."""

    def __init__(self, office: Office, board: Board, catalogue: Catalogue, clock: Clock) -> None:
        self._office = office
        self._board = board
        self._catalogue = catalogue
        self._clock = clock
        self._changed = Event()

    def watch(self, _entry: Entry) -> None:
        """Look again: the board has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Match until cancelled."""
        while True:
            self._changed.clear()
            plan = route(self._board, self._catalogue.desks, self._clock())
            for proposal in plan.proposals:
                await self._offer(proposal.visit, Offer(proposal.officer, proposal.desk))
            pause = min(max(0.0, plan.wake_at - self._clock()), LONGEST_PAUSE_S)
            try:
                await wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue

    async def _offer(self, visit: str, offer: Offer) -> None:
        try:
            await self._office.perform(SYSTEM, offer, visit)
        except Unavailable as error:
            log.warning("matching waits", reason=str(error))
        except RvwError as error:
            log.debug("offer not made", visit=visit, code=error.code)
