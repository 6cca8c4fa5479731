"""What an application is: who applies, what is stated, what is signed.

Whole numbers, photographs and signed files are not in it, only what everybody may see of them and the hashes by which they
are kept. A form that is changed after it was confirmed is not confirmed any more.
"""

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain import events as e
from rvw.domain.catalogue import RulePack
from rvw.domain.catalogue.rules import Identity, Must
from rvw.domain.numbers import Subject


class ShownDocument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document that was shown for somebody or for a business."""

    subject: Subject
    shown_by: e.ShownBy
    name: str
    masked: str
    proof: str
    issuer: str
    photo: str
    valid_until: str
    at: Instant


class Verdict(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an outside verifier was asked, and has said; about the document that was shown then."""

    challenge: str
    proof: str
    issuer: str = ""
    """Empty while it has not answered."""
    same: bool = False


class IdentityDecision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the officer has decided of a subject."""

    subject: Subject
    confirmed: bool
    proof: str
    note: str
    by: str
    name: str
    at: Instant


class FilledField(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A field as it is, and who has filled it last."""

    field: str
    value: str
    proof: str
    by: str
    name: str
    at: Instant


class FormDocument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The form as the resident has confirmed it: a PDF."""

    sha256: str
    bytes: int
    title: str
    at: Instant


class ConsentDocument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the resident was told and has answered, as a PDF."""

    sha256: str
    bytes: int
    title: str
    agreed: tuple[e.Agreed, ...]
    at: Instant


class Signing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A signature that is asked for."""

    document: str
    signer: e.Signer
    link: str = ""
    """The hash of the secret of the link for a telephone; empty without one."""
    until: Instant = 0.0
    """Until when the link is good."""


class SignedDocument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document as somebody has signed it."""

    document: str
    title: str
    signer: e.Signer
    signed_on: e.SignedOn
    name: str
    signed: str
    bytes: int
    statement: str
    statement_bytes: int
    proof: str
    """Of the number of the person who had been shown to apply, to which the signature is bound; empty without one."""
    at: Instant


class Application(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of it."""

    visit: str
    version: int = 0
    asked: Subject | None = None
    """Whose document the kiosk waits for."""
    shown: tuple[ShownDocument, ...] = ()
    """The last one of each subject."""
    verdict: Verdict | None = None
    decisions: tuple[IdentityDecision, ...] = ()
    """The last one of each subject."""
    fields: tuple[FilledField, ...] = ()
    form: FormDocument | None = None
    consent: ConsentDocument | None = None
    signing: Signing | None = None
    signed: tuple[SignedDocument, ...] = ()
    refs: tuple[str, ...] = ()


def document_of(application: Application, sha256: str) -> FormDocument | ConsentDocument | None:
    """Return the document of that hash that can be signed now."""
    return next((one for one in (application.form, application.consent) if one and one.sha256 == sha256), None)


def shown_of(application: Application, subject: Subject) -> ShownDocument | None:
    """Return the document that was shown last for a subject."""
    return next((one for one in application.shown if one.subject == subject), None)


def decided_of(application: Application, subject: Subject) -> IdentityDecision | None:
    """Return what the officer has decided of a subject, if it still holds: another document asks for another look."""
    return next((one for one in application.decisions if one.subject == subject), None)


def level(application: Application) -> Identity:
    """Return how far it is assured who applies: for a person or for a business, whoever was confirmed."""
    confirmed = [one for one in application.decisions if one.confirmed]
    if any(one.proof and _vouched(application, one) for one in confirmed):
        return "verified"
    return "shown" if confirmed else "none"


def _vouched(application: Application, decision: IdentityDecision) -> bool:
    """Tell whether a device or an issuer, not somebody's typing, has named the one who was confirmed."""
    return any(one.proof == decision.proof and one.shown_by != "typed" for one in application.shown)


LEVELS: tuple[Identity, ...] = ("none", "shown", "verified")


def fulfilled(application: Application, pack: RulePack) -> frozenset[Must]:
    """Return which of a rule pack's demands this application meets: those of identity, form and signature.

    Where nothing is filled in at the window there is no document to sign here: what nobody can do is not demanded.
    """
    met: set[Must] = set()
    if LEVELS.index(level(application)) >= LEVELS.index(pack.identity):
        met.add("identity")
    if application.form is not None or not pack.fields:
        met.add("form")
    needed = {"none": set(), "resident": {"resident"}, "both": {"resident", "officer"}}[pack.signature]
    form = application.form.sha256 if application.form else ""
    if not pack.fields or needed <= {one.signer for one in application.signed if one.document == form}:
        met.add("signature")
    return frozenset(met)
