"""Tells pages of this process that their media connection is gone, or belongs to another media node now.

Recovery is always the same: the page makes a new connection and joins. Bindings name peers, so nothing else is needed.
"""

from asyncio import Queue, QueueFull

import structlog

from rvw.domain import events as e
from rvw.domain.people import Actor
from rvw.domain.visit import takes_part
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


class Rejoins:
    """One owned task, fed by the log and by the media workers."""

    def __init__(self, hub: Hub, shared: SharedBoard, ledger: Ledger, bindings: Bindings) -> None:
        self._hub = hub
        self._shared = shared
        self._ledger = ledger
        self._bindings = bindings
        self._visits: Queue[str] = Queue(MAX_WAITING)

    async def lost(self, peer: str) -> None:
        """A worker has lost the peer."""
        listener = self._hub.of(peer)
        if listener is not None:
            listener.send(Rejoin("lost"))

    async def restarted(self, worker: Worker) -> None:
        """A worker has begun anew, or again: whoever was there and is not any more must rejoin."""
        actors = [listener.actor.id for listener in self._hub.listeners()]
        for actor, node in (await self._shared.nodes(actors)).items():
            if node == worker.url and actor not in worker.peers:
                await self.lost(actor)

    async def resumed(self, actor: Actor, workers: dict[str, Worker]) -> bool:
        """Tell whether a page that has come back has lost its media in the meantime."""
        node = (await self._shared.nodes([actor.id])).get(actor.id, "")
        worker = workers.get(node)
        return bool(node) and (worker is None or (worker.alive and actor.id not in worker.peers))

    def watch(self, entry: Entry) -> None:
        """Look at an entry of the log: who takes part in a live visit belongs on its node."""
        if isinstance(entry.recorded.event, e.Accepted | e.Entered | e.MovedKiosk):
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
        node = await self._bindings.node(visit)
        here = [a.actor.id for a in self._hub.listeners() if takes_part(visit, a.actor.id)]
        for actor, own in (await self._shared.nodes(here)).items():
            listener = self._hub.of(actor)
            if own != node and listener is not None:
                listener.send(Rejoin("moved"))
