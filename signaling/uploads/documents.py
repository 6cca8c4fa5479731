"""PDF documents, cleaned: made anew of nothing but what their pages show. Runs in the cleaning process alone.

Scripts and programs to be started are refused, because nobody's form needs them at a window. Everything else that is not a
page (links, attachments, forms that calculate, hidden layers of metadata) is left behind: what people have filled in is
painted onto the page first. Names are those of ISO 32000-2.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from rvw.errors import ActiveContent, Bomb, BrokenFile, Encrypted, TooLarge
from signaling.uploads.pictures import VIEW_PIXELS, shown
from signaling.uploads.results import Cleaned, Limits, Shown

PAGE_KEPT: Final = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit"}
)
LEFT_OUT: Final = ("/AA", "/A", "/AF", "/Metadata", "/PieceInfo", "/OPI", "/Ref", "/StructParents", "/StructParent", "/PS")
"""Keys that objects of a page may have, and nobody needs to see it."""

REFUSED_ACTIONS: Final = frozenset({"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMediaExecute"})
DEEPEST: Final = 40
"""How far direct objects may lie in each other."""

EXPANDED_BYTES: Final = 256 * 1024 * 1024
"""How much the streams of a document may be, unpacked."""

PIECE: Final = 1 << 20
DOTS: Final = 300 / 72
"""The finest a page is painted: 300 dots an inch, of 72 units."""


def clean_document(data: bytes, folder: Path, limits: Limits) -> Cleaned:
    """Write the clean document and its pages' pictures into `folder`, and return what they are.

    Raises `ActiveContent`, `Bomb`, `BrokenFile`, `Encrypted`, `TooLarge`.
    """
    try:
        # Not repaired: a page that had to be guessed may be missing, and nobody would see that.
        with pikepdf.open(BytesIO(data), attempt_recovery=False) as found:
            clean = _only_pages(found, limits)
    except pikepdf.PasswordError as error:
        raise Encrypted("this PDF is locked with a password") from error
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, RecursionError, RuntimeError) as error:
        raise BrokenFile(f"this PDF cannot be read: {type(error).__name__}") from error
    (folder / "file").write_bytes(clean)
    return Cleaned("application/pdf", tuple(_painted(clean, folder)))


def _only_pages(found: Pdf, limits: Limits) -> bytes:
    if found.is_encrypted:
        raise Encrypted("this PDF is locked: save it without a password")
    if not 1 <= len(found.pages) <= limits.pages:
        raise TooLarge(f"a PDF has 1 to {limits.pages} pages")
    _inspect(found, limits)
    found.generate_appearance_streams()
    found.flatten_annotations("all")
    clean = Pdf.new()
    for page in found.pages:
        for key in [key for key in page.obj.keys() if key not in PAGE_KEPT]:  # noqa: SIM118 - a Dictionary is no dict
            del page.obj[key]
        clean.pages.append(page)
    for one in clean.objects:
        _strip(one)
    out = BytesIO()
    clean.remove_unreferenced_resources()
    clean.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def _inspect(found: Pdf, limits: Limits) -> None:
    """Raise `ActiveContent` or `Bomb` for what is not cleaned but refused."""
    room = EXPANDED_BYTES
    for one in found.objects:
        for part in _parts(one, 0):
            if "/JS" in part or str(part.get("/S", "")) in REFUSED_ACTIONS:
                raise ActiveContent("this PDF has a script or starts a program: print it into a new PDF, or photograph it")
        if isinstance(one, Stream):
            if _pixels(one) > limits.pixels:
                raise Bomb(f"a picture has at most {limits.pixels:,} pixels")
            room -= _expanded(one, room)
    names = found.Root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        raise ActiveContent("this PDF has a script: print it into a new PDF, or photograph it")


def _parts(one: Object, depth: int) -> Iterator[Any]:
    """Yield the dictionaries of an object that lie in it directly. Raises `BrokenFile` for a nest without end."""
    if depth > DEEPEST:
        raise BrokenFile("this PDF lies too deep in itself")
    if isinstance(one, Dictionary | Stream):
        yield one
        inside = [value for _, value in one.items()]
    elif isinstance(one, Array):
        inside = list(one)
    else:
        return
    for value in inside:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield from _parts(value, depth + 1)


def _pixels(stream: Stream) -> int:
    if stream.get("/Subtype") != Name.Image:
        return 0
    return int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))


def _expanded(stream: Stream, room: int) -> int:
    """Return how many bytes a deflated stream is. Raises `Bomb` beyond `room`; unpacks a piece at a time."""
    filters = stream.get("/Filter")
    chain = [str(one) for one in filters] if isinstance(filters, Array) else [str(filters)]
    if chain[0] != "/FlateDecode":
        return 0
    if len(chain) > 1 and chain[1] == "/FlateDecode":
        raise Bomb("a stream of this PDF is packed twice")
    unpacking, packed, found = zlib.decompressobj(), stream.read_raw_bytes(), 0
    try:
        while packed and not unpacking.eof:
            found += len(unpacking.decompress(packed, PIECE))
            packed = unpacking.unconsumed_tail
            if found > room:
                raise Bomb(f"this PDF is more than {EXPANDED_BYTES:,} bytes, unpacked")
    except zlib.error:
        return found  # qpdf says whether it can do with it
    return found


def _strip(one: Object) -> None:
    for part in _parts(one, 0):
        for key in LEFT_OUT:
            if key in part:
                del part[key]
    if isinstance(one, Stream) and "/F" in one:
        raise ActiveContent("this PDF takes a part of itself from elsewhere")


def _painted(clean: bytes, folder: Path) -> Iterator[Shown]:
    try:
        document = pypdfium2.PdfDocument(clean)
        for number, page in enumerate(document, 1):
            scale = min(VIEW_PIXELS / max(page.get_width(), page.get_height(), 1.0), DOTS)
            picture = page.render(scale=scale).to_pil()
            yield shown(picture, folder, number, own=False)
            page.close()
        document.close()
    except pypdfium2.PdfiumError as error:
        raise BrokenFile("this PDF cannot be painted") from error
    except MemoryError as error:
        raise Bomb("a page of this PDF needs too much memory") from error
