"""Commands of the application: see `rvw.domain.application`. Those with numbers, pictures or ink come over HTTP alone."""

from typing import Annotated

from msgspec import Meta

from rvw.clock import Instant
from rvw.domain.commands.bounds import Code, Reason
from rvw.domain.events.application import Agreed, ShownBy, SignedOn, Signer
from rvw.domain.events.words import Tagged
from rvw.domain.form import MAX_VALUE
from rvw.domain.numbers import Subject

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class AskIdentity(Tagged, frozen=True, tag="ask_identity"):
    """Let the kiosk wait for a card or a code."""

    subject: Subject = "person"


class ConfirmIdentity(Tagged, frozen=True, tag="confirm_identity"):
    """Say that face and document belong together."""

    subject: Subject = "person"


class RefuseIdentity(Tagged, frozen=True, tag="refuse_identity"):
    """Say that they do not, or that the document will not do."""

    reason: Reason
    subject: Subject = "person"


class FillField(Tagged, frozen=True, tag="fill_field"):
    """Fill a field of the form, or clear it. Identity numbers go over HTTP, and are masked here."""

    field: Code
    value: Annotated[str, Meta(max_length=MAX_VALUE)]


class AskSignature(Tagged, frozen=True, tag="ask_signature"):
    """Ask for a signature under a document."""

    document: Sha256
    signer: Signer = "resident"


class CancelSignature(Tagged, frozen=True, tag="cancel_signature"):
    """Ask no more, or do not sign."""


class ShowIdentity(Tagged, frozen=True, tag="show_identity"):
    """A document was shown; its number is kept, encrypted, under `proof`."""

    subject: Subject
    shown_by: ShownBy
    name: str
    masked: str
    proof: Sha256
    issuer: str
    photo: str
    valid_until: str


class AskForVerdict(Tagged, frozen=True, tag="ask_for_verdict"):
    """Ask an outside verifier."""

    challenge: Code


class TakeVerdict(Tagged, frozen=True, tag="take_verdict"):
    """A verifier has said something, and its signature was checked."""

    challenge: Code
    issuer: str
    same: bool


class RevealNumber(Tagged, frozen=True, tag="reveal_number"):
    """Tell the officer a whole number."""

    proof: Sha256


class FillNumber(Tagged, frozen=True, tag="fill_number"):
    """Fill a field with an identity number or that of a document, which is kept, encrypted, under `proof`."""

    field: Code
    masked: str
    proof: Sha256


class ConfirmForm(Tagged, frozen=True, tag="confirm_form"):
    """Confirm the form as it was when it had had so many events: the PDF of exactly that is there."""

    seen: int
    sha256: Sha256
    bytes: int
    title: str


class DocumentConsent(Tagged, frozen=True, tag="document_consent"):
    """Keep what the resident was told and has answered as a document; the server has made the PDF of exactly that."""

    agreed: tuple[Agreed, ...]
    sha256: Sha256
    bytes: int
    title: str


class MakeSigningLink(Tagged, frozen=True, tag="make_signing_link"):
    """Let the signature be written on a telephone."""

    link: Code
    until: Instant


class Sign(Tagged, frozen=True, tag="sign"):
    """A document was signed, sealed and kept."""

    document: Sha256
    signer: Signer
    signed_on: SignedOn
    name: str
    signed: Sha256
    bytes: int
    statement: Sha256
    statement_bytes: int
    link: str = ""
    """The hash of the secret of the link it was signed by."""
