"""What follows from a visit's change outside the ledger: bindings at a media worker. Nothing here can undo an event.

A visit lives on one media node: that of its officer. A participant who is connected elsewhere is asked to rejoin there.
"""

import structlog

from rvw.domain.effects import routes
from rvw.domain.people import Role
from rvw.domain.visit import State, Visit
from rvw.errors import NotFound, Unavailable
from signaling.board import SharedBoard
from signaling.ledger import Ledger
from signaling.media_client import MediaWorkers, Room

log = structlog.get_logger()


class Bindings:
    """Keeps the media workers' rooms as the visits demand."""

    def __init__(self, board: SharedBoard, ledger: Ledger) -> None:
        self._board = board
        self._ledger = ledger
        self.media: MediaWorkers

    async def follow(self, before: Visit | None, after: Visit) -> None:
        """Bind when who sees and hears whom has changed. Never raises: what fails is tried again by the worker's client."""
        if routes(before) == routes(after):
            return
        try:
            await self.apply(after)
        except Unavailable as error:
            log.warning("bindings wait", visit=after.id, reason=str(error))

    async def apply(self, visit: Visit) -> None:
        """Send the visit's bindings to its node, whatever was sent before."""
        node = await self.node(visit)
        worker = self.media.workers.get(node)
        if worker is not None:
            await worker.bind(Room(visit.id, visit.version, routes(visit)))

    async def node(self, visit: Visit) -> str:
        """Return the media node of the visit: its officer's, else its resident's; empty when nobody has joined."""
        ranked = sorted(visit.participants, key=lambda p: (p.role is not Role.OFFICER, p.seat))
        nodes = await self._board.nodes([p.actor for p in ranked])
        return next((nodes[p.actor] for p in ranked if p.actor in nodes), "")

    async def rooms_of(self, url: str) -> list[Room]:
        """Return the rooms of every live visit whose node is `url`."""
        found = []
        for line in (await self._board.rows()).lines.values():
            if line.state is State.LIVE:
                try:
                    visit = await self._ledger.visit(line.id)
                except NotFound:
                    continue
                if await self.node(visit) == url:
                    found.append(Room(visit.id, visit.version, routes(visit)))
        return found
