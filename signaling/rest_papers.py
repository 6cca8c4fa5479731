"""The endpoints of papers: what has been handed in, uploads in pieces, and the files themselves."""

from msgspec import Struct

from rvw.clock import Clock
from rvw.domain.papers import PAPERS, Papers, phone_of
from rvw.domain.people import Actor, Role
from rvw.domain.policy import may_see
from rvw.domain.visit import Visit
from rvw.errors import NotFound
from rvw.protocol.papers import (
    LicenceChosen,
    LicenceQuestion,
    LicencesFound,
    NoticeMade,
    NoticeWanted,
    Upload,
    UploadAt,
    UploadWanted,
)
from signaling.blobs import Blobs
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.papers.licences import Licences
from signaling.papers.notices import MissingNotices
from signaling.routes import Bytes, Call, Endpoint, begun, signed_in
from signaling.uploads.shelf import Shelved, on_phone, shelf
from signaling.uploads.taking import PIECE_BYTES, Uploads


class PapersApi:
    """The handlers, and their table."""

    def __init__(
        self,
        ledger: Ledger,
        blobs: Blobs,
        uploads: Uploads,
        notices: MissingNotices,
        licences: Licences,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._uploads = uploads
        self._notices = notices
        self._licences = licences
        self._audit = audit
        self._clock = clock

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/visits/{visit}/papers",
                "All papers of a visit that one may see",
                self.papers,
                Papers,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/uploads",
                "Announce a file with its hash, or ask how far it has come",
                self.begin,
                Upload,
                body=UploadWanted,
                signed_in=True,
            ),
            Endpoint(
                "PUT",
                "/api/visits/{visit}/uploads/{upload}",
                "Send the piece of a file that begins at `offset`; with the last one it becomes a page, or is refused",
                self.take,
                Upload,
                query=UploadAt,
                raw=PIECE_BYTES,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                "/api/visits/{visit}/files/{sha256}",
                "A file of the papers, the view of a page, or its thumbnail",
                self.file,
                Bytes,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/notices",
                "Tell the resident in writing, once, what is missing",
                self.notify,
                NoticeMade,
                body=NoticeWanted,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/licences/search",
                "Which electronic licences could stand for a paper",
                self.find,
                LicencesFound,
                body=LicenceQuestion,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/visits/{visit}/licences",
                "Refer to an electronic licence instead of handing a paper in",
                self.refer,
                Papers,
                body=LicenceChosen,
                signed_in=True,
            ),
        )

    async def papers(self, call: Call) -> Struct:
        """Return the papers. Raises `NotFound` for a visit that is not shown to the caller."""
        visit = await self._seen(call)
        if signed_in(call).role is Role.SUPERVISOR:  # others take part in the visit, where papers are handed in
            await self._audit.note(signed_in(call), "saw", visit.id, "papers")
        return await self._ledger.beside(PAPERS, visit.id)

    async def begin(self, call: Call) -> Struct:
        """Announce an upload, or go on with it."""
        return await self._uploads.begin(signed_in(call), call.path["visit"], call.body)

    async def take(self, call: Call) -> Struct:
        """Take a piece."""
        return await self._uploads.take(
            signed_in(call), call.path["visit"], call.path["upload"], call.query.offset, call.body
        )

    async def notify(self, call: Call) -> Struct:
        """Give a notice."""
        return await self._notices.give(signed_in(call), call.path["visit"], call.body)

    async def find(self, call: Call) -> Struct:
        """Look licences up."""
        return await self._licences.find(signed_in(call), call.path["visit"], call.body)

    async def refer(self, call: Call) -> Struct:
        """Refer to one."""
        return await self._licences.choose(signed_in(call), call.path["visit"], call.body)

    async def file(self, call: Call) -> Struct:
        """Return a file. Raises `NotFound` for one that is not of this visit's papers as they are now, or not shown."""
        visit, sha256 = await self._ledger.visit(call.path["visit"]), call.path["sha256"]
        papers = await self._ledger.beside(PAPERS, visit.id)
        kept = self._shown(signed_in(call), visit, papers).get(sha256)
        if kept is None:
            raise NotFound("there is no such file")
        if signed_in(call).role is Role.SUPERVISOR:  # others take part in the visit, where papers are handed in
            await self._audit.note(signed_in(call), "saw", visit.id, f"file {sha256}")
        size = await self._blobs.size(visit.id, sha256)
        return Bytes(kept.type, size, kept.name, await begun(self._blobs.read(visit.id, sha256)))

    def _shown(self, actor: Actor, visit: Visit, papers: Papers) -> dict[str, Shelved]:
        if may_see(actor, visit):
            return shelf(papers)
        return on_phone(papers, actor.id) if phone_of(papers, actor.id, self._clock()) else {}

    async def _seen(self, call: Call) -> Visit:
        visit = await self._ledger.visit(call.path["visit"])
        if not may_see(signed_in(call), visit):
            raise NotFound("there is no such visit")
        return visit
