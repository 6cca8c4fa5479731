"""A copy of a record for the resident whose it is, as one ZIP: sealed like a record, made while it is sent."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from functools import partial

from rvw.clock import Clock
from rvw.domain.copying import copied
from rvw.domain.handover import Dossier, decode
from rvw.domain.package import DOSSIER, EVIDENCE, FILES, MANIFEST
from rvw.domain.people import Actor, Role
from rvw.domain.policy import may_watch
from rvw.errors import NotFound
from signaling.blobs import Blobs
from signaling.dossiers.packages import packing
from signaling.dossiers.sealing import Sealer, new_seed
from signaling.records.archive import Archive
from signaling.records.recordings import Recordings


class Copies:
    """Makes copies, for those who may see the record: whoever asks is asked there who they are."""

    def __init__(self, archive: Archive, recordings: Recordings, blobs: Blobs, sealer: Sealer, clock: Clock) -> None:
        self._archive = archive
        self._recordings = recordings
        self._blobs = blobs
        self._sealer = sealer
        self._clock = clock

    async def seen(self, actor: Actor, visit: str) -> Dossier:
        """Return the last version of a record that the actor may copy. Raises `NotFound`."""
        _, content = await self._readable(actor, visit)
        return content

    async def make(self, actor: Actor, visit: str) -> AsyncIterator[bytes]:
        """Return the ZIP, in pieces. Raises `NotFound`, and while it is sent `NotWhole` or `Unavailable`."""
        sha256, content = await self._readable(actor, visit)
        seed = new_seed()
        own = await self._own(content)
        made = copied(content, sha256, own, actor.id, self._clock(), seed)
        sealed = await to_thread(self._sealer.sealed, made, seed)
        files: dict[str, Callable[[], AsyncIterator[bytes]]] = {
            DOSSIER: partial(_once, sealed.dossier),
            EVIDENCE: partial(_once, sealed.evidence),
            MANIFEST: partial(_once, sealed.manifest),
        }
        for one in {file.sha256 for file in made.files if file.removed is None}:
            files[f"{FILES}{one}"] = partial(self._blobs.read, visit, one)
        return packing(files)

    async def _readable(self, actor: Actor, visit: str) -> tuple[str, Dossier]:
        record = await self._archive.record(visit)
        content = decode(record.dossier) if record is not None and record.dossier else None
        if record is None or content is None or not may_watch(actor, content.officer, content.authority):
            raise NotFound("there is no such record")
        return record.sha256, content

    async def _own(self, content: Dossier) -> frozenset[str]:
        """Return the files of what was recorded of the resident, at whichever kiosk."""
        found = await self._recordings.find(content.visit)
        kiosks = {one.actor for one in content.parties if one.role is Role.KIOSK}
        return frozenset(one.sha256 for one in found.files if one.actor in kiosks) if found else frozenset()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
