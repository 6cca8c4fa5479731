"""What follows from a visit's change outside the ledger: bindings at a media worker. Nothing here can undo an event.

A visit that is live has one room, at one media node; where is written down by whoever needs it first, and holds until the
room ends or the node is gone. A participant who is connected elsewhere is asked to rejoin there.
"""

from collections.abc import Callable

import structlog

from rvw.domain.effects import routes
from rvw.domain.people import Role
from rvw.domain.recording import recorded
from rvw.domain.visit import State, Visit
from rvw.errors import NotFound, Unavailable
from signaling.board import SharedBoard
from signaling.ledger import Ledger
from signaling.media_client import MediaWorkers, Room, Worker

log = structlog.get_logger()


class Bindings:
    """Keeps the media workers' rooms as the visits demand."""

    def __init__(self, board: SharedBoard, ledger: Ledger, key_of: Callable[[str], str]) -> None:
        """`key_of` returns the key under which what is recorded of a visit is written."""
        self._board = board
        self._ledger = ledger
        self._key_of = key_of
        self.media: MediaWorkers

    async def follow(self, before: Visit | None, after: Visit) -> None:
        """Bind when who sees and hears whom, or who is recorded, has changed.

        Never raises: what fails is tried again by the worker's client.
        """
        if (routes(before), recorded(before)) == (routes(after), recorded(after)):
            return
        try:
            await self.apply(after)
        except Unavailable as error:
            log.warning("bindings wait", visit=after.id, reason=str(error))

    async def apply(self, visit: Visit) -> None:
        """Send the visit's bindings to its node, whatever was sent before. No bindings end the room there."""
        if routes(visit):
            await (await self.room(visit)).bind(self._room(visit))
            return
        worker = self.media.at(await self._board.room(visit.id))
        if worker is not None:
            await worker.bind(Room(visit.id, visit.version, ()))
        await self._board.forget_room(visit.id)

    async def room(self, visit: Visit) -> Worker:
        """Return where the room of a live visit is: chosen now if nobody has, or if that worker is gone.

        Raises `Unavailable` when no worker is there.
        """
        held = await self._board.room(visit.id)
        while True:
            worker = self.media.at(held)
            if worker is not None:
                return worker
            chosen = await self._choose(visit)
            held = await self._board.claim_room(visit.id, chosen.url, held)
            if held == chosen.url:
                return chosen

    async def home(self, actor: str, visit: Visit | None) -> Worker:
        """Return where an actor is to connect: at the room of a live visit, else where the actor is, else anywhere.

        Raises `Unavailable` when no worker is there.
        """
        await self.media.available()
        if visit is not None and routes(visit):
            return await self.room(visit)
        own = self.media.at((await self._board.nodes([actor])).get(actor, ""))
        return own if own is not None and not own.load.draining else self.media.least_loaded()

    async def _choose(self, visit: Visit) -> Worker:
        """Return the officer's worker, else another participant's, else any: the first that is open to new rooms."""
        ranked = sorted(visit.participants, key=lambda p: (p.role is not Role.OFFICER, p.seat))
        nodes = await self._board.nodes([p.actor for p in ranked])
        theirs = (self.media.at(nodes.get(p.actor, "")) for p in ranked)
        return next((one for one in theirs if one is not None and one.open), None) or self.media.least_loaded()

    async def rooms_of(self, url: str) -> list[Room]:
        """Return the rooms of every live visit whose node is `url`."""
        found = []
        for line in (await self._board.rows()).lines.values():
            if line.state is State.LIVE:
                try:
                    visit = await self._ledger.visit(line.id)
                except NotFound:
                    continue
                if await self._board.room(visit.id) == url:
                    found.append(self._room(visit))
        return found

    def _room(self, visit: Visit) -> Room:
        return Room(visit.id, visit.version, routes(visit), recorded(visit), self._key_of(visit.id))
