"""Tells this process's pages that a list they show has changed, in whichever process it was changed."""

from asyncio import sleep

import structlog

from rvw.clock import Seconds
from rvw.errors import Unavailable
from rvw.protocol.server import TasksChanged
from signaling.board import SharedBoard
from signaling.hub import Hub

log = structlog.get_logger()

RETRY_S: Seconds = 0.5


class Notices:
    """One owned task. A notice that is lost with Redis costs nothing: pages read the list when they connect."""

    def __init__(self, hub: Hub, shared: SharedBoard) -> None:
        self._hub = hub
        self._shared = shared

    async def run(self) -> None:
        """Pass notices on until cancelled."""
        while True:
            try:
                async for topics in self._shared.told():
                    self._hub.tell(topics, TasksChanged())
            except Unavailable as error:
                log.debug("notices wait", reason=str(error))
            await sleep(RETRY_S)
