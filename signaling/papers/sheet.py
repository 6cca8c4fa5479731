"""The notice as PDF and as pictures of its pages, laid out by Typst as the evidence is; the same words, the same bytes.

It takes some 100 ms without the interpreter's lock: call it in a thread.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
import pypdfium2
from msgspec import Struct
from PIL import Image

from rvw.clock import Instant
from signaling.typesetting import typeset
from signaling.uploads.pictures import THUMBNAIL_PIXELS

TEMPLATE: Final = (Path(__file__).parent / "notice.typ").read_bytes()
VIEW_SCALE: Final = 2.0
"""Pixels a point: an A4 sheet is 1,190 wide."""

QUALITY: Final = 88


class NoticeView(Struct, frozen=True, kw_only=True):
    """What the notice says, in words."""

    language: str
    desk: str
    ticket: str
    facts: Sequence[tuple[str, str]]
    lead: str
    missing: Sequence[tuple[str, str, str]]
    """Name, why it is missing, and what it must be."""
    note: str
    accepted: Sequence[str]
    bring: Sequence[str]
    labels: dict[str, str]


class Painted(Struct, frozen=True):
    """A page as pictures."""

    width: int
    height: int
    view: bytes
    thumbnail: bytes


def render(view: NoticeView, now: Instant) -> bytes:
    """Return the PDF/A-3b."""
    return typeset(TEMPLATE, msgspec.to_builtins(view), now)


def painted(pdf: bytes) -> tuple[Painted, ...]:
    """Return the pictures of its pages, as those of a file that was handed in."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        picture = page.render(scale=VIEW_SCALE).to_pil().convert("RGB")
        small = picture.copy()
        small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        found.append(Painted(picture.width, picture.height, _jpeg(picture), _jpeg(small)))
    document.close()
    return tuple(found)


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
