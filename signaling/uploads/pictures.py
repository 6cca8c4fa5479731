"""Pictures, cleaned: bare, upright, decoded once from end to end within bounds. Runs in the cleaning process alone.

The pixels of a bare and upright picture are not touched: what was photographed is what is kept, byte for byte.
"""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from rvw.errors import Bomb, BrokenFile
from signaling.uploads.kinds import Kind, bare_jpeg, bare_png
from signaling.uploads.results import Cleaned, Limits, Shown

VIEW_PIXELS: Final = 2400
"""The longer side of a page as it is shown first: A4 at 205 dots an inch. Zooming in loads the whole."""

THUMBNAIL_PIXELS: Final = 360
QUALITY: Final = 95
VIEW_QUALITY: Final = 85
ORIENTATION: Final = 0x0112
"""EXIF 2.32, section 4.6.4: how the camera was held."""

PLAIN_MODES: Final = ("RGB", "L", "1", "P", "LA", "RGBA")


def clean_picture(data: bytes, kind: Kind, folder: Path, limits: Limits) -> Cleaned:
    """Write the clean picture, its view and its thumbnail into `folder`, and return what they are.

    Raises `Bomb` for more pixels than may be, `BrokenFile` for what does not decode, `Polyglot`.
    """
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = limits.pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    bare = bare_jpeg(data) if kind == "image/jpeg" else bare_png(data)
    try:
        turned = _orientation(data) > 1
        picture = _decoded(bare if not turned else data, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise Bomb(f"a picture has at most {limits.pixels:,} pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BrokenFile(f"this picture cannot be read: {error}") from error
    if turned or picture.mode not in PLAIN_MODES:
        picture = _plain(picture)
        bare = _encoded(picture, "JPEG", QUALITY)
        kind = "image/jpeg"
    (folder / "file").write_bytes(bare)
    return Cleaned(kind, (shown(picture, folder, 1, own=max(picture.size) <= VIEW_PIXELS),))


def shown(picture: Image.Image, folder: Path, number: int, own: bool) -> Shown:
    """Write a page's view and thumbnail, and return its size; `own`: the file is its own view."""
    plain = _plain(picture)
    view = ""
    if not own:
        view = f"view-{number}"
        (folder / view).write_bytes(_encoded(_within(plain, VIEW_PIXELS), "JPEG", VIEW_QUALITY))
    thumbnail = f"thumbnail-{number}"
    (folder / thumbnail).write_bytes(_encoded(_within(plain, THUMBNAIL_PIXELS), "JPEG", VIEW_QUALITY))
    return Shown(picture.width, picture.height, view, thumbnail)


def _orientation(data: bytes) -> int:
    with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as picture:
        found = picture.getexif().get(ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _decoded(data: bytes, kind: Kind) -> Image.Image:
    picture = Image.open(BytesIO(data), formats=("JPEG",) if kind == "image/jpeg" else ("PNG",))
    picture.load()
    return ImageOps.exif_transpose(picture)


def _plain(picture: Image.Image) -> Image.Image:
    """Return it in grey or three colours, on white where it is transparent."""
    if picture.mode in ("RGB", "L"):
        return picture
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        through = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(through, mask=through.getchannel("A"))
        return white
    return picture.convert("L" if picture.mode in ("1", "I;16", "I", "F") else "RGB")


def _within(picture: Image.Image, longest: int) -> Image.Image:
    small = picture.copy()
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


def _encoded(picture: Image.Image, form: str, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, form, quality=quality, optimize=True)
    return out.getvalue()
