"""Watching what was recorded: the time line of a visit, tickets for its files, the files in parts. Each look is noted.

Pages that all have looked at are seen with it, where they were seen.
"""

from typing import Final

from msgspec import Struct

from rvw.domain.handover import Dossier, decode
from rvw.domain.people import Actor
from rvw.domain.policy import may_watch
from rvw.errors import NotFound, NotPossible
from rvw.protocol.playback import FileTicket, FileUrl, Playback, Viewing
from signaling.blobs import Blobs
from signaling.keeping.audit import Audit
from signaling.ledger import Ledger
from signaling.ranges import part_of
from signaling.recordings.playing import pages, playable, playback, type_of
from signaling.recordings.tickets import FileTickets
from signaling.records.archive import Archive
from signaling.records.recordings import Recordings
from signaling.routes import Bytes, Call, Endpoint, begun, signed_in

PART_BYTES: Final = 2 * 1024 * 1024
"""How much of a file one answer has at most: ten seconds of film, six minutes of a voice."""

FILE: Final = "/api/records/{visit}/files/{sha256}"


class RecordApi:
    """The handlers, and their table."""

    def __init__(
        self,
        ledger: Ledger,
        archive: Archive,
        recordings: Recordings,
        blobs: Blobs,
        tickets: FileTickets,
        audit: Audit,
    ) -> None:
        self._ledger = ledger
        self._archive = archive
        self._recordings = recordings
        self._blobs = blobs
        self._tickets = tickets
        self._audit = audit

    def table(self) -> tuple[Endpoint, ...]:
        """Return every endpoint."""
        return (
            Endpoint(
                "GET",
                "/api/records/{visit}/playback",
                "The time line of a visit that is over, and what was recorded of it",
                self.playback,
                Playback,
                signed_in=True,
            ),
            Endpoint(
                "POST",
                "/api/records/{visit}/viewings",
                "Watch, for some minutes: addresses of the recorded files",
                self.view,
                Viewing,
                signed_in=True,
            ),
            Endpoint(
                "GET",
                FILE,
                "A recorded file or a page that was shown, whole or in parts, for who has a ticket for it",
                self.file,
                Bytes,
                query=FileTicket,
                parts=True,
            ),
        )

    async def playback(self, call: Call) -> Struct:
        """Return the time line. Raises `NotFound`, and `NotPossible` while the record is being put together."""
        content = await self._seen(signed_in(call), call.path["visit"])
        recording = await self._recordings.find(content.visit)
        await self._audit.note(signed_in(call), "saw", content.visit, f"dossier {content.number}")
        return playback(content, recording)

    async def view(self, call: Call) -> Struct:
        """Return addresses of the files. Raises `NotFound` if there is none, and as above."""
        actor = signed_in(call)
        content = await self._seen(actor, call.path["visit"])
        files = tuple(playable(content, await self._recordings.find(content.visit)))
        if not files:
            raise NotFound("there is no recording of this visit")
        await self._audit.note(actor, "saw", content.visit, "recording")
        until = self._tickets.until()
        return Viewing(
            until, tuple(FileUrl(one.sha256, self._url(content.visit, one.sha256, actor, until)) for one in files)
        )

    async def file(self, call: Call) -> Struct:
        """Return a file or a part of it. Raises `NotSignedIn`, `NotFound`, `OutOfRange`."""
        visit, sha256 = call.path["visit"], call.path["sha256"]
        self._tickets.check(visit, sha256, call.query)
        kind = type_of(await self._recordings.find(visit), sha256) or await self._type_of_page(visit, sha256)
        whole = await self._blobs.size(visit, sha256)
        part = part_of(call.range, whole, PART_BYTES)
        start, end = (part.start, part.end) if part else (0, whole)
        return Bytes(kind, end - start, sha256, await begun(self._blobs.read(visit, sha256, start, end)), part)

    async def _type_of_page(self, visit: str, sha256: str) -> str:
        record = await self._archive.record(visit)
        shown = pages(decode(record.dossier)) if record else iter(())
        kind = next((one.type for one in shown if one.sha256 == sha256), None)
        if kind is None:
            raise NotFound("there is no such recorded file")
        return kind

    async def _seen(self, actor: Actor, visit_id: str) -> Dossier:
        """Return the last version of the record that the actor may watch."""
        record = await self._archive.record(visit_id)
        if record is None:
            visit = await self._ledger.visit(visit_id)
            _check(actor, visit.officer, visit.authority)
            raise NotPossible("the record is not put together yet")
        content = decode(record.dossier)
        _check(actor, content.officer, content.authority)
        return content

    def _url(self, visit: str, sha256: str, actor: Actor, until: int) -> str:
        path = FILE.format(visit=visit, sha256=sha256)
        return f"{path}?{self._tickets.query(visit, sha256, actor.id, until)}"


def _check(actor: Actor, officer: str, authority: str) -> None:
    if not may_watch(actor, officer, authority):
        raise NotFound("there is no such record")
