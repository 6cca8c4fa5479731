"""Keeps the leases of this process's sockets, notices that one has been superseded elsewhere, and tells waiting kiosks
their place. One owned task, which does all three at their own pace."""

from asyncio import sleep
from collections.abc import Callable

import structlog

from rvw.clock import Clock, Seconds
from rvw.domain.board import Board
from rvw.domain.catalogue import Catalogue
from rvw.domain.estimate import Estimate, Pace, estimate
from rvw.domain.people import Role
from rvw.errors import Unavailable
from rvw.protocol.server import Estimated, Goodbye
from signaling.board import SharedBoard
from signaling.gateway import Socket
from signaling.hub import Hub
from signaling.ledger import Ledger

log = structlog.get_logger()

STEP_S: Seconds = 1.0
SILENCE_S: Seconds = 12.0
"""A page says something every five seconds; one silent for so long is not renewed."""
LEARNT_ENTRIES = 20_000
"""How many of the last entries of the log tell a new process how long visits take lately."""
GONE_S: Seconds = 3.0
"""How long after a socket has closed its actor is taken for gone: a reload takes less."""


class Attendance:
    """Who is here."""

    def __init__(
        self,
        hub: Hub,
        ledger: Ledger,
        shared: SharedBoard,
        board: Board,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        lease_s: Seconds,
    ) -> None:
        self._hub = hub
        self._ledger = ledger
        self._shared = shared
        self._board = board
        self._catalogue = catalogue
        self._clock = clock
        self._lease_s = lease_s
        self._told: dict[str, Estimate] = {}
        self._pace = Pace()
        hub.watchers.append(lambda entry: self._pace.add(entry.recorded))

    async def run(self) -> None:
        """Keep watch until cancelled."""
        learnt = False
        while True:
            try:
                await self._renew()
                if not learnt:
                    await self._learn()
                    learnt = True
            except Unavailable as error:
                log.debug("leases wait", reason=str(error))
            self._estimate()
            await sleep(STEP_S)

    async def gone(self, actor: str) -> None:
        """Say that the actor's socket has closed: unless another comes soon, the actor is lost."""
        await self._shared.renew([actor], self._clock() + GONE_S)

    async def _learn(self) -> None:
        """Learn from the log how long visits take: this process was not there for them."""
        pace = Pace()
        for _, entry in await self._ledger.latest(LEARNT_ENTRIES):
            pace.add(entry.recorded)
        self._pace = pace

    async def _renew(self) -> None:
        now = self._clock()
        sockets = {s.actor.id: s for s in self._hub.listeners() if isinstance(s, Socket)}
        owners = await self._shared.sockets(list(sockets))
        for actor, socket in list(sockets.items()):
            if owners.get(actor, socket.id) != socket.id:
                socket.close(Goodbye("superseded", "the same account has connected elsewhere"))
                del sockets[actor]
        heard = [actor for actor, socket in sockets.items() if now - socket.heard_at < SILENCE_S]
        await self._shared.renew(heard, now + self._lease_s)

    def _estimate(self) -> None:
        minutes = {code: matter.minutes for code, matter in self._catalogue().matters.items()}
        kiosks = {s.actor.id: s for s in self._hub.listeners() if isinstance(s, Socket) and s.actor.role is Role.KIOSK}
        told: dict[str, Estimate] = {}
        now = self._clock()
        for line in self._board.lines.values():
            socket = kiosks.get(line.kiosk)
            wait = estimate(self._board, line.id, minutes, self._pace, now) if socket else None
            if socket is None or wait is None:
                continue
            told[socket.id] = wait
            if self._told.get(socket.id) != wait:
                socket.send(Estimated(line.id, wait))
        self._told = told
