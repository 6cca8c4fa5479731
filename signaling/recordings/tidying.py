"""Lets go of segments whose files are kept: of what was left where it was by a process killed right before it let go."""

from asyncio import sleep
from typing import Final

import structlog

from rvw.clock import Seconds
from rvw.errors import RvwError
from signaling.recordings.gathering import Gathering
from signaling.records.recordings import Recordings

log = structlog.get_logger()

LOOK_S: Final[Seconds] = 60.0

KEPT: Final = frozenset({"collected", "composed", "uncomposed"})
"""Of a recording that counts as lost, what turns up after all stays for people to look at, and goes with its visit."""


class Tidying:
    """One owned task. Every process runs one."""

    def __init__(self, recordings: Recordings, gathering: Gathering) -> None:
        self._recordings = recordings
        self._gathering = gathering

    async def run(self) -> None:
        """Look at the start and then now and again, until cancelled."""
        while True:
            try:
                await self.once()
            except RvwError as error:
                log.warning("tidying waits", reason=str(error))
            await sleep(LOOK_S)

    async def once(self) -> int:
        """Look once; return of how many visits something was let go. Raises `Unavailable`."""
        count = 0
        for visit in await self._gathering.visits():
            found = await self._recordings.find(visit)
            if found is not None and found.state in KEPT:
                await self._gathering.let_go(visit)
                count += 1
        if count:
            log.info("segments let go", visits=count)
        return count
