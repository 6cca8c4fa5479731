"""Commands of notices: see `rvw.domain.notice`."""

from typing import Annotated

from msgspec import Meta

from rvw.clock import Instant
from rvw.domain.commands.bounds import NoticeEn, NoticeZh
from rvw.domain.events.words import Audience, Tagged


class Announce(Tagged, frozen=True, tag="announce"):
    """Tell kiosks, officers or both something until an instant. Concerns an authority or one desk, not a visit."""

    audience: Audience
    zh: NoticeZh
    until: Instant
    en: NoticeEn = ""
    """Empty: the Chinese is shown to everybody."""
    desk: Annotated[str, Meta(max_length=64)] = ""
    """To those who wait for this desk, and its officers. Empty: to all of the authority."""
    authority: Annotated[str, Meta(max_length=64)] = ""
    """Whose kiosks and officers, without a desk. Empty: the own."""


class Withdraw(Tagged, frozen=True, tag="withdraw"):
    """Take a notice back before its time."""

    notice: int
    authority: Annotated[str, Meta(max_length=64)] = ""
    """Whose notice. Empty: the own authority's."""
