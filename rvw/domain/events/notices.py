"""Events of the notices of an authority: see `rvw.domain.notice`."""

from rvw.clock import Instant
from rvw.domain.events.words import Audience, Tagged


class Announced(Tagged, frozen=True, tag="announced"):
    """A supervisor tells something, shown until `until`. Its number is the version of this event."""

    audience: Audience
    zh: str
    en: str
    """Empty: the Chinese is shown to everybody."""
    desk: str
    """Empty: to all of the authority."""
    until: Instant
    name: str
    """Who says so, in words."""


class Withdrawn(Tagged, frozen=True, tag="withdrawn"):
    """A notice is not shown any more, before its time."""

    notice: int
    """The version of its `announced`."""
    name: str
    """Who has taken it back, in words."""
