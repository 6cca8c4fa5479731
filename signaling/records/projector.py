"""From the ledger to the records: each visit that is over becomes one dossier, with its place in the outbox.

A reader of the ledger feeds it, in order, and asks it where to begin. A process that dies between two visits reads some
of them again: the second time nothing happens. Two processes that read the same ledger do no harm either.
"""

import hashlib
from collections.abc import Sequence

import structlog

from rvw.domain import handover
from rvw.domain.events import Recorded
from rvw.domain.visit import Visit
from signaling.records.archive import Record
from signaling.records.store import Store

log = structlog.get_logger(__name__)


class Projector:
    """Writes the records. All methods raise `Unavailable`."""

    def __init__(self, store: Store, reader: str = "records") -> None:
        """`reader` names the position in the ledger; each cell has its own."""
        self._archive = store.archive
        self._reader = reader

    async def record(self, cursor: str, visit: Visit, events: Sequence[Recorded]) -> bool:
        """Keep the dossier of a closed visit, put it into the outbox, and move to `cursor`: all or nothing.

        Returns whether it is new, so that the outbox wants a nudge; a visit that has a record keeps the first one.
        Raises `NotPossible` if the visit is not closed, `InvalidInput` if the events are not all of its own.
        """
        record = make_record(visit, events)
        new = await self._archive.keep(record, self._reader, cursor)
        if new:
            log.info("visit_recorded", visit=visit.id, bytes=len(record.dossier))
        return new

    async def cursor(self) -> str:
        """Return the position to read on from; empty at the very beginning."""
        return await self._archive.position(self._reader)

    async def advance(self, cursor: str) -> None:
        """Remember a position at which nothing was to be recorded. Need not be called for each event."""
        await self._archive.move(self._reader, cursor)


def make_record(visit: Visit, events: Sequence[Recorded]) -> Record:
    """Return the record of a closed visit. Raises what `rvw.domain.handover.dossier` raises."""
    content = handover.dossier(visit, events)
    data = handover.encode(content)
    return Record(
        visit=visit.id,
        authority=visit.authority,
        matter=visit.matter,
        region=visit.region,
        closed_at=content.closed_at,
        sha256=hashlib.sha256(data).hexdigest(),
        dossier=data,
    )
