"""Which files the papers of a visit add to its record."""

from rvw.domain.handover import FileEntry
from rvw.domain.papers import PAPERS
from rvw.domain.visit import Visit
from signaling.dossiers.sealing import FilesOf
from signaling.ledger import Ledger
from signaling.uploads.shelf import entries


def paper_files(ledger: Ledger) -> FilesOf:
    """Return what tells the papers of a visit, as they are at its end."""

    async def files(visit: Visit) -> tuple[FileEntry, ...]:
        return entries(await ledger.beside(PAPERS, visit.id))

    return files
