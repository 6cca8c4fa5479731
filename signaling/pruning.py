"""What a visit leaves behind in the store that nothing refers to: removed when its record is put together.

A page that was taken again or taken out, a form that was changed after it was confirmed, the photograph of a document,
which was for the officer's eyes, pieces of an upload that never came to its end. The events still name them by hash. What
stays is what the record lists, and the pictures of the pages that it lists.
"""

from collections.abc import Iterable

import structlog

from rvw.domain.handover import decode
from rvw.domain.papers import PAPERS
from signaling.blobs import Blobs
from signaling.ledger import Ledger
from signaling.records.archive import Archive, Record
from signaling.uploads.shelf import kept_hashes

log = structlog.get_logger()


class Pruning:
    """Removes files, once for each visit: before its first record is kept."""

    def __init__(self, ledger: Ledger, archive: Archive, blobs: Blobs) -> None:
        self._ledger = ledger
        self._archive = archive
        self._blobs = blobs

    async def prune(self, record: Record) -> None:
        """Remove what neither this record nor its pages refer to. Again is harmless. Raises `Unavailable`."""
        visit = record.visit
        there = [blob.sha256 for blob in await self._blobs.of(visit)]
        # Looked at in this order: once there is a record, a film may be there before its version of the record names it.
        if await self._archive.record(visit) is not None:
            return
        papers = await self._ledger.beside(PAPERS, visit)
        named = {file.sha256 for file in decode(record.dossier).files} | kept_hashes(papers)
        await self._remove(visit, sorted(set(there) - named))

    async def _remove(self, visit: str, stale: Iterable[str]) -> None:
        for sha256 in stale:
            await self._blobs.remove(visit, sha256)
            log.info("a file that nothing refers to is removed", visit=visit, sha256=sha256)
