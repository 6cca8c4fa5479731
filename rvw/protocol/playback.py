"""What goes over HTTP when somebody watches what was recorded of a visit: the time line, the files, tickets for them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rvw.clock import Instant, Seconds
from rvw.domain.chain import RecordEvent, Removal
from rvw.domain.handover import Names, Party

RecordingState = Literal["none", "wanted", "collected", "composed", "uncomposed", "lost"]
"""`none`: nothing was recorded. `wanted`: it is on its way. `collected`: there is a file for each party. `composed`: and a
film of all. `uncomposed`: the film could not be made. `lost`: no disk has anything of it."""


class PlayedEvent(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that has happened, as the record has it."""

    stream: str
    version: int
    at: Instant
    by: str
    event: RecordEvent
    removed: Removal | None
    """Why its texts are empty, if they were removed by law."""


class PlayedTrack(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file with what one party has sent: a voice (`mic`), a picture (`camera`) or a screen (`share`)."""

    sha256: str
    type: str
    actor: str
    out: str
    begin: Seconds
    """The position of its first frame."""
    end: Seconds
    """The position of its last frame."""


class Tile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where somebody's picture or screen is in the film, from when until when: in seconds and pixels of the film."""

    actor: str
    out: str
    begin: Seconds
    end: Seconds
    x: int
    y: int
    width: int
    height: int


class PlayedFilm(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file with all parties in one picture."""

    sha256: str
    type: str
    seconds: Seconds
    width: int
    height: int
    tiles: tuple[Tile, ...]


class PlayedSpan(Struct, frozen=True, forbid_unknown_fields=True):
    """From which position to which it was recorded: between two lie holds, and what was not recorded."""

    begin: Seconds
    end: Seconds


class Playback(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`GET /api/records/{visit}/playback`, for who may watch: everything but the bytes.

    Position 0 of all files is the instant `since`; what happened at `at` is at the position `at - since`.
    """

    visit: str
    number: int
    """The version of the record."""
    ticket: str
    matter: str
    region: str
    desk: str
    officer: str
    outcome: str
    case: str
    names: Names
    opened_at: Instant
    closed_at: Instant
    parties: tuple[Party, ...]
    state: RecordingState
    since: Instant
    seconds: Seconds
    """How long the time line is."""
    spans: tuple[PlayedSpan, ...]
    film: PlayedFilm | None
    tracks: tuple[PlayedTrack, ...]
    removed: int
    """Recorded files that were removed from the record by law."""
    pages: tuple[str, ...]
    """The pictures of pages that all have looked at, by hash, as far as the record still has them."""
    events: tuple[PlayedEvent, ...]


class FileUrl(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a file can be had, for a while."""

    sha256: str
    url: str


class Viewing(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer of `POST /api/records/{visit}/viewings`: addresses that a media element can play, and until when."""

    until: int
    """In seconds since 1970."""
    files: tuple[FileUrl, ...]


class FileTicket(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of `GET /api/records/{visit}/files/{sha256}`: as `Viewing` gives it."""

    viewer: Annotated[str, Meta(max_length=128)]
    until: Annotated[int, Meta(ge=0)]
    proof: Annotated[str, Meta(max_length=64)]
