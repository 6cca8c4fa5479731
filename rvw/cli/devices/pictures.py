"""Made-up pictures of the simulated devices: the face of somebody who does not exist, and paper under the camera."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from rvw.cli.devices.bench import SimPerson

FACE = (102, 126)
"""The size of the photograph in a second-generation identity card."""

PAPER = (2480, 3508)
"""A4 at 300 points an inch."""

SHADES = (("#e9c9a8", "#3b3f46", "#56707a"), ("#f0d2b4", "#22201e", "#7a4b4b"), ("#dcb48e", "#6a6a6a", "#48596b"))
_LARGE = 4
"""Drawn so much larger, then made small: smooth edges."""


def face(person: SimPerson) -> bytes:
    """Return a drawn face as JPEG."""
    skin, hair, coat = SHADES[person.shade % len(SHADES)]
    width, height = FACE[0] * _LARGE, FACE[1] * _LARGE
    image = Image.new("RGB", (width, height), "#ffffff")
    drawing = ImageDraw.Draw(image)
    drawing.ellipse((width * 0.02, height * 0.76, width * 0.98, height * 1.5), fill=coat)
    drawing.rectangle((width * 0.40, height * 0.62, width * 0.60, height * 0.82), fill=skin)
    drawing.ellipse((width * 0.22, height * 0.12, width * 0.78, height * 0.62), fill=hair)
    drawing.ellipse((width * 0.27, height * 0.20, width * 0.73, height * 0.70), fill=skin)
    for side in (0.40, 0.60):
        drawing.ellipse((width * (side - 0.03), height * 0.42, width * (side + 0.03), height * 0.46), fill="#2a2420")
    drawing.arc((width * 0.40, height * 0.48, width * 0.60, height * 0.60), 20, 160, fill="#8c4a3c", width=_LARGE * 2)
    out = BytesIO()
    image.resize(FACE, Image.Resampling.LANCZOS).save(out, "JPEG", quality=85)
    return out.getvalue()


def paper(text: str) -> bytes:
    """Return a sheet with these words as PNG."""
    image = Image.new("L", PAPER, 255)
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((120, 120, PAPER[0] - 120, PAPER[1] - 120), outline=0, width=6)
    drawing.text((240, 300), text, fill=0, font=ImageFont.truetype(str(sans_path()), 110))
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
