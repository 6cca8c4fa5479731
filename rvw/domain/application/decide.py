"""What is decided of an application: identity, form, signature. `policy.check` has said before who may, and when.

The shell has done what takes secrets or files (sealed a number, checked an issuer's signature, made a PDF) before a command
comes here, and names the result by hash; whether the application is still as it was then is decided here.
"""

from typing import Final, TypeAlias, get_args

from rvw.domain import commands as c
from rvw.domain import events as e
from rvw.domain import form
from rvw.domain.application.fold import evolve, fields_of
from rvw.domain.application.state import Application, ConsentDocument, Signing, document_of, shown_of
from rvw.domain.catalogue import RulePack, rules_of
from rvw.domain.catalogue.rules import MASKED_KINDS
from rvw.domain.companion import Companion, Scene
from rvw.domain.consent import may_use_sensitive
from rvw.domain.numbers import Subject
from rvw.domain.people import Actor, Role
from rvw.domain.visit import Visit
from rvw.errors import ConsentNeeded, InvalidInput, NotAllowed, NotFound, NotPossible, TooMany

MAX_EVENTS = 1_000
"""How much of an application one visit takes: a form of forty fields, each filled twenty times."""

MAX_SIGNED = 20
"""How many signatures one visit takes."""

IdentityCommand: TypeAlias = (
    c.AskIdentity | c.ShowIdentity | c.AskForVerdict | c.TakeVerdict | c.ConfirmIdentity | c.RefuseIdentity | c.RevealNumber
)
FormCommand: TypeAlias = c.FillField | c.FillNumber | c.ConfirmForm | c.DocumentConsent
SignatureCommand: TypeAlias = c.AskSignature | c.CancelSignature | c.MakeSigningLink | c.Sign
Events: TypeAlias = tuple[e.ApplicationEvent, ...]


def decide(application: Application, command: c.ApplicationCommand, scene: Scene) -> Events:
    """Return the events `command` makes happen. Raises the errors of a refusal."""
    if application.version >= MAX_EVENTS:
        raise TooMany("this visit's application has had as many changes as it may")
    if isinstance(command, IdentityCommand):
        return _identity(application, command, scene)
    if isinstance(command, FormCommand):
        return _form(application, command, scene)
    return _signature(application, command, scene)


def _identity(application: Application, command: IdentityCommand, scene: Scene) -> Events:
    actor = scene.actor
    if isinstance(command, c.ShowIdentity | c.AskForVerdict):
        _agreed(scene.visit)
    match command:
        case c.AskIdentity(subject):
            return () if application.asked == subject else (e.IdentityAsked(subject),)
        case c.ShowIdentity():
            return (_shown(command, actor),)
        case c.AskForVerdict() | c.TakeVerdict():
            return (_verdict(application, command),)
        case c.ConfirmIdentity(subject):
            return (e.IdentityConfirmed(subject, _proof_for(application, subject), actor.name),)
        case c.RefuseIdentity(reason, subject):
            return (e.IdentityRefused(subject, reason, actor.name),)
        case c.RevealNumber(proof):
            if proof not in proofs(application):
                raise NotFound("there is no such number")
            return (e.NumberRevealed(proof),)


def _agreed(visit: Visit) -> None:
    """Raise `ConsentNeeded` unless the resident lets number, face and signature be used (个人信息保护法, article 29)."""
    if not may_use_sensitive(visit):
        raise ConsentNeeded("the resident has not agreed that identity number, face or signature are used")


def _verdict(application: Application, command: c.AskForVerdict | c.TakeVerdict) -> e.ApplicationEvent:
    if isinstance(command, c.AskForVerdict):
        if shown_of(application, "person") is None:
            raise NotPossible("nobody's document was shown: there is nothing to compare a face with")
        return e.VerdictAsked(command.challenge)
    asked = application.verdict
    if asked is None or asked.challenge != command.challenge or asked.issuer:
        raise NotPossible("this result answers no question that is open")
    return e.VerdictCame(command.challenge, command.issuer, command.same)


def proofs(application: Application) -> frozenset[str]:
    """Return the hashes under which numbers of this application are kept."""
    kept = {one.proof for one in application.shown} | {one.proof for one in application.fields}
    return frozenset(kept - {""})


def _shown(command: c.ShowIdentity, actor: Actor) -> e.IdentityShown:
    if command.shown_by == "typed" and actor.role is Role.KIOSK:
        raise NotAllowed("who applies does not vouch for the own document: a clerk or an officer types it")
    return e.IdentityShown(**fields_of(command))


def _proof_for(application: Application, subject: Subject) -> str:
    """Return the proof that a confirmation is about. A verifier that says no, or has not answered, stands against it."""
    verdict, shown = application.verdict, shown_of(application, subject)
    if subject == "person" and verdict is not None and not (verdict.issuer and verdict.same):
        raise NotPossible("the verifier was asked, and has not said that it is the same person")
    if subject == "business" and shown is None:
        raise NotPossible("the licence was not shown")
    return shown.proof if shown else ""


def _form(application: Application, command: FormCommand, scene: Scene) -> Events:
    pack = rules_of(scene.around.catalogue, scene.visit.matter)
    match command:
        case c.FillField(field, value):
            known = form.field_of(pack, field)
            kept = form.normal(known, value)
            if kept and known.kind in MASKED_KINDS:
                raise InvalidInput("such numbers are not written here: they go to be kept first")
            return _filled(application, field, kept, "", scene.actor)
        case c.FillNumber(field, masked, proof):
            if form.field_of(pack, field).kind not in MASKED_KINDS:
                raise InvalidInput(f"{field} is no number that is masked")
            return _filled(application, field, masked, proof, scene.actor)
        case c.ConfirmForm():
            return (_confirmed(application, command, pack),)
        case c.DocumentConsent():
            _as_answered(command.agreed, scene.visit)
            same = application.consent is not None and application.consent.sha256 == command.sha256
            return () if same else (e.ConsentDocumented(**fields_of(command)),)


def _as_answered(agreed: tuple[e.Agreed, ...], visit: Visit) -> None:
    """Raise `NotPossible` unless this is what the resident's answers are now: one may be taken back at any moment."""
    now = {(one.subject, one.answer, one.text) for one in visit.consents if one.actor == visit.kiosk}
    if not agreed or {(one.subject, one.answer, one.text) for one in agreed} != now:
        raise NotPossible("the resident has answered otherwise meanwhile: make the document anew")


def _filled(application: Application, field: str, value: str, proof: str, actor: Actor) -> Events:
    before = next((one for one in application.fields if one.field == field), None)
    if (before.value if before else "") == value and (before.proof if before else "") == proof:
        return ()
    return (e.FieldFilled(field, value, proof, actor.name),)


def _confirmed(application: Application, command: c.ConfirmForm, pack: RulePack) -> e.FormConfirmed:
    if application.version != command.seen:
        raise NotPossible("the form has changed meanwhile: look at it again")
    if lacking := form.missing(pack, {one.field: one.value for one in application.fields}):
        raise NotPossible(f"not filled yet: {', '.join(lacking)}")
    return e.FormConfirmed(command.sha256, command.bytes, command.title)


def _signature(application: Application, command: SignatureCommand, scene: Scene) -> Events:
    match command:
        case c.AskSignature(document, signer):
            _to_sign(application, document, signer, scene.visit)
            if len(application.signed) >= MAX_SIGNED:
                raise TooMany("this visit has as many signatures as it may")
            same = application.signing == Signing(document=document, signer=signer)
            return () if same else (e.SignatureAsked(document, signer),)
        case c.CancelSignature():
            if application.signing is None:
                return ()
            return (e.SignatureCancelled(application.signing.document, scene.actor.role is Role.KIOSK),)
        case c.MakeSigningLink(link, until):
            _asked(application, "resident")
            return (e.SigningLinkMade(link, until),)
        case c.Sign():
            return (_signed(application, command, scene),)


def _to_sign(application: Application, sha256: str, signer: e.Signer, visit: Visit) -> None:
    """Raise `NotFound` or `NotPossible` unless this document can be signed now, by this signer."""
    document = document_of(application, sha256)
    if document is None:
        raise NotFound("there is no such document to sign: the resident confirms the form first")
    if isinstance(document, ConsentDocument):
        _as_answered(document.agreed, visit)
        if signer != "resident":
            raise NotPossible("the resident signs the own consent, and nobody else")


def _signed(application: Application, command: c.Sign, scene: Scene) -> e.DocumentSigned:
    signing = _asked(application, command.signer)
    if command.signer == "resident":
        _agreed(scene.visit)
    if signing.document != command.document:
        raise NotPossible("another document is to be signed")
    _to_sign(application, command.document, command.signer, scene.visit)
    if command.signer == "resident" and scene.actor.role is Role.OFFICER:
        raise NotAllowed("nobody signs for the resident")
    if command.signer == "officer" and scene.actor.role is not Role.OFFICER:
        raise NotAllowed("nobody signs for the officer")
    by_link = scene.actor.role is Role.SYSTEM
    if by_link and (not command.link or command.link != signing.link or signing.until <= scene.now):
        raise NotFound("this link is used, over, or was taken back: ask for a new one")
    names = e.DocumentSigned.__struct_fields__
    return e.DocumentSigned(**{name: getattr(command, name) for name in names})


def _asked(application: Application, signer: e.Signer) -> Signing:
    if application.signing is None or application.signing.signer != signer:
        raise NotPossible("no signature is asked for")
    return application.signing


APPLICATION: Final[Companion[Application]] = Companion(
    kind="application",
    commands=get_args(c.ApplicationCommand),
    events=get_args(e.ApplicationEvent),
    empty=lambda visit: Application(visit=visit),
    decide=decide,
    evolve=evolve,
)
