"""The notice as PDF and as pictures of its pages, laid out by Typst as the evidence is; the same words, the same bytes.

It takes some 100 ms without the interpreter's lock: call it in a thread.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import msgspec
import pypdfium2
import typst
from msgspec import Struct
from PIL import Image

from rvw.clock import Instant
from signaling.dossiers.evidence import CHINA, FONT, fonts

TEMPLATE: Final = (Path(__file__).parent / "notice.typ").read_bytes()
VIEW_SCALE: Final = 2.0
"""Pixels a point: an A4 sheet is 1,190 wide."""

THUMBNAIL_PIXELS: Final = 360
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
    inputs = {"view": msgspec.json.encode({**msgspec.to_builtins(view), "font": FONT}).decode()}
    compiler = typst.Compiler(TEMPLATE, font_paths=fonts(), sys_inputs=inputs)
    made: Any = compiler.compile(format="pdf", pdf_standards="a-3b", timestamp=int(now))
    return bytes(made)


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


def moment(at: Instant) -> str:
    """Return a time as people write it."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CHINA):%Y-%m-%d %H:%M}"


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
