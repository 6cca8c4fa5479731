"""Events of the papers beside a visit: see `rvw.domain.papers`."""

from typing import Literal, TypeAlias

from msgspec import Struct

from rvw.clock import Instant
from rvw.domain.events.words import Tagged

Source: TypeAlias = Literal["camera", "upload", "phone"]
"""How a page came: a still of the document camera; a file that was chosen; from somebody's telephone by a one-time link."""

Turn: TypeAlias = Literal[0, 90, 180, 270]
"""How far a page is turned to be read, clockwise."""


class Picture(Struct, frozen=True, forbid_unknown_fields=True):
    """A page as it is shown: its size in pixels, and its pictures by hash."""

    width: int
    height: int
    view: str
    """The SHA-256 of what is shown first; of a small picture, the file itself."""
    thumbnail: str


class PaperFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it is kept, cleaned."""

    sha256: str
    bytes: int
    type: str
    """The media type, found by its content."""
    pictures: tuple[Picture, ...]
    """One a page."""
    sent: str
    """The SHA-256 of what the page sent: the same, if nothing had to be cut out."""


class Licence(Struct, frozen=True, forbid_unknown_fields=True):
    """An electronic licence as the library tells of it. Numbers come masked, and are kept masked."""

    id: str
    """What the library calls it."""
    kind: str
    title: str
    number: str
    holder: str
    issuer: str
    valid_until: str
    """A date (`2031-05-20`), or empty: for ever."""


class PageAdded(Tagged, frozen=True, tag="page_added"):
    """A page has come. Its number is the version of this event."""

    material: str
    title: str
    source: Source
    file: PaperFile
    name: str
    """Who has sent it, in words."""


class PageReplaced(Tagged, frozen=True, tag="page_replaced"):
    """A page was taken again; what was decided of its paper counts no more."""

    page: int
    source: Source
    file: PaperFile
    name: str


class PageRemoved(Tagged, frozen=True, tag="page_removed"):
    """A page is no part of the visit any more."""

    page: int
    name: str


class PageNamed(Tagged, frozen=True, tag="page_named"):
    """A page belongs to a paper, and is called so."""

    page: int
    material: str
    title: str
    name: str


class PageShown(Tagged, frozen=True, tag="page_shown"):
    """All look at this page together, until another is shown, a screen is, or it is hidden."""

    page: int
    picture: int
    """Which of the file's pictures, from 0."""
    turn: Turn
    name: str


class PageHidden(Tagged, frozen=True, tag="page_hidden"):
    """Nobody looks at a page together any more."""

    name: str


class PaperAsked(Tagged, frozen=True, tag="paper_asked"):
    """A still is asked for: the resident is told to put the paper under the camera."""

    material: str
    """One of the rule pack or asked for before; empty for a further one, which is called `x` and this event's version."""
    title: str
    note: str
    name: str


class PaperAccepted(Tagged, frozen=True, tag="paper_accepted"):
    """The officer has looked at a paper, and it will do. Without pages: seen in the original."""

    material: str
    name: str


class PaperReturned(Tagged, frozen=True, tag="paper_returned"):
    """The officer has looked at a paper, and it will not do, because of `note`."""

    material: str
    note: str
    name: str


class PaperReferred(Tagged, frozen=True, tag="paper_referred"):
    """Instead of pages, an electronic licence is referred to."""

    material: str
    licence: Licence
    name: str


class PhoneInvited(Tagged, frozen=True, tag="phone_invited"):
    """Whoever has the one-time link may send pictures from a telephone until then."""

    link: str
    """The hash of its secret."""
    until: Instant
    name: str


class PhoneCame(Tagged, frozen=True, tag="phone_came"):
    """A telephone has come by the link, which nobody else can use any more."""

    link: str


class PhoneDismissed(Tagged, frozen=True, tag="phone_dismissed"):
    """The link, or who came by it, may send nothing more."""

    link: str


class NoticeGiven(Tagged, frozen=True, tag="notice_given"):
    """The resident has been told, once and in writing, what is missing (一次性告知)."""

    missing: tuple[str, ...]
    """The materials."""
    file: PaperFile
    name: str
