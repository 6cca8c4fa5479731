"""What goes over HTTP about a visit's application: whole numbers, photographs, documents, ink. None is in an event."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rvw.clock import Instant
from rvw.domain.commands.application import Sha256
from rvw.domain.events import Signer
from rvw.domain.ink import Strokes
from rvw.domain.numbers import Subject
from rvw.protocol.devices import MAX_PHOTO

Number = Annotated[str, Meta(min_length=1, max_length=18)]
Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,255}$")]
Link = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{16,64}$")]


class DocumentShown(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`POST /api/visits/{visit}/identity`: what a card's chip says, or what a clerk has typed from a document."""

    subject: Subject
    shown_by: Literal["card", "typed"]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    number: Number
    valid_until: Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = ""
    photo: Annotated[str, Meta(max_length=MAX_PHOTO)] = ""
    """JPEG, in base64."""


class CodeShown(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/identity/code`: a resident code, or that of a business licence, as it was read."""

    code: Annotated[str, Meta(min_length=1, max_length=4000)]


class VerdictShown(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/identity/verdict`: a verifier's signed result."""

    result: Annotated[str, Meta(min_length=1, max_length=4000)]


class Masked(Struct, frozen=True, forbid_unknown_fields=True):
    """What everybody may see of a number that is kept now."""

    masked: str


class VerdictWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/identity/challenge`, by the visit's officer: what the verifier is to sign."""

    challenge: str


class NumberTold(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/identity/numbers/{proof}`, by the visit's officer, and recorded: a whole number."""

    number: str


class PhotoTold(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/identity/photos/{sha256}`, by the visit's officer: a document's photograph."""

    photo: str
    """In a `data:` address."""


class NumberFilled(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/form/numbers`: an identity number or that of a document, for a field of the form."""

    field: Annotated[str, Meta(min_length=1, max_length=64)]
    number: Annotated[str, Meta(min_length=1, max_length=40)]


class FormSeen(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/form/confirmation`, by the kiosk: the application as the resident sees it is right."""

    version: int


class DocumentMade(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: the form as a PDF."""

    sha256: str
    bytes: int
    title: str


class DocumentPages(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/documents/{sha256}`: a document's pages as pictures, for whoever is to sign it."""

    title: str
    pages: tuple[str, ...]
    """In `data:` addresses."""


class DocumentFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/visits/{visit}/documents/{sha256}/file`: a document, to print or keep."""

    name: str
    pdf: str
    """In base64."""


class InkGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/signatures`: a signature as it was written, for the document that was seen."""

    document: Sha256
    signer: Signer
    signed_on: Literal["touch", "pad"]
    strokes: Strokes


class Signed(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: the signed PDF."""

    signed: str
    bytes: int


class SigningLinkWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/visits/{visit}/signatures/links`, by kiosk or officer: sign on a telephone instead."""

    origin: Origin


class SigningLink(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: told once, and kept nowhere but in its hash."""

    url: str
    qr: str
    """An SVG in a `data:` address."""
    expires_at: Instant


class SigningComes(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/signing`: a telephone comes with a link."""

    link: Link


class SigningPaper(Struct, frozen=True, forbid_unknown_fields=True):
    """Its answer: what is to be signed."""

    title: str
    document: str
    pages: tuple[str, ...]
    expires_at: Instant


class SigningInk(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/signing/ink`: the signature, by the link."""

    link: Link
    document: Sha256
    strokes: Strokes


APPLICATION_REST = (
    DocumentShown,
    CodeShown,
    VerdictShown,
    Masked,
    VerdictWanted,
    NumberTold,
    PhotoTold,
    NumberFilled,
    FormSeen,
    DocumentMade,
    DocumentPages,
    DocumentFile,
    InkGiven,
    Signed,
    SigningLinkWanted,
    SigningLink,
    SigningComes,
    SigningPaper,
    SigningInk,
)
