"""What a deletion will certify: written down before it, while it can still be read. Hashes, and no word of anybody."""

from typing import Final

from rvw.clock import DAY_S, Instant
from rvw.domain.catalogue.retention import Kind
from rvw.domain.certificate import SCHEMA, Certificate, GoneFile
from rvw.domain.handover import RECORDED, RECORDING, Dossier, decode
from rvw.domain.keeping import Due, Kept
from rvw.errors import NotFound
from signaling.blobs import Blobs
from signaling.records.archive import Archive
from signaling.records.deletions import Deletions
from signaling.records.recordings import Recordings

PLACES: Final[dict[Kind, tuple[str, ...]]] = {
    "dossier": ("key", "files", "records", "live store", "log", "hand-over folder", "recorders"),
    "recording": ("files", "records", "recorders"),
    "papers": ("files", "live store", "log"),
    "rating": ("records", "live store", "log"),
    "tasks": ("records",),
}
"""Where each kind may be, as certificates name it."""

OTHER = "other"


class Describing:
    """Reads what there is of a visit."""

    def __init__(self, archive: Archive, recordings: Recordings, blobs: Blobs, rows: Deletions) -> None:
        self._archive = archive
        self._recordings = recordings
        self._blobs = blobs
        self._rows = rows

    async def of(self, due: Due, kept: Kept, now: Instant) -> Certificate:
        """Return the certificate as far as it can be written now. Raises `Unavailable`."""
        content = await self._dossier(due.visit)
        tasks, rated = await self._rows.counts(due.visit)
        all_of_it = due.kind == "dossier"
        return Certificate(
            schema=SCHEMA,
            visit=due.visit,
            kind=due.kind,
            authority=kept.authority,
            matter=kept.matter,
            region=content.region if content else "",
            closed_at=kept.closed_at,
            rule=due.rule,
            due_at=kept.closed_at + due.rule.days * DAY_S,
            begun_at=now,
            key_destroyed=all_of_it,
            versions=await self._archive.versions(due.visit) if all_of_it else (),
            head=content.head if content else "",
            files=await self._files(due, content),
            tasks=tasks if due.kind in ("dossier", "tasks") else 0,
            rated=rated and due.kind in ("dossier", "rating"),
            places=PLACES[due.kind],
        )

    async def _dossier(self, visit: str) -> Dossier | None:
        try:
            record = await self._archive.record(visit)
        except NotFound:  # its key is destroyed already
            return None
        return decode(record.dossier) if record is not None and record.dossier else None

    async def _files(self, due: Due, content: Dossier | None) -> tuple[GoneFile, ...]:
        if due.kind not in ("dossier", "recording", "papers"):
            return ()
        found = await self._recordings.find(due.visit)
        films = {one.sha256 for one in found.files} | ({found.film.sha256} if found.film else set()) if found else set()
        known = {one.sha256: one.what for one in content.files} if content else {}
        files = [
            GoneFile(blob.sha256, blob.bytes, known.get(blob.sha256, RECORDING if blob.sha256 in films else OTHER))
            for blob in await self._blobs.of(due.visit)
        ]
        if due.kind == "dossier":
            return tuple(files)
        return tuple(one for one in files if (one.what in RECORDED) == (due.kind == "recording"))
