"""The PDFs of an application: the filled form, and the signed document. The same contents give the same bytes.

Each takes some 50 ms without the interpreter's lock: call it in a thread.
"""

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
import pikepdf
import pypdfium2
from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.signature import DOCUMENT
from signaling.typesetting import typeset

FOLDER: Final = Path(__file__).parent
FORM: Final = (FOLDER / "form.typ").read_bytes()
CONSENT: Final = (FOLDER / "consent.typ").read_bytes()
SIGNATURE: Final = (FOLDER / "signature.typ").read_bytes()

DOTS: Final = 1.7
"""Pixels a point of a page that is shown to be signed: an A4 sheet is 1,012 wide, legible on a kiosk."""

MAX_PAGES: Final = 20
"""Pages that are shown; a form has one or two."""


class FormView(Struct, frozen=True, kw_only=True):
    """What the form says."""

    language: str
    title: str
    matter: str
    authority: str
    visit: str
    applicants: Sequence[tuple[str, str, str]]
    """Name, masked number, and how it is assured."""
    rows: Sequence[tuple[str, str]]
    """The fields' names and values, in the order of the form."""
    labels: dict[str, str]
    opened_at: Instant


class ConsentView(Struct, frozen=True, kw_only=True):
    """What the consent says."""

    language: str
    title: str
    authority: str
    visit: str
    applicants: Sequence[tuple[str, str, str]]
    words: Sequence[str]
    """What was told and asked, line by line, as it was read."""
    answers: Sequence[tuple[str, str, str]]
    """What was asked, what was answered, and when."""
    facts: Sequence[tuple[str, str]]
    labels: dict[str, str]
    answered_at: Instant


class SignatureView(Struct, frozen=True, kw_only=True):
    """What stands on the sheet with the signature."""

    language: str
    title: str
    rows: Sequence[tuple[str, str]]
    labels: dict[str, str]
    signed_at: Instant


def form(view: FormView) -> bytes:
    """Return the filled form as PDF/A-3b."""
    return typeset(FORM, msgspec.to_builtins(view), view.opened_at)


def consent(view: ConsentView) -> bytes:
    """Return the consent as PDF/A-3b."""
    return typeset(CONSENT, msgspec.to_builtins(view), view.answered_at)


def signed(document: bytes, view: SignatureView, picture: bytes) -> bytes:
    """Return the document with a sheet that has the signature's picture, and the document itself inside."""
    sheet = typeset(SIGNATURE, msgspec.to_builtins(view), view.signed_at, {"picture": picture.decode()})
    out = BytesIO()
    with pikepdf.open(BytesIO(document)) as whole, pikepdf.open(BytesIO(sheet)) as last:
        whole.pages.extend(last.pages)
        inside = pikepdf.AttachedFileSpec(
            whole,
            document,
            filename=DOCUMENT,
            description=view.title,
            mime_type="application/pdf",
            creation_date="",
            mod_date="",
        )
        whole.attachments[DOCUMENT] = inside
        whole.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def pages(pdf: bytes) -> tuple[str, ...]:
    """Return the pages of a PDF as pictures in `data:` addresses: what is signed is what was seen."""
    shown = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(min(len(document), MAX_PAGES)):
        picture = BytesIO()
        document[number].render(scale=DOTS).to_pil().convert("P", palette=1, colors=64).save(picture, "PNG", optimize=True)
        shown.append(f"data:image/png;base64,{b64encode(picture.getvalue()).decode()}")
    document.close()
    return tuple(shown)
