"""What the processes that make files of a recording are told, and what they say: lines of JSON between them and us."""

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.protocol.playback import Tile
from signaling.recordings.veil import Veil


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


class Reel(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a recording, to be put into the film."""

    actor: str
    out: str
    file: Veil


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """What is written in the film."""

    title: str
    names: dict[str, str]
    """Of each actor, in the order in which they are seated."""
    no_picture: str
    not_recorded: str


class Script(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Make one film of these files."""

    folder: str
    since: Instant
    spans: tuple[tuple[Seconds, Seconds], ...]
    """From which position to which it was recorded."""
    seconds: Seconds
    reels: tuple[Reel, ...]
    words: Words


class Progress(Struct, frozen=True, forbid_unknown_fields=True, tag="progress", tag_field="line"):
    """It goes on, and has come to this position."""

    position: Seconds


class Made(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="made", tag_field="line"):
    """The film follows: so many bytes after this line."""

    bytes: int
    seconds: Seconds
    width: int
    height: int
    tiles: tuple[Tile, ...]
    damaged: int
    """Pictures and sounds that no decoder could read."""


class Failed(Struct, frozen=True, forbid_unknown_fields=True, tag="failed", tag_field="line"):
    """It cannot be made, and why."""

    code: str
    reason: str


Word = Progress | Made | Failed
