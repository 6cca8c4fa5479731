"""Taking files: announced with their hash, sent in pieces, verified, cleaned, kept, and only then an event.

The protocol is a small one after tus 1.0 (creation, and pieces at offsets), in the words of the route table: a page asks
with `POST`, is told how far the file has come, and sends the next piece with `PUT`. Asking again is how it resumes.
Whatever is wrong with the file is found before anything of it can be seen, and then nothing of it is kept.
"""

import hashlib
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rvw.clock import Clock
from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import policy
from rvw.domain.companion import Scene
from rvw.domain.papers import PAPERS, Papers, checked_name
from rvw.domain.people import Actor
from rvw.domain.visit import Visit
from rvw.errors import NotFound, RvwError, Tampered, TooLarge, Unavailable
from rvw.protocol.papers import Upload, UploadWanted
from signaling.blobs import Blobs
from signaling.ledger import Ledger
from signaling.office import Office
from signaling.uploads.cleaner import Cleaner
from signaling.uploads.progress import Announced, Piece, Progress, Underway
from signaling.uploads.results import Cleaned
from signaling.uploads.shelf import hashes, kept_hashes

PIECE_BYTES: Final = 1 << 20
"""The most bytes of a piece: what a request of one page can make the process hold."""


class Uploads:
    """Files on their way into the papers of visits."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        blobs: Blobs,
        progress: Progress,
        cleaner: Cleaner,
        folder: Path,
        most: int,
        clock: Clock,
    ) -> None:
        """`folder` is where files lie while they are cleaned, `most` the most bytes of one."""
        self._office = office
        self._ledger = ledger
        self._blobs = blobs
        self._progress = progress
        self._cleaner = cleaner
        self._folder = folder
        self._most = most
        self._clock = clock

    async def begin(self, actor: Actor, visit_id: str, wanted: UploadWanted) -> Upload:
        """Announce a file, or ask how far it is. One that the visit has already need not be sent again.

        Raises `TooLarge`, `FileName`, and what the policy and the papers say of such a page.
        """
        if wanted.bytes > self._most:
            raise TooLarge(f"a file has at most {self._most:,} bytes")
        checked_name(wanted.name)
        upload = _upload_id(actor, wanted)
        visit, papers = await self._ledger.visit(visit_id), await self._ledger.beside(PAPERS, visit_id)
        if upload in papers.refs:
            return self._done(upload, papers, actor, wanted)
        self._permitted(visit, papers, actor, wanted)
        same = next((page.file for page in papers.pages if page.file.sent == wanted.sha256), None)
        if same is not None:
            return await self._become(actor, visit_id, wanted, same)
        await self._progress.begin(upload, Announced(visit_id, actor.id, wanted))
        underway = await self._progress.of(visit_id, upload)
        return await self._next(actor, upload, underway)

    async def take(self, actor: Actor, visit_id: str, upload: str, offset: int, data: bytes) -> Upload:
        """Take a piece, and tell how far the file is; one that does not begin there is not taken.

        Raises `NotFound` for an upload that is over, and with the last piece whatever is wrong with the file.
        """
        papers = await self._ledger.beside(PAPERS, visit_id)
        if upload in papers.refs:
            return self._done(upload, papers, actor, None)
        underway = await self._progress.of(visit_id, upload)
        wanted = underway.announced.wanted
        if underway.announced.actor != actor.id:
            raise NotFound("this upload is over: begin it anew")
        await self._still_permitted(actor, upload, underway, papers)
        if offset != underway.offset or not data:
            return await self._next(actor, upload, underway)
        if offset + len(data) > wanted.bytes:
            await self._give_up(upload, underway)
            raise TooLarge("this is more than was announced")
        blob = await self._blobs.put(visit_id, _once(data), len(data))
        await self._progress.add(visit_id, upload, Piece(offset, blob.bytes, blob.sha256))
        return await self._next(actor, upload, await self._progress.of(visit_id, upload))

    async def _still_permitted(self, actor: Actor, upload: str, underway: Underway, papers: Papers) -> None:
        """Give an upload up, and raise why, when its page could not come any more: the visit or the link is over."""
        visit = await self._ledger.visit(underway.announced.visit)
        try:
            self._permitted(visit, papers, actor, underway.announced.wanted)
        except RvwError:
            await self._give_up(upload, underway)
            raise

    async def _next(self, actor: Actor, upload: str, underway: Underway) -> Upload:
        """Tell how far it is; a file that is whole becomes a page first."""
        announced = underway.announced
        if underway.offset < announced.wanted.bytes:
            return Upload(upload, underway.offset, PIECE_BYTES, 0)
        try:
            file = await self._cleaned(underway)
            made = await self._become(actor, announced.visit, announced.wanted, file)
        except Unavailable:
            raise  # the pieces stay: the page asks again
        except RvwError:
            await self._give_up(upload, underway)
            raise
        await self._give_up(upload, underway)
        return made

    async def _become(self, actor: Actor, visit_id: str, wanted: UploadWanted, file: e.PaperFile) -> Upload:
        upload = _upload_id(actor, wanted)
        try:
            await self._office.perform(actor, _command(wanted, file), visit_id, upload)
        except Unavailable:
            raise  # the event may be there
        except RvwError:
            await self._sweep(visit_id, hashes(file))
            raise
        return self._done(upload, await self._ledger.beside(PAPERS, visit_id), actor, wanted)

    async def _cleaned(self, underway: Underway) -> e.PaperFile:
        visit, wanted = underway.announced.visit, underway.announced.wanted
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            found = hashlib.sha256()
            with (folder / "sent").open("wb") as sent:
                for piece in underway.pieces:
                    async for data in self._blobs.read(visit, piece.sha256):
                        found.update(data)
                        await to_thread(sent.write, data)
            if found.hexdigest() != wanted.sha256:
                raise Tampered("this is not the file that was announced")
            made = folder / "made"
            made.mkdir()
            cleaned = await self._cleaner.clean(folder / "sent", made)
            return await self._kept(visit, made, cleaned, wanted.sha256)

    async def _kept(self, visit: str, made: Path, cleaned: Cleaned, sent: str) -> e.PaperFile:
        file = await self._blobs.put_file(visit, made / "file")
        pictures = []
        for page in cleaned.pages:
            view = (await self._blobs.put_file(visit, made / page.view)).sha256 if page.view else file.sha256
            thumbnail = await self._blobs.put_file(visit, made / page.thumbnail)
            pictures.append(e.Picture(page.width, page.height, view, thumbnail.sha256))
        return e.PaperFile(file.sha256, file.bytes, cleaned.type, tuple(pictures), sent)

    async def _give_up(self, upload: str, underway: Underway) -> None:
        """Forget the upload and its pieces, but not what has become a file of the visit."""
        visit = underway.announced.visit
        await self._progress.forget(visit, upload)
        await self._sweep(visit, {piece.sha256 for piece in underway.pieces})

    async def _sweep(self, visit: str, some: set[str]) -> None:
        for sha256 in some - kept_hashes(await self._ledger.beside(PAPERS, visit)):
            await self._blobs.remove(visit, sha256)

    def _permitted(self, visit: Visit, papers: Papers, actor: Actor, wanted: UploadWanted) -> None:
        """Raise now what would be raised in the end: nobody sends megabytes in vain."""
        command = _command(wanted, e.PaperFile("", wanted.bytes, "", (), ""))
        policy.check(actor, command, visit)
        PAPERS.decide(papers, command, Scene(visit, actor, self._office.around(), self._clock()))

    @staticmethod
    def _done(upload: str, papers: Papers, actor: Actor, wanted: UploadWanted | None) -> Upload:
        own = [page.id for page in papers.pages if page.by == actor.id]
        page = wanted.page if wanted and wanted.page else max(own, default=0)
        return Upload(upload, wanted.bytes if wanted else 0, PIECE_BYTES, page)


def _command(wanted: UploadWanted, file: e.PaperFile) -> c.AddPage | c.ReplacePage:
    if wanted.page:
        return c.ReplacePage(wanted.page, wanted.source, file)
    return c.AddPage(wanted.material, wanted.title.strip(), wanted.source, file)


def _upload_id(actor: Actor, wanted: UploadWanted) -> str:
    return hashlib.sha256(f"{actor.id} {wanted.ref} {wanted.sha256}".encode()).hexdigest()[:32]


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
