"""Events of the application beside a visit: see `rvw.domain.application`. No whole number of anybody is in one."""

from typing import Literal, TypeAlias

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.events.words import ConsentAnswer, ConsentSubject, Tagged
from rvw.domain.numbers import Subject

ShownBy: TypeAlias = Literal["card", "code", "typed"]
"""A card on the reader; a code that its issuer has signed; what somebody has typed from a document."""

Signer: TypeAlias = Literal["resident", "officer"]
SignedOn: TypeAlias = Literal["touch", "pad", "phone"]


class IdentityAsked(Tagged, frozen=True, tag="identity_asked"):
    """The officer asks to be shown who applies: the kiosk waits for a card or a code."""

    subject: Subject


class IdentityShown(Tagged, frozen=True, tag="identity_shown"):
    """A document was shown."""

    subject: Subject
    shown_by: ShownBy
    name: str
    masked: str
    """The number, as everybody may see it."""
    proof: str
    """The SHA-256 of what is kept of the number, with random salt: who is bound by it, without the number."""
    issuer: str
    """Who has signed the code; empty for a card."""
    photo: str
    """The SHA-256 of the document's photograph; empty when it has none."""
    valid_until: str


class VerdictAsked(Tagged, frozen=True, tag="verdict_asked"):
    """The officer asks an outside verifier whether the face is the document's: the kiosk starts its device."""

    challenge: str


class VerdictCame(Tagged, frozen=True, tag="verdict_came"):
    """The verifier has said so, with its signature."""

    challenge: str
    issuer: str
    same: bool


class IdentityConfirmed(Tagged, frozen=True, tag="identity_confirmed"):
    """The officer has seen face and document side by side, and says that they belong together."""

    subject: Subject
    proof: str
    """Of the document that was shown; empty when it was held before the camera alone."""
    name: str
    """The officer's."""


class IdentityRefused(Tagged, frozen=True, tag="identity_refused"):
    """The officer says that they do not, or that the document will not do."""

    subject: Subject
    note: str
    name: str


class NumberRevealed(Tagged, frozen=True, tag="number_revealed"):
    """The officer was told a whole number."""

    proof: str


class FieldFilled(Tagged, frozen=True, tag="field_filled"):
    """A field of the form has another value."""

    field: str
    value: str
    """Of an identity number or that of a document, what everybody may see."""
    proof: str
    """As in `identity_shown`, of such a number; empty for any other field."""
    name: str
    """Who has filled it."""


class FormConfirmed(Tagged, frozen=True, tag="form_confirmed"):
    """The resident has confirmed the form, which is a document from then on."""

    sha256: str
    bytes: int
    title: str


class Agreed(Struct, frozen=True, forbid_unknown_fields=True):
    """What the resident has answered to one question, as a document says it."""

    subject: ConsentSubject
    answer: ConsentAnswer
    text: str
    """The version of what was read."""
    sha256: str
    """Of the very words."""


class ConsentDocumented(Tagged, frozen=True, tag="consent_documented"):
    """What the resident was told and has answered is a document, which can be signed."""

    sha256: str
    bytes: int
    title: str
    agreed: tuple[Agreed, ...]


class SignatureAsked(Tagged, frozen=True, tag="signature_asked"):
    """The officer asks for a signature under a document."""

    document: str
    """Its SHA-256."""
    signer: Signer


class SignatureCancelled(Tagged, frozen=True, tag="signature_cancelled"):
    """The officer does not ask any more, or who was asked does not sign."""

    document: str
    by_signer: bool


class SigningLinkMade(Tagged, frozen=True, tag="signing_link_made"):
    """The signature may be written on a telephone, once."""

    link: str
    """The hash of the link's secret."""
    until: Instant


class DocumentSigned(Tagged, frozen=True, tag="document_signed"):
    """A document is signed: the signed PDF is a file of the visit, and `statement` is what the server has sealed of it."""

    document: str
    signer: Signer
    signed_on: SignedOn
    name: str
    signed: str
    """The SHA-256 of the signed PDF."""
    bytes: int
    statement: str
    """The SHA-256 of the sealed statement, which is a file too."""
    statement_bytes: int
