"""Writes what is tapped to the disk, never in media's way, and says how far it is safe.

Twice a second each room's reel is emptied; threads encrypt, append and flush. What the disk does not take waits, up to a
bound; then the reel fills and counts what it loses. One task; nothing here awaits a disk.
"""

import asyncio
import errno
from base64 import b64decode
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal

import structlog

from media.core.tap import Reel
from media.spooling import SegmentWriter, Spool
from rvw.clock import Clock, Instant, Seconds
from rvw.protocol.media import Bind, OnDisk, Recorded, RecordingFailed

log = structlog.get_logger()

FLUSH_S: Seconds = 0.5
"""How often reels are emptied: at `kill -9` so much is lost, and what a flush takes."""

TELL_S: Seconds = 1.0
"""How often readers hear how far recordings are safe."""

RETRY_S: Seconds = 1.0
"""How long after a refusal the disk is tried again."""

SLOW_S: Seconds = 2.0
"""A flush that takes longer is told as a failure."""

MOST_WAITING: Final = 16 * 1024 * 1024
"""Bytes of one room that may wait for the disk: 17 s of three pictures at 2.5 Mbit/s."""

THREADS: Final = 4
"""Flushes at once: they wait for the disk, not for the processor."""

CLOSE_S: Seconds = 5.0
"""How long a recording that ends is waited for."""

Reason = Literal["full", "read_only", "slow", "broken"]
_REASONS: Final[dict[int, Reason]] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


class Film:
    """The recording of one room, from its first tap to its last flush."""

    def __init__(self, reel: Reel, writer: SegmentWriter, now: Instant) -> None:
        self.reel = reel
        self.writer = writer
        self.ending = False
        self.up_to = self.begun = self.told = now
        self.bytes = 0
        self.waiting: deque[tuple[bytes, Instant]] = deque()
        self.waiting_bytes = 0
        self.landed = 0
        """How many of those that wait, from the first, a thread has put on the disk."""
        self.writing = False
        self.writing_since = now
        self.retry_at = now
        self.failed: Reason | None = None
        self.done = asyncio.Event()

    def take(self, now: Instant) -> None:
        """Take what the reel has, unless too much waits already."""
        if self.waiting_bytes < MOST_WAITING:
            chunk = self.reel.take(now)
            self.waiting.append((chunk, now))
            self.waiting_bytes += len(chunk)

    def write(self, opening: bytes, chunks: list[bytes]) -> int:
        """Put the first that wait on the disk, in whichever thread, and return how many bytes they have become."""
        written = self.writer.append(opening, chunks)
        self.landed = len(chunks)
        return written

    def settle(self) -> None:
        """Let what has landed wait no more."""
        for _ in range(self.landed):
            chunk, self.up_to = self.waiting.popleft()
            self.waiting_bytes -= len(chunk)
        self.landed = 0

    @property
    def over(self) -> bool:
        """Whether it has ended and all of it is on the disk."""
        return self.ending and not self.waiting and not self.writing


class Recorder:
    """All recordings of one worker. `run` is its task."""

    def __init__(self, spool: Spool, notify: Callable[[Recorded | RecordingFailed], None], clock: Clock) -> None:
        self._spool = spool
        self._notify = notify
        self._clock = clock
        self._films: dict[str, Film] = {}
        self._ended: list[Film] = []
        self._threads = ThreadPoolExecutor(THREADS, "recorder")

    def follow(self, bind: Bind, reel: Reel | None) -> None:
        """Record into a room's reel, or end its recording. The same reel again changes nothing."""
        film = self._films.get(bind.room)
        if film is not None and film.reel is not reel:
            film.ending = True
            film.take(self._clock())
            self._ended.append(self._films.pop(bind.room))
        if reel is not None and bind.room not in self._films:
            writer = self._spool.reel(bind.room, b64decode(bind.key))
            self._films[bind.room] = Film(reel, writer, self._clock())

    def being_written(self, room: str) -> bool:
        """Whether more will come of that room, or is not on the disk yet."""
        return room in self._films or any(film.reel.room == room for film in self._ended)

    async def ended(self, room: str) -> None:
        """Return when what has ended of that room is on the disk, or `CLOSE_S` later."""
        films = [film for film in self._ended if film.reel.room == room]
        try:
            async with asyncio.timeout(CLOSE_S):
                for film in films:
                    await film.done.wait()
        except TimeoutError:
            log.warning("the end of a recording waits for the disk", room=room)

    async def run(self) -> None:
        """Record until cancelled; then write what is there."""
        try:
            async with asyncio.TaskGroup() as tasks:
                told_at = self._clock()
                while True:
                    await asyncio.sleep(FLUSH_S if not self._ended else FLUSH_S / 10)
                    now = self._clock()
                    for film in (*self._films.values(), *self._ended):
                        self._turn(film, tasks, now)
                    if now - told_at >= TELL_S:
                        told_at = now
                        self._tell()
        finally:
            self._threads.shutdown()  # a write that is under way, and that nobody awaits any more, ends before the last one
            for film in (*self._films.values(), *self._ended):
                self._last(film)

    def _turn(self, film: Film, tasks: asyncio.TaskGroup, now: Instant) -> None:
        if not film.ending:
            film.take(now)
        if film.writing and now - film.writing_since > SLOW_S:
            self._fail(film, "slow")
        if film.waiting and not film.writing and now >= film.retry_at:
            film.writing, film.writing_since = True, now
            tasks.create_task(self._write(film))

    async def _write(self, film: Film) -> None:
        """Write what waits. The loop goes on meanwhile; only this task touches the writer."""
        opening, chunks = film.reel.opening(), [chunk for chunk, _ in film.waiting]
        try:
            written = await asyncio.get_running_loop().run_in_executor(self._threads, film.write, opening, chunks)
        except OSError as error:
            film.retry_at = self._clock() + RETRY_S
            self._fail(film, _REASONS.get(error.errno or 0, "broken"))
        else:
            film.settle()
            film.bytes += written
            film.failed = None
        finally:
            film.writing = False
        if film.over:
            self._close(film)

    def _fail(self, film: Film, reason: Reason) -> None:
        if film.failed != reason:
            film.failed = reason
            log.warning("the disk does not take a recording", room=film.reel.room, reason=reason)
            self._notify(RecordingFailed(film.reel.room, reason))

    def _close(self, film: Film) -> None:
        film.writer.close()
        self._ended.remove(film)
        self._notify(Recorded((_on_disk(film),)))
        film.done.set()

    def _tell(self) -> None:
        """Tell of those of which more is safe than when they were last told of."""
        grown = [film for film in self._films.values() if film.up_to > film.told]
        for film in grown:
            film.told = film.up_to
        if grown:
            self._notify(Recorded(tuple(_on_disk(film) for film in grown)))

    def _last(self, film: Film) -> None:
        """Write what is left, when the worker stops: nothing else runs any more."""
        film.settle()
        film.take(self._clock())
        try:
            film.write(film.reel.opening(), [chunk for chunk, _ in film.waiting])
        except OSError as error:
            log.error("the end of a recording is lost", room=film.reel.room, reason=str(error))
        film.writer.close()


def _on_disk(film: Film) -> OnDisk:
    return OnDisk(film.reel.room, film.up_to, film.bytes, film.reel.lost)
