"""What the processes that make files of a recording are told, and what they say: lines of JSON between them and us."""

from msgspec import Struct

from rvw.clock import Instant, Seconds


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """Make files of the segments in a folder."""

    room: str
    folder: str
    key: str
    """Base64: it is told on standard input, and stands in no list of processes."""


class Head(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="file", tag_field="line"):
    """A file follows: so many bytes after this line."""

    actor: str
    out: str
    codec: str
    type: str
    bytes: int = 0
    begin: Seconds = 0.0
    """The position of its first frame."""
    seconds: Seconds = 0.0
    """The position of its last frame; position 0 is the same instant in all files of a visit."""
    frames: int = 0
    dropped: int = 0
    """Times that a picture was left out because a part of it had not come."""


class Summary(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="summary", tag_field="line"):
    """The last line."""

    since: Instant
    """The instant at position 0."""
    spans: tuple[tuple[Instant, Instant], ...]
    """From when until when it was recorded: between them lie holds, and what was not recorded."""
    lost: int


Line = Head | Summary
