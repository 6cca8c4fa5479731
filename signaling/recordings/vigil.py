"""Keeps watch over what should be recorded: only what a media worker says is on its disk counts.

Each process hears every worker, and tells the visit by the usual write path when bytes come, and when none have come for
`STALL_S`; whoever is first has told it for all.
"""

from asyncio import Event, timeout
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct

from rvw.clock import Clock, Instant, Seconds
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain.board import Board
from rvw.errors import RvwError, Unavailable
from rvw.protocol.media import Recorded, RecordingFailed

log = structlog.get_logger()

STALL_S: Seconds = 3.0
"""After how long without a word from the disk nobody may believe any more that it is recorded. Workers say one a second."""

LOOK_S: Seconds = 0.5


class Sign(Struct):
    """What is known of one visit that should be recorded."""

    heard: Instant
    """When the disk last said something of it; at first, since when it should be recorded."""
    runs: bool = False
    trouble: e.RecordingTrouble = "unreachable"


class Vigil:
    """One owned task, fed by the media workers. Every process runs one."""

    def __init__(self, board: Board, tell: Callable[[str, c.ReportRecording], Awaitable[object]], clock: Clock) -> None:
        """`tell` carries a command out for a visit."""
        self._board = board
        self._tell = tell
        self._clock = clock
        self._signs: dict[str, Sign] = {}
        self._news = Event()

    def take(self, said: Recorded | RecordingFailed) -> None:
        """Hear what a media worker says of its disk."""
        match said:
            case Recorded(rooms):
                for room in rooms:
                    sign = self._signs.get(room.room)
                    if sign is not None:
                        sign.heard, sign.runs = self._clock(), True
                self._news.set()
            case RecordingFailed(room, reason) if room in self._signs:
                self._signs[room].trouble = reason

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                async with timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await self.look()

    async def look(self) -> None:
        """Tell each visit whose recording stands otherwise than its events say."""
        now = self._clock()
        due = {line.id: line.recording for line in self._board.lines.values() if line.recording}
        self._signs = {visit: self._signs.get(visit) or Sign(now) for visit in due}
        for visit, word in due.items():
            sign = self._signs[visit]
            if now - sign.heard >= STALL_S:
                sign.runs = False
                if word != "stalled":
                    await self._say(visit, c.ReportRecording(runs=False, trouble=sign.trouble))
            elif sign.runs and word != "running":
                sign.trouble = "unreachable"
                await self._say(visit, c.ReportRecording(runs=True))

    async def _say(self, visit: str, command: c.ReportRecording) -> None:
        try:
            await self._tell(visit, command)
        except Unavailable as error:
            log.warning("a visit is not told of its recording", visit=visit, runs=command.runs, reason=str(error))
        except RvwError as error:  # it has moved on: the next look sees it
            log.debug("a visit is not told of its recording", visit=visit, runs=command.runs, code=error.code)
