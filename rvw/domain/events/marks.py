"""Events of the marks beside a visit: see `rvw.domain.marks`."""

from rvw.domain.events.words import Colour, Tagged, Tool


class Drawn(Tagged, frozen=True, tag="drawn"):
    """A mark on a surface. Undoing hides it; it is never changed."""

    surface: str
    tool: Tool
    colour: Colour
    points: str
    words: str
    name: str
    """Who has drawn it, in words."""


class Erased(Tagged, frozen=True, tag="erased"):
    """A mark is hidden by its author."""

    mark: int
    """The version of its `drawn`."""


class Redrawn(Tagged, frozen=True, tag="redrawn"):
    """A mark that its author had hidden is shown again."""

    mark: int


class Cleared(Tagged, frozen=True, tag="cleared"):
    """All marks of a surface are hidden, for good."""

    surface: str
