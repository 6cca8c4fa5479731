"""Everything that is printed is laid out here, by Typst, with one set of fonts: the same contents give the same bytes.

The fonts come as a wheel, so that a plain machine prints the same page (Noto Sans SC, SIL Open Font Licence); Typst writes
the standard's metadata and colour profile. A page or two take 30 to 100 ms without the interpreter's lock: call it in a
thread.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec
import typst
from pylopdf_fonts_zh_cn import sans_path

from rvw.clock import Instant

FONT: Final = "Noto Sans SC"


def typeset(template: bytes, view: Mapping[str, Any], at: Instant, more: Mapping[str, str] | None = None) -> bytes:
    """Return the PDF/A-3b of a template that reads `view` and `more`, as of `at`."""
    inputs = {"view": msgspec.json.encode({**view, "font": FONT}).decode(), **(more or {})}
    compiler = typst.Compiler(template, font_paths=_fonts(), sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_standards="a-3b", timestamp=int(at))
    assert isinstance(made, bytes)  # noqa: S101 - a list is of pages of pictures
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(sans_path().parent)])
