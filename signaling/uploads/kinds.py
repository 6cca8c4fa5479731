"""What a file is, by its bytes: names and declared types are never asked. Whatever is two things at once is refused.

The structure is walked before any decoder sees a byte, and only the parts that make the picture are kept: no place is left
in which something else could travel. JPEG is ITU-T T.81 (annex B), PNG is the W3C recommendation (section 5).
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Final, Literal, TypeAlias

from rvw.errors import BrokenFile, FileType, Polyglot

Kind: TypeAlias = Literal["image/jpeg", "image/png", "application/pdf"]

PDF_WITHIN: Final = 2048
"""Readers of PDF look for its first line in the first kilobyte; twice that is looked at."""

_JPEG_START, _PNG_START, _PDF_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""A marker that ends entropy-coded data: no stuffed byte (FF 00) and no restart (FF D0 to D7)."""

_SOI, _EOI, _SOS, _APP0, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE
_JPEG_KEPT = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, _SOS, _APP0, _APP14})
"""Frames that browsers show (baseline, extended, progressive), their tables, and the two segments that tell the colours."""

_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"sRGB", b"pHYs"})


def kind_of(data: bytes) -> Kind:
    """Return what the bytes are. Raises `FileType` for what is not taken, `Polyglot` for what is something else as well."""
    if data.startswith(_PDF_START):
        kind: Kind = "application/pdf"
    elif data.startswith(_JPEG_START):
        kind = "image/jpeg"
    elif data.startswith(_PNG_START):
        kind = "image/png"
    elif data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise FileType("this is a HEIC or AVIF picture: pages turn it into a JPEG where the browser can")
    else:
        raise FileType("this is no JPEG, PNG or PDF, whatever its name says")
    if zipfile.is_zipfile(BytesIO(data)):
        raise Polyglot("this file is an archive as well")
    if kind != "application/pdf" and _PDF_START in data[:PDF_WITHIN]:
        raise Polyglot("this picture is a PDF as well")
    if kind == "application/pdf" and data[data.rfind(b"%%EOF") :].removeprefix(b"%%EOF").strip(b"\r\n\0 "):
        raise Polyglot("this PDF goes on after its end")
    return kind


def bare_jpeg(data: bytes) -> bytes:
    """Return the JPEG without anything that is not the picture: no EXIF, no comments, no previews.

    Raises `BrokenFile` if it cannot be walked, `Polyglot` if something follows its end.
    """
    return b"".join((b"\xff\xd8", *_segments(data), b"\xff\xd9"))


def _segments(data: bytes) -> Iterator[bytes]:
    at = 2
    while True:
        marker, at = _marker(data, at)
        if marker == _EOI:
            break
        if at + 2 > len(data) or marker in (_SOI, 0x00):
            raise BrokenFile("this JPEG is cut off or damaged")
        end = at + struct.unpack_from(">H", data, at)[0]
        if marker == _SOS:
            found = _AFTER_SCAN.search(data, end)
            if found is None:
                raise BrokenFile("this JPEG is cut off")
            end = found.start()
        if marker in _JPEG_KEPT:
            yield bytes((0xFF, marker)) + data[at:end]
        at = end
    if data[at:].strip(b"\0"):
        raise Polyglot("something follows the end of this JPEG")


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker at a place and where it ends; any number of FF may stand before it."""
    if data[at : at + 1] != b"\xff":
        raise BrokenFile("this JPEG is damaged")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise BrokenFile("this JPEG is cut off")
    return data[at], at + 1


def bare_png(data: bytes) -> bytes:
    """Return the PNG without anything that is not the picture: no texts, no profiles, no animation.

    Raises `BrokenFile` if it cannot be walked, `Polyglot` if something follows its end.
    """
    kept, at = [_PNG_START], len(_PNG_START)
    while True:
        if at + 12 > len(data):
            raise BrokenFile("this PNG is cut off")
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise BrokenFile("this PNG is cut off")
        if name in _PNG_KEPT:
            kept.append(data[at:end])
        at = end
        if name == b"IEND":
            break
    if data[at:].strip(b"\0"):
        raise Polyglot("something follows the end of this PNG")
    return b"".join(kept)
