"""Tells pages of this process that their media connection is gone, or belongs to another media node now.

Recovery is always the same: the page makes a new connection and joins. Bindings name peers, so nothing else is needed.
"""

from asyncio import Queue, QueueFull
from typing import Literal

import structlog

from rvw.domain import events as e
from rvw.domain.board import Board, visit_of
from rvw.domain.effects import routes
from rvw.domain.people import Actor
from rvw.domain.visit import State, takes_part
from rvw.errors import RvwError
from rvw.protocol.server import Rejoin
from signaling.board import SharedBoard
from signaling.effects import Bindings
from signaling.hub import Hub
from signaling.ledger import Entry, Ledger
from signaling.media_client import Worker

log = structlog.get_logger()

MAX_WAITING = 10_000
"""How many visits may wait to be looked at; beyond that a page notices by itself that nothing comes."""


DRAIN_STEP = 10
"""How many pages of a process leave a draining worker each second: their joins must not be a burst elsewhere."""


class Rejoins:
    """One owned task, fed by the log and by the media workers."""

    def __init__(self, hub: Hub, board: Board, shared: SharedBoard, ledger: Ledger, bindings: Bindings) -> None:
        self._hub = hub
        self._board = board
        self._shared = shared
        self._ledger = ledger
        self._bindings = bindings
        self._visits: Queue[str] = Queue(MAX_WAITING)

    async def lost(self, worker: Worker, peer: str) -> None:
        """A worker has lost the peer, unless it is elsewhere by now."""
        if self._hub.of(peer) is not None and (await self._shared.nodes([peer])).get(peer) == worker.url:
            self._ask(peer, "lost")

    async def gone(self, worker: Worker) -> None:
        """A worker does not answer any more: whoever was there must rejoin, wherever that is."""
        for actor in await self._at(worker):
            self._ask(actor, "lost")

    async def restarted(self, worker: Worker) -> None:
        """A worker has begun anew, or again: whoever was there and is not any more must rejoin."""
        for actor in await self._at(worker):
            if actor not in worker.peers:
                self._ask(actor, "lost")

    async def draining(self, worker: Worker) -> None:
        """A worker shall be emptied: those whom nobody sees or hears now leave it, a few at a time."""
        there = [actor for actor in await self._at(worker) if not self._in_talk(actor)]
        for actor in there[:DRAIN_STEP]:
            self._ask(actor, "moved")

    async def _at(self, worker: Worker) -> list[str]:
        """Return the actors of this process whose media is there."""
        nodes = await self._shared.nodes([listener.actor.id for listener in self._hub.listeners()])
        return [actor for actor, node in nodes.items() if node == worker.url]

    def _in_talk(self, actor: str) -> bool:
        line = self._board.lines.get(visit_of(self._board, actor))
        return line is not None and line.state is State.LIVE

    def _ask(self, actor: str, why: Literal["lost", "moved"]) -> None:
        listener = self._hub.of(actor)
        if listener is not None:
            listener.send(Rejoin(why))

    async def resumed(self, actor: Actor, workers: dict[str, Worker]) -> bool:
        """Tell whether a page that has come back has lost its media in the meantime."""
        node = (await self._shared.nodes([actor.id])).get(actor.id, "")
        worker = workers.get(node)
        return bool(node) and (worker is None or worker.told or (worker.alive and actor.id not in worker.peers))

    def watch(self, entry: Entry) -> None:
        """Look at an entry of the log: who takes part in a live visit belongs on its node."""
        if isinstance(entry.recorded.event, e.Accepted | e.Entered | e.Resumed | e.MovedKiosk):
            try:
                self._visits.put_nowait(entry.recorded.stream.removeprefix("visit:"))
            except QueueFull:
                log.warning("too many visits wait for their node")

    async def run(self) -> None:
        """Move pages until cancelled."""
        while True:
            visit = await self._visits.get()
            try:
                await self._gather(visit)
            except RvwError as error:
                log.warning("a visit's pages are not gathered", visit=visit, code=error.code)

    async def _gather(self, visit_id: str) -> None:
        visit = await self._ledger.visit(visit_id)
        if not routes(visit):
            return
        room = await self._bindings.room(visit)
        here = [a.actor.id for a in self._hub.listeners() if takes_part(visit, a.actor.id)]
        for actor, own in (await self._shared.nodes(here)).items():
            if own != room.url:
                self._ask(actor, "moved")
