"""What is handed in is cleaned or refused, in a process of its own."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from rvw import errors
from signaling.uploads.cleaner import Cleaner
from signaling.uploads.results import Cleaned, Limits
from tests.fakes import papers

LIMITS = Limits(pixels=64_000_000, pages=50, memory_bytes=1 << 30, cpu_s=20)


async def clean(data: bytes, folder: Path, limits: Limits = LIMITS) -> Cleaned:
    """Hand the bytes to a fresh process."""
    file = folder / "sent"
    file.write_bytes(data)
    (folder / "made").mkdir()
    return await Cleaner(limits, at_once=1).clean(file, folder / "made")


async def test_a_still_is_kept_byte_for_byte(tmp_path: Path) -> None:
    """A bare photograph comes out as it went in, with a smaller view and a thumbnail."""
    still = papers.jpeg(papers.page(3264, 2448))

    made = await clean(still, tmp_path)

    assert (tmp_path / "made/file").read_bytes() == still
    assert made.type == "image/jpeg"
    shown = made.pages[0]
    assert (shown.width, shown.height) == (3264, 2448)
    with Image.open(tmp_path / "made" / shown.view) as view, Image.open(tmp_path / "made" / shown.thumbnail) as small:
        assert (view.size, small.size) == ((2400, 1800), (360, 270))


async def test_what_a_camera_tells_of_itself_is_cut_out(tmp_path: Path) -> None:
    """An upright photograph loses its EXIF and nothing else: every pixel is the same."""
    sent = papers.with_exif()
    assert b"MADE-UP-CAMERA" in sent

    await clean(sent, tmp_path)

    kept = (tmp_path / "made/file").read_bytes()
    assert b"MADE-UP-CAMERA" not in kept
    with Image.open(BytesIO(sent)) as before, Image.open(BytesIO(kept)) as after:
        assert before.tobytes() == after.tobytes()
        assert not after.getexif()


async def test_a_photograph_held_sideways_stands_upright(tmp_path: Path) -> None:
    """The orientation that EXIF tells is applied before EXIF goes."""
    made = await clean(papers.held_sideways(), tmp_path)

    assert (made.pages[0].width, made.pages[0].height) == (1240, 1754)
    with Image.open(tmp_path / "made/file") as kept:
        assert kept.size == (1240, 1754)
        assert not kept.getexif()


async def test_a_png_keeps_its_pixels(tmp_path: Path) -> None:
    """A screenshot stays a PNG."""
    sent = papers.png()
    made = await clean(sent, tmp_path)
    assert made.type == "image/png"
    with Image.open(BytesIO(sent)) as before, Image.open(tmp_path / "made/file") as after:
        assert before.tobytes() == after.tobytes()


async def test_a_document_is_made_anew_of_its_pages(tmp_path: Path) -> None:
    """Link, attachment, opening view and author are gone; the pages are painted."""
    made = await clean(papers.pdf_with_link_and_attachment(), tmp_path)

    with pikepdf.open(tmp_path / "made/file") as kept:
        assert len(kept.pages) == 1
        assert "/Annots" not in kept.pages[0]
        assert not kept.attachments
        assert "/OpenAction" not in kept.Root
        assert "/Author" not in kept.docinfo
    assert b"attached words" not in (tmp_path / "made/file").read_bytes()
    with Image.open(tmp_path / "made" / made.pages[0].view) as view:
        assert max(view.size) == 2400
        assert sum(view.convert("L").histogram()[:100]) > 10_000, "the lines of the page are seen"


async def test_every_page_of_a_document_is_shown(tmp_path: Path) -> None:
    """Three pages make three views and three thumbnails."""
    made = await clean(papers.pdf(3), tmp_path)
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert len(made.pages) == 3
    assert names == {"file"} | {f"{what}-{n}" for what in ("view", "thumbnail") for n in (1, 2, 3)}


MALICE: dict[str, tuple[Callable[[], bytes], type[errors.InvalidInput]]] = {
    "script": (papers.pdf_with_script, errors.ActiveContent),
    "hidden-script": (papers.pdf_with_hidden_script, errors.ActiveContent),
    "launch": (papers.pdf_that_launches, errors.ActiveContent),
    "jpeg-and-zip": (papers.jpeg_and_zip, errors.Polyglot),
    "jpeg-and-pdf": (papers.jpeg_and_pdf, errors.Polyglot),
    "jpeg-and-page": (papers.jpeg_and_script, errors.Polyglot),
    "pdf-and-page": (lambda: papers.pdf() + b"<script>", errors.Polyglot),
    "png-and-program": (lambda: papers.png() + b"MZ\x90", errors.Polyglot),
    "zip-bomb": (papers.zip_bomb, errors.FileType),
    "pdf-bomb": (papers.pdf_bomb, errors.Bomb),
    "pdf-with-huge-picture": (papers.pdf_with_huge_picture, errors.Bomb),
    "huge-png": (papers.huge_png, errors.Bomb),
    "locked": (papers.locked_pdf, errors.Encrypted),
    "half-jpeg": (lambda: papers.jpeg()[:-5000], errors.BrokenFile),
    "half-png": (lambda: papers.png()[:-500], errors.BrokenFile),
    "half-pdf": (lambda: papers.pdf()[:3000] + b"\n%%EOF\n", errors.BrokenFile),
    "program": (lambda: b"MZ\x90\0" * 100, errors.FileType),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.FileType),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", errors.FileType),
    "nothing": (lambda: b"", errors.FileType),
    "too-many-pages": (lambda: papers.pdf(51), errors.TooLarge),
}


@pytest.mark.parametrize("what", MALICE)
async def test_what_is_meant_ill_is_refused_with_its_code(what: str, tmp_path: Path) -> None:
    """Each has its own error."""
    make, refusal = MALICE[what]
    with pytest.raises(refusal) as refused:
        await clean(make(), tmp_path)
    assert type(refused.value) is refusal


async def test_a_file_that_breaks_its_decoder_breaks_nothing_else(tmp_path: Path) -> None:
    """A process that runs into its bounds ends; whoever asked is told that it is a bomb."""
    tight = Limits(pixels=64_000_000, pages=50, memory_bytes=90 << 20, cpu_s=20)
    with pytest.raises(errors.Bomb):
        await clean(papers.jpeg(papers.page(7000, 7000)), tmp_path, tight)
