"""Parts of files, as browsers ask for them when they play one (RFC 9110, section 14). Pure.

A part is answered with at most so many bytes, which a server may do (section 15.3.7): the browser asks for the rest when it
needs it. A page that plays ten files of a visit at once would otherwise hold ten connections, and a browser has six.
"""

import re
from typing import Final

from msgspec import Struct

from rvw.errors import OutOfRange

ONE: Final = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")


class Part(Struct, frozen=True):
    """The bytes `[start, end)` of a file of `whole` bytes."""

    start: int
    end: int
    whole: int

    def told(self) -> str:
        """Return it as the header `Content-Range` says it."""
        return f"bytes {self.start}-{self.end - 1}/{self.whole}"


def part_of(wanted: str, whole: int, most: int) -> Part | None:
    """Return the part that the header `Range` asks for, `most` bytes of it at most; `None` for the whole file.

    What is not understood, and several parts at once, count as not asked (section 14.2). Raises `OutOfRange` for a part
    that begins behind the end.
    """
    found = ONE.fullmatch(wanted)
    first, last = found.groups() if found else ("", "")
    if not (first or last) or (first and last and int(last) < int(first)):
        return None
    start = int(first) if first else max(0, whole - int(last))
    if start >= whole:
        raise OutOfRange(whole)
    end = min(whole, int(last) + 1) if first and last else whole
    return Part(start, min(end, start + most), whole)
