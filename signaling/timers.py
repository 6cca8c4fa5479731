"""Makes time pass for visits: deadlines that are due, and leases of sockets that have run out.

Deadlines and leases are in Redis, so that any process can act on them and none is lost with a process. Two processes
that act on the same one are harmless: the second finds nothing left to do.
"""

from asyncio import sleep

import structlog

from rvw.clock import Clock, Seconds
from rvw.domain.board import Board
from rvw.domain.commands import Command, Expire, Lose, SetPresence
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.policy import PRESENCE_ROLES
from rvw.domain.shift import Shift
from rvw.errors import RvwError, Unavailable
from signaling.board import SharedBoard
from signaling.office import Office

log = structlog.get_logger()

TICK_S: Seconds = 0.5
"""How late a deadline may be noticed: other processes' deadlines come without a notice."""


class Timers:
    """One owned task. Every process runs one."""

    def __init__(self, office: Office, shared: SharedBoard, board: Board, clock: Clock, grace_s: Seconds) -> None:
        """After a start, and after Redis was away, everybody has `grace_s` to come back before anything expires."""
        self._office = office
        self._shared = shared
        self._board = board
        self._clock = clock
        self._grace_s = grace_s
        self._quiet_until = 0.0

    async def run(self) -> None:
        """Act on what is due until cancelled."""
        reached = False
        while True:
            now = self._clock()
            try:
                if not reached:
                    await self._shared.extend_all(now + self._grace_s)
                    self._quiet_until = now + self._grace_s
                reached = True
                if now >= self._quiet_until:
                    await self._step()
            except Unavailable as error:
                if reached:
                    log.warning("timers wait", reason=str(error))
                reached = False
            await sleep(TICK_S)

    async def _step(self) -> None:
        now = self._clock()
        for visit in await self._shared.due(now):
            await self._perform(SYSTEM, Expire(), visit)
        for actor in await self._shared.expired(now):
            await self._lose(actor)
            await self._shared.forget(actor, now)

    async def _lose(self, actor: str) -> None:
        shift = self._board.shifts.get(actor)
        if shift is not None and shift.role in PRESENCE_ROLES and shift.presence != "signed_out":
            await self._perform(_owner(shift), SetPresence("signed_out"), "")
        for line in [one for one in self._board.lines.values() if actor in (one.kiosk, one.officer, *one.others)]:
            await self._perform(SYSTEM, Lose(actor), line.id)

    async def _perform(self, actor: Actor, command: Command, visit: str) -> None:
        try:
            await self._office.perform(actor, command, visit)
        except Unavailable:
            raise
        except RvwError as error:
            log.info("nothing to expire", visit=visit, code=error.code)


def _owner(shift: Shift) -> Actor:
    return Actor(
        shift.actor,
        shift.role,
        shift.name,
        shift.authority,
        desks=shift.desks,
        languages=shift.languages,
        skills=shift.skills,
    )
