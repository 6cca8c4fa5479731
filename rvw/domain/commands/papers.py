"""Commands about the papers beside a visit: see `rvw.domain.papers`."""

from typing import Annotated

from msgspec import Meta

from rvw.domain.commands.bounds import Code, Reason
from rvw.domain.events.papers import Licence, PaperFile, Source, Turn
from rvw.domain.events.words import Tagged

MaterialId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Title = Annotated[str, Meta(max_length=120)]
Link = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class RemovePage(Tagged, frozen=True, tag="remove_page"):
    """Take a page out of the visit."""

    page: int


class NamePage(Tagged, frozen=True, tag="name_page"):
    """Say to which paper a page belongs, and what it is called."""

    page: int
    material: MaterialId
    title: Title


class ShowPage(Tagged, frozen=True, tag="show_page"):
    """Let all look at one of a page's pictures together, turned so far."""

    page: int
    picture: Annotated[int, Meta(ge=0)] = 0
    turn: Turn = 0


class HidePage(Tagged, frozen=True, tag="hide_page"):
    """Let nobody look at a page together any more."""


class AskPaper(Tagged, frozen=True, tag="ask_paper"):
    """Ask the resident to put a paper under the camera; without `material` a further one, called `title`."""

    material: Annotated[str, Meta(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=40)] = ""
    title: Annotated[str, Meta(max_length=80)] = ""
    note: Annotated[str, Meta(max_length=200)] = ""


class AcceptPaper(Tagged, frozen=True, tag="accept_paper"):
    """Accept a paper as it was at a version of the papers: one that has changed since is to be looked at again."""

    material: MaterialId
    seen: int


class ReturnPaper(Tagged, frozen=True, tag="return_paper"):
    """Send a paper back, with the reason."""

    material: MaterialId
    note: Reason


class DismissPhone(Tagged, frozen=True, tag="dismiss_phone"):
    """End a telephone's link."""

    link: Link


class AddPage(Tagged, frozen=True, tag="add_page"):
    """Add a page, whose file the server has verified, cleaned and kept."""

    material: MaterialId
    title: Title
    source: Source
    file: PaperFile


class ReplacePage(Tagged, frozen=True, tag="replace_page"):
    """Put another file in the place of a page's."""

    page: int
    source: Source
    file: PaperFile


class ReferTo(Tagged, frozen=True, tag="refer_to"):
    """Refer to an electronic licence, which the server has found in the library."""

    material: MaterialId
    licence: Licence


class InvitePhone(Tagged, frozen=True, tag="invite_phone"):
    """Let whoever has the one-time link send pictures from a telephone. The server makes the link; here is its hash."""

    link: Link


class ComeByPhone(Tagged, frozen=True, tag="come_by_phone"):
    """Use the link up."""

    link: Link


class GiveNotice(Tagged, frozen=True, tag="give_notice"):
    """Tell in writing what is missing; the server has made the document."""

    missing: Annotated[tuple[Code, ...], Meta(max_length=200)]
    file: PaperFile
