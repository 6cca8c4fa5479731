"""The picture of a film, painted upon: pictures fitted into their places, words beside them. Planes of luma and colour."""

from typing import Final

import av
import numpy
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from signaling.recordings.scenes import Place

GROUND: Final = (33, 129, 123)
"""Luma and colours of the page's stage, #0c1716 (ITU-R BT.601)."""
CARD: Final = 58
"""Luma of the card where a picture is missing."""
INK: Final = 225
SOFT_INK: Final = 160

Plane = NDArray[numpy.uint8]
Picture = av.VideoFrame


class Canvas:
    """One picture in yuv420p, of even width and height."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.planes: Plane = numpy.empty((height * 3 // 2, width), numpy.uint8)
        quarter = self.planes[height:].reshape(2, height // 2, width // 2)
        self._luma, self._blue, self._red = self.planes[:height], quarter[0], quarter[1]
        self.clear(Place(0, 0, width, height))

    def clear(self, place: Place, luma: int = GROUND[0]) -> None:
        """Take away what is there."""
        x, y, width, height = place
        self._luma[y : y + height, x : x + width] = luma
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        self._blue[half], self._red[half] = GROUND[1:]

    def paint(self, place: Place, picture: Picture) -> None:
        """Put a picture there, as large as the place."""
        x, y, width, height = place
        scaled = picture.reformat(width, height, "yuv420p", interpolation=Interpolation.FAST_BILINEAR)
        flat = scaled.to_ndarray().reshape(-1)
        points = width * height
        self._luma[y : y + height, x : x + width] = flat[:points].reshape(height, width)
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        self._blue[half] = flat[points : points * 5 // 4].reshape(height // 2, width // 2)
        self._red[half] = flat[points * 5 // 4 :].reshape(height // 2, width // 2)

    def write(self, place: Place, text: str, size: int, ink: int = INK, luma: int = GROUND[0], anchor: str = "l") -> None:
        """Write a line of text there, on an empty ground: from the left (`l`), the middle (`m`) or the right (`r`)."""
        self.clear(place, luma)
        x, y, width, height = place
        sheet = Image.new("L", (width, height), luma)
        font = _font(size)
        text = _shortened(text, font, width - 2 * MARGIN)
        at = {"l": MARGIN, "m": width // 2, "r": width - MARGIN}[anchor]
        ImageDraw.Draw(sheet).text((at, height // 2), text, fill=ink, font=font, anchor=f"{anchor}m")
        self._luma[y : y + height, x : x + width] = numpy.asarray(sheet)


MARGIN: Final = 12
_FONTS: dict[int, ImageFont.FreeTypeFont] = {}


def _font(size: int) -> ImageFont.FreeTypeFont:
    if size not in _FONTS:
        _FONTS[size] = ImageFont.truetype(str(sans_path()), size)
    return _FONTS[size]


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text}…"
