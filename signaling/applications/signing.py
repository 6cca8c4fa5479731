"""Signatures: ink on the exact document, laid out, sealed, kept and recorded; on the own telephone by a one-time link.

A link is the visit's id and a secret of 128 bits, of which the application holds the hash alone: signing uses it up, its
deadline, another link or the officer end it before (`signaling.guests` has the same for coming into a talk).
"""

import secrets
from asyncio import to_thread
from collections.abc import Callable

from msgspec import Struct

from rvw.clock import Clock, Instant, Seconds, for_the_record
from rvw.domain import commands as c
from rvw.domain import ink
from rvw.domain.application import APPLICATION, Application, Signing, decide, document_of, level, shown_of
from rvw.domain.chain import sha256
from rvw.domain.companion import Scene
from rvw.domain.decide import Around
from rvw.domain.events import SignedOn, Signer
from rvw.domain.people import SYSTEM, Actor
from rvw.domain.policy import check
from rvw.domain.signature import SCHEMA, Hashed, SignedBy, Statement, carrying, sealed
from rvw.domain.visit import Visit
from rvw.errors import NotFound, TooMany
from rvw.protocol import applications as a
from signaling.applications import sheets
from signaling.applications.esign import OutsideSigning
from signaling.applications.kept import Kept
from signaling.applications.words import LABELS, RESIDENT, SIGNED_ON, in_language
from signaling.blobs.store import Blob
from signaling.dossiers.keys import SealKeys
from signaling.guests import OVER, hashed
from signaling.ledger import Ledger
from signaling.limits import Buckets
from signaling.office import Office
from signaling.tickets import drawn

SECRET_BYTES = 16


NOTHING = Blob("0" * 64, 0)
"""In the place of files that are not made yet."""


class Writing(Struct, frozen=True):
    """What somebody has written, on what, and where."""

    document: str
    signer: Signer
    signed_on: SignedOn
    strokes: ink.Strokes
    link: str = ""

    def command(self, name: str, signed: Blob, statement: Blob) -> c.Sign:
        """Return the command that records it."""
        return c.Sign(
            document=self.document,
            signer=self.signer,
            signed_on=self.signed_on,
            name=name,
            signed=signed.sha256,
            bytes=signed.bytes,
            statement=statement.sha256,
            statement_bytes=statement.bytes,
            link=self.link,
        )


class Signatures:
    """Takes ink, and makes signed documents of it."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        kept: Kept,
        keys: SealKeys,
        outside: OutsideSigning,
        around: Callable[[], Around],
        clock: Clock,
        link_s: Seconds,
        randomness: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        """`link_s`: how long a link for a telephone is good."""
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._keys = keys
        self._outside = outside
        self._around = around
        self._clock = clock
        self._link_s = link_s
        self._randomness = randomness
        self._per_address = Buckets(burst=30, per_s=30 / 60)

    async def sign(self, actor: Actor, visit_id: str, given: a.InkGiven) -> a.Signed:
        """Sign at the kiosk or the desk. Raises the errors of `decide`, `InvalidInput` for too little ink."""
        return await self._sign(actor, visit_id, Writing(given.document, given.signer, given.signed_on, given.strokes))

    async def make_link(self, actor: Actor, visit_id: str, wanted: a.SigningLinkWanted) -> a.SigningLink:
        """Make a link for the signature that is asked for."""
        secret = self._randomness(SECRET_BYTES)
        until = self._clock() + self._link_s
        await self._office.perform(actor, c.MakeSigningLink(hashed(secret), until), visit_id)
        url = f"{wanted.origin}/sign#{visit_id}.{secret}"
        return a.SigningLink(url, drawn(url), until)

    async def come(self, comes: a.SigningComes, address: str) -> a.SigningPaper:
        """Return what is to be signed by a link. Raises `NotFound` for one that is not good, `TooMany`."""
        visit_id, application, signing = await self._by_link(comes.link, address)
        title = title_of(application, signing.document)
        pdf = await self._kept.get(visit_id, signing.document)
        return a.SigningPaper(title, signing.document, await to_thread(sheets.pages, pdf), signing.until)

    async def sign_by_link(self, given: a.SigningInk, address: str) -> a.Signed:
        """Sign on a telephone, once. Raises `NotFound` for a link that is not good, `TooMany`, and as `sign`."""
        visit_id, _, signing = await self._by_link(given.link, address)
        writing = Writing(given.document, "resident", "phone", given.strokes, signing.link)
        return await self._sign(SYSTEM, visit_id, writing)

    async def _by_link(self, link: str, address: str) -> tuple[str, Application, Signing]:
        if not self._per_address.take(address, self._clock()):
            raise TooMany("too many tries: wait a minute")
        visit_id, _, secret = link.partition(".")
        try:
            await self._ledger.visit(visit_id)
        except NotFound as error:
            raise NotFound(OVER) from error
        application = await self._ledger.beside(APPLICATION, visit_id)
        signing = application.signing
        if signing is None or signing.link != hashed(secret) or signing.until <= self._clock():
            raise NotFound(OVER)
        return visit_id, application, signing

    async def _sign(self, actor: Actor, visit_id: str, writing: Writing) -> a.Signed:
        ink.check(writing.strokes)
        visit = await self._ledger.visit(visit_id)
        application = await self._ledger.beside(APPLICATION, visit_id)
        # Asked before anything is laid out or sealed; and again, of the application as it is then, when it is recorded.
        command = writing.command(by_of(application, writing.signer, actor, visit.language).name, NOTHING, NOTHING)
        check(actor, command, visit)
        decide(application, command, Scene(visit, actor, self._around(), self._clock()))
        signed, statement = await self._made(visit, application, actor, writing)
        file, proof = await self._kept.put(visit_id, signed), await self._kept.put(visit_id, statement)
        await self._office.perform(actor, writing.command(command.name, file, proof), visit_id)
        return a.Signed(file.sha256, file.bytes)

    async def _made(self, visit: Visit, application: Application, actor: Actor, writing: Writing) -> tuple[bytes, bytes]:
        """Return the signed PDF, and the sealed statement of it."""
        now, title = self._clock(), title_of(application, writing.document)
        document = await self._kept.get(visit.id, writing.document)
        by, picture = by_of(application, writing.signer, actor, visit.language), ink.svg(writing.strokes)
        view = sheet_view(visit, title, by, writing, now)
        pdf = await to_thread(sheets.signed, document, view, picture)
        pdf = await self._outside.sign(pdf, title, by.name)
        statement = Statement(
            schema=SCHEMA,
            visit=visit.id,
            title=title,
            document=Hashed(writing.document, len(document)),
            by=by,
            signed_on=writing.signed_on,
            at=now,
            picture=sha256(picture),
            pdf=Hashed(sha256(pdf), len(pdf)),
            outside=self._outside.name,
        )
        written = sealed(statement, self._keys.signer(), now)
        return carrying(pdf, written), written


def title_of(application: Application, sha256: str) -> str:
    """Return what a document is called that can be signed now; empty for one that cannot."""
    document = document_of(application, sha256)
    return document.title if document else ""


def by_of(application: Application, signer: Signer, actor: Actor, language: str) -> SignedBy:
    """Return who signs, and how far it is assured."""
    if signer == "officer":
        return SignedBy(signer=signer, name=actor.name, masked="", proof="", identity="none")
    shown = shown_of(application, "person")
    return SignedBy(
        signer=signer,
        name=shown.name if shown else in_language(RESIDENT, language),
        masked=shown.masked if shown else "",
        proof=shown.proof if shown else "",
        identity=level(application),
    )


def sheet_view(visit: Visit, title: str, by: SignedBy, writing: Writing, now: Instant) -> sheets.SignatureView:
    """Return what stands on the sheet beside the picture."""
    labels = {key: in_language(words, visit.language) for key, words in LABELS.items()}
    rows = (
        (labels["signer"], f"{by.name} {by.masked}".strip()),
        (labels["on"], in_language(SIGNED_ON[writing.signed_on], visit.language)),
        (labels["at"], for_the_record(now)),
        (labels["visit"], visit.id),
        (labels["document"], title),
        (labels["hash"], f"{writing.document[:32]} {writing.document[32:]}"),
    )
    return sheets.SignatureView(language=visit.language, title=title, rows=rows, labels=labels, signed_at=now)
