"""Brings recordings into the record: after the closing from the workers' disks into files.

The list of visits that SQL does not have yet is the list of recordings to collect: nothing is filed before its recording
is there, or is known to be lost. Leases in SQL see to it that one process at a time works on a visit; whatever it was doing
when it died is done again from the segments, which the workers keep until the files are.
"""

from asyncio import Event, timeout
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from rvw.clock import Clock, Seconds
from rvw.domain import events as e
from rvw.domain.handover import RECORDING, FileEntry
from rvw.domain.visit import State, Visit
from rvw.errors import RvwError, Unavailable
from rvw.protocol.media import Spooled
from signaling.blobs import Blobs
from signaling.ledger import Entry, Ledger
from signaling.media_client import Worker
from signaling.recordings.children import bytes_of, child, line
from signaling.recordings.gathering import Gathering
from signaling.recordings.keys import SpoolKeys
from signaling.recordings.leases import Leases
from signaling.recordings.plan import Head, Line, Summary, Task
from signaling.records.recordings import Recording, Recordings, TrackFile

log = structlog.get_logger()

LOOK_S: Seconds = 1.0
LOST_S: Seconds = 600.0
"""So long after the closing a recording that no worker has is given up: the record says so, and a supervisor is told."""

LONGEST_BYTES = 64 * 1024**3

LINE: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)

NAMES = {"mic": "voice", "camera": "picture", "share": "screen"}


class Collecting:
    """One owned task. Every process runs one."""

    def __init__(
        self,
        ledger: Ledger,
        recordings: Recordings,
        blobs: Blobs,
        gathering: Gathering,
        keys: SpoolKeys,
        leases: Leases,
        clock: Clock,
        lost: Callable[[Visit], Awaitable[None]],
    ) -> None:
        """`lost` tells people of a recording that nobody has. Set `collected`, called when a visit may be filed."""
        self._ledger = ledger
        self._recordings = recordings
        self._blobs = blobs
        self._gathering = gathering
        self._keys = keys
        self._leases = leases
        self._clock = clock
        self._lost = lost
        self._closed = Event()
        self.collected: Callable[[], None] = lambda: None

    async def files_of(self, visit: Visit) -> tuple[FileEntry, ...] | None:
        """Return the files of a closed visit's recording; `None` while they are on the way. Raises `Unavailable`."""
        if visit.recording is None:
            return ()
        found = await self._recordings.find(visit.id)
        if found is None or found.state == "wanted":
            return None
        return tuple(_entry(file) for file in found.files)

    def watch(self, entry: Entry) -> None:
        """Look at an entry of the log."""
        if isinstance(entry.recorded.event, e.Closed):
            self._closed.set()

    async def run(self) -> None:
        """Collect until cancelled."""
        while True:
            self._closed.clear()
            await self._look_at_all()
            try:
                async with timeout(LOOK_S):
                    await self._closed.wait()
            except TimeoutError:
                continue

    async def _look_at_all(self) -> None:
        """Look at every visit on the list: what is wrong with one keeps no other waiting."""
        try:
            visits = await self._ledger.unrecorded()
        except Unavailable as error:
            log.warning("collecting waits", reason=str(error))
            return
        for visit in visits:
            try:
                await self._look(await self._ledger.visit(visit))
            except RvwError as error:
                log.warning("collecting waits", visit=visit, reason=str(error))

    async def _look(self, visit: Visit) -> None:
        """Collect what can be collected of a visit."""
        if visit.state is not State.CLOSED or await self.files_of(visit) is not None:
            return
        where = await self._gathering.where(visit.id)
        late = self._clock() - (visit.closed_at or self._clock()) > LOST_S
        if not (where or late):
            return
        async with self._leases.held(visit.id) as ours:
            if ours:
                await self._collect(visit, where or {})

    async def _collect(self, visit: Visit, where: dict[Worker, Spooled]) -> None:
        """Make files of what there is, and let it go where it was. Raises `Unavailable`."""
        kept = Recording(visit=visit.id, state="lost")
        try:
            if where:
                folder = await self._gathering.fetch(visit.id, where)
                kept = await self._remuxed(visit.id, Task(visit.id, str(folder), self._keys.text(visit.id)))
        except BaseException:
            await self._recordings.release(visit.id, self._clock() + LOOK_S)
            raise
        await self._recordings.keep(kept, self._clock())
        log.info("recording collected", visit=visit.id, state=kept.state, files=len(kept.files), lost=kept.lost)
        self.collected()
        if kept.state == "lost":
            await self._lost(visit)
        else:
            await self._gathering.let_go(visit.id)

    async def _remuxed(self, visit: str, task: Task) -> Recording:
        """Make files of segments and keep them. Raises `Unavailable`."""
        files: list[TrackFile] = []
        async with child("signaling.recordings.remux", task) as process:
            while isinstance(said := await line(process, LINE.decode), Head):
                blob = await self._blobs.put(visit, bytes_of(process, said.bytes), LONGEST_BYTES)
                facts = {name: getattr(said, name) for name in said.__struct_fields__ if name != "bytes"}
                files.append(TrackFile(sha256=blob.sha256, bytes=blob.bytes, **facts))
        if not isinstance(said, Summary):
            raise Unavailable("the recording was not made into files to the end")
        return Recording(
            visit=visit, state="collected", since=said.since, spans=said.spans, lost=said.lost, files=tuple(files)
        )


def _entry(file: TrackFile) -> FileEntry:
    ending = "mkv" if file.type == "video/x-matroska" else "webm"
    name = f"{NAMES.get(file.out, file.out)}-{file.actor}.{ending}"
    return FileEntry(name=name, sha256=file.sha256, bytes=file.bytes, type=file.type, what=RECORDING)
