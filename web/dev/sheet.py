"""A made-up certificate on a table, as a camera sees it that does not stand upright above it: what Chromium plays as a camera."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from tests.fakes.sheets import FRAME, LIES, SHEET, onto_sheet

LINES = ("兹证明 示例居民", "自 2019 年 3 月至 2026 年 10 月", "在本单位连续参加社会保险。", "", "特此证明。")


def certificate(title: str = "参保证明（样张）") -> Image.Image:
    """Return the sheet itself."""
    picture = Image.new("RGB", SHEET, (246, 245, 240))
    drawing = ImageDraw.Draw(picture)

    def write(x: int, y: int, text: str, size: int, fill: object = (30, 34, 38)) -> None:
        drawing.text((x, y), text, fill=fill, font=ImageFont.truetype(str(sans_path()), size))  # type: ignore[arg-type]

    drawing.rectangle((70, 70, SHEET[0] - 70, SHEET[1] - 70), outline=(120, 130, 128), width=5)
    write(250, 190, title, 92)
    for number, line in enumerate(LINES):
        write(190, 460 + number * 130, line, 60)
    drawing.ellipse((760, 1190, 1060, 1490), outline=(196, 40, 40), width=9)
    write(835, 1310, "样  章", 52, (196, 40, 40))
    write(640, 1540, "2026 年 11 月 27 日", 50)
    return picture


def film(file: Path) -> Path:
    """Write what `--use-file-for-fake-video-capture` plays, and return where."""
    table = Image.new("RGB", FRAME, (64, 56, 50))
    onto = onto_sheet(LIES)
    seen = certificate().transform(FRAME, Image.Transform.PERSPECTIVE, onto, Image.Resampling.BICUBIC)
    mask = Image.new("L", SHEET, 255).transform(FRAME, Image.Transform.PERSPECTIVE, onto)
    table.paste(seen, mask=mask)
    out = BytesIO()
    table.save(out, "JPEG", quality=93)
    file.write_bytes(out.getvalue() * 2)
    return file
