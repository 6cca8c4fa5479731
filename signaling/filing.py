"""Files every closed visit in SQL, from where the outbox delivers it. One owned task.

The script that appends `Closed` puts the visit on a list in Redis; it leaves the list only when the record and its place
in the outbox are in one committed transaction. A process killed in between leaves it to the next. Processes take each visit
by a lease, because sealing and printing is dear; twice would be harmless.
"""

from asyncio import Event, timeout, to_thread
from collections.abc import Awaitable, Callable

import structlog

from rvw.clock import Clock, Seconds
from rvw.domain import events as e
from rvw.domain.catalogue import Catalogue
from rvw.domain.visit import Visit
from rvw.errors import InvalidInput, NotFound, NotPossible, Unavailable
from signaling.dossiers.sealing import FilesOf, Sealer, names_of
from signaling.ledger import Entry, Ledger
from signaling.records.archive import Archive, Record

log = structlog.get_logger()

LONGEST_PAUSE_S: Seconds = 2.0
"""How long a visit closed by a process that was then killed may wait to be filed."""


LEASE_S: Seconds = 30.0
"""For how long a process has a visit to itself: sealing and printing one takes 0.1 s, on a busy machine seconds."""


class Filing:
    """Moves closed visits from the ledger into the archive."""

    def __init__(
        self,
        ledger: Ledger,
        archive: Archive,
        sealer: Sealer,
        catalogue: Callable[[], Catalogue],
        files_of: FilesOf,
        way_of: Callable[[str], str],
        filed: Callable[[], None],
        prune: Callable[[Record], Awaitable[None]],
        settle: Callable[[Visit], Awaitable[object]],
        clock: Clock,
    ) -> None:
        """`way_of` tells which way records of a matter go, `filed` is called when something new waits in the outbox.

        `prune` removes what of the visit's files the record does not refer to.
        `settle` makes what follows from a visit that is over: it may be called again for the same one.
        """
        self._ledger = ledger
        self._archive = archive
        self._sealer = sealer
        self._catalogue = catalogue
        self._files_of = files_of
        self._way_of = way_of
        self._filed = filed
        self._prune = prune
        self._settle = settle
        self._clock = clock
        self._closed = Event()

    def watch(self, entry: Entry) -> None:
        """Look at an entry of the log."""
        if isinstance(entry.recorded.event, e.Closed | e.Rated):
            self._closed.set()

    def look_again(self) -> None:
        """What a visit has waited for may be there now."""
        self._closed.set()

    async def run(self) -> None:
        """File until cancelled."""
        while True:
            self._closed.clear()
            try:
                await self._file()
            except Unavailable as error:
                log.warning("filing waits", reason=str(error))
            try:
                async with timeout(LONGEST_PAUSE_S):
                    await self._closed.wait()
            except TimeoutError:
                continue

    async def _file(self) -> None:
        for visit_id in await self._ledger.unrecorded():
            if not await self._ledger.take_to_file(visit_id, LEASE_S):
                continue  # another process is at it; a killed one's lease runs out
            if await self._kept(visit_id):
                await self._ledger.recorded(visit_id)
                self._filed()
            await self._ledger.give_back(visit_id)

    async def _kept(self, visit_id: str) -> bool:
        """Keep the record of a visit and settle what follows; tell whether that is done. Raises `Unavailable`."""
        try:
            record = await self._record(visit_id)
            if record is None:  # its recording is on the way
                return False
            await self._prune(record)
            await self._archive.keep(record, self._way_of(record.matter), self._clock())
            await self._settle(await self._ledger.visit(visit_id))
        except (NotFound, NotPossible, InvalidInput) as error:
            log.error("a closed visit cannot be filed: it stays on the list", visit=visit_id, reason=str(error))
            return False
        return True

    async def _record(self, visit_id: str) -> Record | None:
        visit, events = await self._ledger.visit(visit_id), await self._ledger.events(visit_id)
        files = await self._files_of(visit)
        if files is None:
            return None
        names = names_of(self._catalogue(), visit)
        return await to_thread(self._sealer.first, visit, events, files, names)
