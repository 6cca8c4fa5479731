"""A signature under a document: what the server states of it, and the signed PDF that carries the statement.

The statement names the exact document by hash, who has signed it, how, when and in which visit, and the hash of the PDF
with the signature's picture; it is sealed like a dossier (`rvw.domain.seal`). The sealed statement stands by itself, and at
the end of the signed PDF behind a second end-of-file mark, as a comment: any reader shows the PDF, and each of its bits is
either under the statement's hash or in the statement. Laying out PDFs is not known here.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.catalogue.rules import Identity
from rvw.domain.chain import sha256
from rvw.domain.events import SignedOn, Signer
from rvw.domain.seal import PublicKeys, opened
from rvw.domain.seal import Signer as Sealer
from rvw.domain.seal import seal as sealed_document
from rvw.errors import InvalidInput, NotWhole

SCHEMA: Final = "rvw.signature/1"
WHAT: Final = "signature"
MARK: Final = b"%RVW-SIGNATURE "
DOCUMENT: Final = "document.pdf"
"""The name under which the signed PDF has the document inside, as it was before."""

Attached = Callable[[bytes], Mapping[str, bytes]]


class Hashed(Struct, frozen=True, forbid_unknown_fields=True):
    """A file by its hash."""

    sha256: str
    bytes: int


class SignedBy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who has signed."""

    signer: Signer
    name: str
    masked: str
    """The number, as everybody may see it; empty for an officer, or when no document was shown."""
    proof: str
    """The hash of the salted record of the whole number: whoever holds the record can show whose signature it is."""
    identity: Identity
    """How far it was assured who it is."""


class Statement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the server seals of a signature."""

    schema: str
    visit: str
    title: str
    document: Hashed
    """What was signed, as the signer saw it."""
    by: SignedBy
    signed_on: SignedOn
    at: Instant
    picture: str
    """The SHA-256 of the signature's picture (SVG)."""
    pdf: Hashed
    """The PDF with the picture, up to the statement itself."""
    outside: str
    """Which outside service has signed it as well; empty for none."""


def sealed(statement: Statement, signer: Sealer, now: Instant) -> bytes:
    """Return the sealed statement, in canonical bytes."""
    return sealed_document(WHAT, statement, "", signer, now)


def carrying(pdf: bytes, statement: bytes) -> bytes:
    """Return the signed PDF: `pdf` with the sealed statement behind it. Raises `InvalidInput` for bytes that are no PDF."""
    return pdf + _behind(pdf, statement)


def check(data: bytes, keys: PublicKeys, attached: Attached) -> Statement:
    """Return what a signed PDF states, if all of it fits. Raises `NotWhole` that names what does not."""
    at = data.rfind(MARK)
    if at < 0:
        raise NotWhole("there is no statement of a signature in this PDF")
    pdf, (written, _, _) = data[:at], data[at + len(MARK) :].partition(b"\n")
    try:
        inside = urlsafe_b64decode(written)
    except (NotBase64, ValueError) as error:
        raise NotWhole("the statement in this PDF is not written in base64") from error
    statement = check_statement(inside, keys)
    if sha256(pdf) != statement.pdf.sha256:
        raise NotWhole("the pages of this PDF are not those that were signed: its hash does not fit the statement")
    if carrying(pdf, inside) != data:
        raise NotWhole("what stands behind the pages of this PDF was changed")
    document = attached(pdf).get(DOCUMENT)
    if document is None or sha256(document) != statement.document.sha256:
        raise NotWhole(f"the {DOCUMENT} inside is not the document that the statement names")
    return statement


def check_statement(data: bytes, keys: PublicKeys) -> Statement:
    """Return what a sealed statement says. Raises `NotWhole`."""
    content, _ = opened(WHAT, data, keys)
    try:
        statement = msgspec.convert(content, Statement)
    except msgspec.ValidationError as error:
        raise NotWhole(f"this is no statement of a signature: {error}") from error
    if statement.schema != SCHEMA:
        raise NotWhole(f"this is a {statement.schema}, not a {SCHEMA}")
    return statement


def _behind(pdf: bytes, statement: bytes) -> bytes:
    """Return the end of the signed file. The mark where the cross-reference begins is said again, as readers look last."""
    start = pdf.rfind(b"startxref")
    if not pdf.startswith(b"%PDF-") or start < 0 or not pdf.endswith(b"%%EOF\n"):
        raise InvalidInput("this is no PDF that can carry a statement")
    return MARK + urlsafe_b64encode(statement) + b"\n" + pdf[start:]
