"""A sheet of paper on a dark table, seen by a camera that does not stand upright above it; and how straight it came out."""

from io import BytesIO
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]

SHEET: Final = (1240, 1754)
"""A4 at 150 dots an inch."""

FRAME: Final = (3264, 2448)
"""Eight megapixels, as many document cameras have."""

LIES: Final[Quad] = ((1010, 190), (2330, 330), (2250, 2270), (760, 2060))
"""Where the corners of the sheet are seen, from its upper left one clockwise."""

MARKS: Final = ((200, 30, 30), (30, 150, 60), (40, 60, 190), (230, 160, 20))
"""The colours in its corners."""

AT: Final = (0.25, 0.5, 0.75)
"""Where lines run across and down, in parts of the sheet."""


def sheet() -> Image.Image:
    """Return the sheet itself: a mark in each corner, and lines across and down."""
    width, height = SHEET
    picture = Image.new("RGB", SHEET, (240, 240, 236))
    drawing = ImageDraw.Draw(picture)
    for colour, (x, y) in zip(MARKS, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        left, top = (60 if x == 0 else width - 220), (60 if y == 0 else height - 220)
        drawing.rectangle((left, top, left + 160, top + 160), fill=colour)
    for part in AT:
        drawing.line((60, part * height, width - 60, part * height), fill="black", width=6)
        drawing.line((part * width, 260, part * width, height - 260), fill="black", width=6)
    return picture


def photographed(lies: Quad = LIES) -> Image.Image:
    """Return what the camera sees."""
    table = Image.new("RGB", FRAME, (46, 44, 42))
    seen = sheet().transform(FRAME, Image.Transform.PERSPECTIVE, onto_sheet(lies), Image.Resampling.BICUBIC)
    whole = Image.new("L", SHEET, 255).transform(FRAME, Image.Transform.PERSPECTIVE, onto_sheet(lies))
    table.paste(seen, mask=whole)
    return table


def film(file: Path, lies: Quad = LIES) -> Path:
    """Write what Chromium plays as its camera (`--use-file-for-fake-video-capture`), and return where."""
    out = BytesIO()
    photographed(lies).save(out, "JPEG", quality=95)
    file.write_bytes(out.getvalue() * 2)
    return file


def onto_sheet(lies: Quad) -> tuple[float, ...]:
    """Return the projection from the picture onto the sheet, in the eight numbers that Pillow takes."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = lies
    dx1, dy1, dx2, dy2 = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    across = (e - f * h, c * h - b, b * f - c * e)
    down = (f * g - d, a - c * g, c * d - a * f)
    depth = (d * h - e * g, b * g - a * h, a * e - b * d)
    width, height = SHEET
    rows = ([n * width for n in across], [n * height for n in down], depth)
    return tuple(n / depth[2] for row in rows for n in row)[:8]


def slant(page: Image.Image) -> float:
    """Return how far, at most, a line leaves its row or column from end to end, in thousandths of the longer side."""
    grey = page.convert("L")
    worst = 0.0
    for part in AT:
        rows = [_darkest(grey, along, part, across=True) for along in (0.15, 0.4, 0.6, 0.85)]
        columns = [_darkest(grey, along, part, across=False) for along in (0.2, 0.4, 0.6, 0.8)]
        worst = max(worst, max(rows) - min(rows), max(columns) - min(columns))
    return worst / max(page.size) * 1000


def marks(page: Image.Image) -> tuple[tuple[int, int, int], ...]:
    """Return the colours in the corners, from the upper left one clockwise."""
    width, height = page.size
    x, y = 140 / SHEET[0], 140 / SHEET[1]
    places = ((x, y), (1 - x, y), (1 - x, 1 - y), (x, 1 - y))
    found = [page.convert("RGB").getpixel((round(u * width), round(v * height))) for u, v in places]
    return tuple((int(one[0]), int(one[1]), int(one[2])) for one in found if isinstance(one, tuple))


def same_colours(some: tuple[tuple[int, int, int], ...], others: tuple[tuple[int, int, int], ...]) -> bool:
    """Tell whether the colours are the same to the eye, after a camera and a JPEG."""
    return all(abs(a - b) < 40 for one, other in zip(some, others, strict=True) for a, b in zip(one, other, strict=True))


def _darkest(grey: Image.Image, along: float, part: float, across: bool) -> float:
    """Return the row (of a line across) or column where the line is darkest, near where it should be."""
    width, height = grey.size
    length, other = (height, width) if across else (width, height)
    near = range(round((part - 0.06) * length), round((part + 0.06) * length))
    fixed = round(along * other)
    values = [255 - _value(grey, (fixed, at) if across else (at, fixed)) for at in near]
    floor = max(values) / 2
    weights = [max(0.0, value - floor) for value in values]
    return sum(at * weight for at, weight in zip(near, weights, strict=True)) / sum(weights)


def _value(grey: Image.Image, place: tuple[int, int]) -> float:
    found = grey.getpixel(place)
    assert isinstance(found, int | float)
    return float(found)
