"""What the cleaning process is told, and what it answers: one line of JSON each way."""

from msgspec import Struct


class Limits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one file may cost."""

    pixels: int
    pages: int
    memory_bytes: int
    cpu_s: int


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """A page as it is shown: its size in pixels, and the names of its pictures in the folder."""

    width: int
    height: int
    view: str
    """Empty: the file itself is the picture."""
    thumbnail: str


class Cleaned(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that may be shown: `file` in the folder, and a picture of each of its pages."""

    type: str
    pages: tuple[Shown, ...]


class Refused(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is not taken."""

    code: str
    said: str
