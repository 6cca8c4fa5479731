"""Who applies: takes what was shown, keeps the number, and has the rest decided. Whole numbers go no further than here.

Nothing here logs what it is given, and no refusal repeats it.
"""

import hashlib
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import date

from rvw.clock import Clock, wall
from rvw.domain import commands as c
from rvw.domain import form, numbers
from rvw.domain.application import APPLICATION, Application, decide, shown_of
from rvw.domain.catalogue import rules_of
from rvw.domain.companion import Companion, Scene
from rvw.domain.decide import Around
from rvw.domain.events import ShownBy
from rvw.domain.numbers import Subject
from rvw.domain.people import Actor
from rvw.domain.policy import check, may_see
from rvw.domain.visit import Visit
from rvw.errors import InvalidDocument, NotAllowed, NotFound
from rvw.protocol import applications as a
from signaling.applications.kept import Kept
from signaling.applications.verifier import IdentityVerifier
from signaling.ledger import Ledger
from signaling.office import Office

CHALLENGE_BYTES = 16
JPEG = b"\xff\xd8\xff"

OWN: Companion[Application] = APPLICATION


class Identities:
    """The parts of an application that have a number in them."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        kept: Kept,
        verifier: IdentityVerifier,
        around: Callable[[], Around],
        clock: Clock,
        randomness: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._office = office
        self._ledger = ledger
        self._kept = kept
        self._verifier = verifier
        self._around = around
        self._clock = clock
        self._randomness = randomness

    async def show(self, actor: Actor, visit_id: str, shown: a.DocumentShown) -> a.Masked:
        """Take a document that was read or typed. Raises `InvalidDocument` for what cannot be, or is over."""
        self._check_valid(shown.valid_until)
        number = shown.number.upper()
        photo = _jpeg(shown.photo)
        command = await self._command(actor, visit_id, shown.subject, shown.name, number, shown.shown_by)
        command = _with(command, valid_until=shown.valid_until)
        if photo:
            command = _with(command, photo=(await self._kept.put(visit_id, photo)).sha256)
        await self._office.perform(actor, command, visit_id)
        return a.Masked(command.masked)

    async def show_code(self, actor: Actor, visit_id: str, shown: a.CodeShown) -> a.Masked:
        """Take a code. Raises `InvalidDocument` unless a verifier that is known has signed it, and it is not over."""
        claims = self._verifier.code(shown.code)
        command = await self._command(actor, visit_id, claims.kind, claims.name, claims.number, "code")
        command = _with(command, issuer=claims.iss)
        await self._office.perform(actor, command, visit_id)
        return a.Masked(command.masked)

    async def _command(
        self, actor: Actor, visit_id: str, subject: Subject, name: str, number: str, by: ShownBy
    ) -> c.ShowIdentity:
        """Keep the number, if this actor may show one now, and return the command without what is special to the way."""
        if said := numbers.fault(subject, number):
            raise InvalidDocument(said)
        command = c.ShowIdentity(
            subject=subject,
            shown_by=by,
            name=" ".join(name.split()),
            masked=numbers.masked(number),
            proof="0" * 64,
            issuer="",
            photo="",
            valid_until="",
        )
        visit = await self._ledger.visit(visit_id)
        check(actor, command, visit)
        # Asked before anything is kept: of who has not agreed, no number is.
        decide(await self._ledger.beside(OWN, visit_id), command, Scene(visit, actor, self._around(), self._clock()))
        return _with(command, proof=await self._kept.put_number(visit_id, subject, name, number))

    async def challenge(self, actor: Actor, visit_id: str) -> a.VerdictWanted:
        """Ask a verifier whether the face is the document's. Raises `NotPossible` when nothing was shown."""
        challenge = self._randomness(CHALLENGE_BYTES)
        await self._office.perform(actor, c.AskForVerdict(challenge), visit_id)
        return a.VerdictWanted(challenge)

    async def verdict(self, actor: Actor, visit_id: str, shown: a.VerdictShown) -> Application:
        """Take a verifier's result: signed, for the open question, and about the number that was shown.

        Raises `InvalidDocument` for any other, and the errors of `decide`.
        """
        claims = self._verifier.verdict(shown.result)
        person = shown_of(await self.application(actor, visit_id), "person")
        number = await self._kept.number(visit_id, person.proof) if person else ""
        about = hashlib.sha256(f"{claims.challenge} {number}".encode()).hexdigest()
        if not number or about != claims.number_digest:
            raise InvalidDocument("this result is about somebody else")
        await self._office.perform(actor, c.TakeVerdict(claims.challenge, claims.iss, claims.same), visit_id)
        return await self.application(actor, visit_id)

    async def tell(self, actor: Actor, visit_id: str, proof: str) -> a.NumberTold:
        """Tell the officer of the visit a whole number; that it was told is an event."""
        if not proof or len(proof) != 64:
            raise NotFound("there is no such number")
        await self._office.perform(actor, c.RevealNumber(proof), visit_id)
        return a.NumberTold(await self._kept.number(visit_id, proof))

    async def photo(self, actor: Actor, visit_id: str, sha256: str) -> a.PhotoTold:
        """Show the officer of the visit the photograph of a document that was shown."""
        visit = await self._seen(actor, visit_id)
        if visit.officer != actor.id:
            raise NotAllowed("only the officer of the visit compares faces")
        application = await self._ledger.beside(OWN, visit_id)
        if sha256 not in {one.photo for one in application.shown if one.photo}:
            raise NotFound("there is no such photograph")
        picture = await self._kept.get(visit_id, sha256)
        return a.PhotoTold(f"data:image/jpeg;base64,{b64encode(picture).decode()}")

    async def fill(self, actor: Actor, visit_id: str, filled: a.NumberFilled) -> a.Masked:
        """Fill a field of the form with a number that is masked on every page."""
        visit = await self._seen(actor, visit_id)
        field = form.field_of(rules_of(self._around().catalogue, visit.matter), filled.field)
        number = form.kept_number(field, filled.number)
        masked = form.masked(field, number)
        check(actor, c.FillNumber(filled.field, masked, "0" * 64), visit)
        proof = await self._kept.put_number(visit_id, "person", "", number)
        await self._office.perform(actor, c.FillNumber(filled.field, masked, proof), visit_id)
        return a.Masked(masked)

    async def application(self, actor: Actor, visit_id: str) -> Application:
        """Return the application of a visit that the actor may see. Raises `NotFound`."""
        await self._seen(actor, visit_id)
        return await self._ledger.beside(OWN, visit_id)

    async def _seen(self, actor: Actor, visit_id: str) -> Visit:
        visit = await self._ledger.visit(visit_id)
        if not may_see(actor, visit):
            raise NotFound("there is no such visit")
        return visit

    def _check_valid(self, until: str) -> None:
        """Raise `InvalidDocument` for a document that is over by the window's own date; without one it is good for ever."""
        today = wall(self._clock()).date()
        try:
            over = bool(until) and date.fromisoformat(until) < today
        except ValueError as error:
            raise InvalidDocument("the document's last day is no date") from error
        if over:
            raise InvalidDocument("this document is not valid any more")


def _with(command: c.ShowIdentity, **changes: str) -> c.ShowIdentity:
    values = {name: getattr(command, name) for name in command.__struct_fields__}
    return c.ShowIdentity(**(values | changes))


def _jpeg(photo: str) -> bytes:
    """Return a photograph. Raises `InvalidDocument` for what is no JPEG."""
    try:
        data = b64decode(photo, validate=True)
    except (NotBase64, ValueError) as error:
        raise InvalidDocument("the photograph is not in base64") from error
    if data and not data.startswith(JPEG):
        raise InvalidDocument("the photograph is no JPEG")
    return data
