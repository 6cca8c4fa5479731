"""Recordings that this process works on: nobody else takes one over while the process lives, and somebody soon after.

What takes minutes is leased for seconds and renewed: a record whose process was killed would else wait for the longest work
that there may be.
"""

from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from rvw.clock import Clock, Seconds
from rvw.errors import Unavailable
from signaling.records.recordings import Recordings

log = structlog.get_logger()

LEASE_S: Final[Seconds] = 30.0
"""How long a recording is left to a process that has said nothing any more."""

RENEW_S: Final[Seconds] = 10.0


class Leases:
    """Every process has one, and runs it as a task."""

    def __init__(self, rows: Recordings, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._held: set[str] = set()

    @asynccontextmanager
    async def held(self, visit: str) -> AsyncIterator[bool]:
        """Give whether the recording is ours, until this ends or it is released. Raises `Unavailable`."""
        now = self._clock()
        if not await self._rows.claim(visit, now, now + LEASE_S):
            yield False
            return
        self._held.add(visit)
        try:
            yield True
        finally:
            self._held.discard(visit)

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            await sleep(RENEW_S)
            now = self._clock()
            try:
                await self._rows.renew(self._held, now, now + LEASE_S)
            except Unavailable as error:
                log.warning("leases are not renewed", visits=len(self._held), reason=str(error))
