"""Which files of an application belong to the record: documents, signed PDFs, their statements, numbers.

Photographs do not: they were for the officer's eyes.
"""

from collections.abc import Awaitable, Callable

from rvw.domain.application import APPLICATION, Application
from rvw.domain.handover import FileEntry
from rvw.domain.visit import Visit
from signaling.applications.kept import Kept
from signaling.ledger import Ledger

PDF, JSON = "application/pdf", "application/json"
FilesOf = Callable[[Visit], Awaitable[tuple[FileEntry, ...] | None]]


def application_files(ledger: Ledger, kept: Kept) -> FilesOf:
    """Return what tells the files of a visit's application."""

    async def files(visit: Visit) -> tuple[FileEntry, ...]:
        application = await ledger.beside(APPLICATION, visit.id)
        named = dict(_signed(application))
        for proof in _proofs(application):
            if proof and proof not in named:
                size = await kept.size(visit.id, proof)
                named[proof] = FileEntry(name="identity.json", sha256=proof, bytes=size, type=JSON, what="identity")
        return tuple(named.values())

    return files


def _proofs(application: Application) -> list[str]:
    """Return the numbers of those who apply, those in the form, and those that signatures are bound to."""
    return [
        *(one.proof for one in application.shown),
        *(one.proof for one in application.fields),
        *(one.proof for one in application.signed),
    ]


def collected(*sources: FilesOf) -> FilesOf:
    """Return what tells the files of all sources, once all have theirs; each file once: the first that names it counts."""

    async def files(visit: Visit) -> tuple[FileEntry, ...] | None:
        found: dict[str, FileEntry] = {}
        for source in sources:
            theirs = await source(visit)
            if theirs is None:
                return None
            for file in theirs:
                found.setdefault(file.sha256, file)
        return tuple(found.values())

    return files


def _signed(application: Application) -> list[tuple[str, FileEntry]]:
    """Return the documents, and what was signed of them, by hash."""
    made = (("form", application.form), ("consent", application.consent))
    entries = [
        FileEntry(name=f"{one.title}.pdf", sha256=one.sha256, bytes=one.bytes, type=PDF, what=what)
        for what, one in made
        if one is not None
    ]
    for one in application.signed:
        name = f"{one.title}-{one.name}"
        entries += [
            FileEntry(name=f"{name}.pdf", sha256=one.signed, bytes=one.bytes, type=PDF, what="signed"),
            FileEntry(name=f"{name}.json", sha256=one.statement, bytes=one.statement_bytes, type=JSON, what="signature"),
        ]
    return [(one.sha256, one) for one in entries]
