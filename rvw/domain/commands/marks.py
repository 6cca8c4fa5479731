"""Commands of marks: see `rvw.domain.marks`."""

from rvw.domain.commands.bounds import Points, Surface, Words
from rvw.domain.events.words import Colour, Tagged, Tool


class Draw(Tagged, frozen=True, tag="draw"):
    """Leave a mark on a surface. `words` are those of a text, or the name of a stamp."""

    surface: Surface
    tool: Tool
    colour: Colour
    points: Points
    words: Words = ""


class Erase(Tagged, frozen=True, tag="erase"):
    """Hide a mark of one's own (undo)."""

    mark: int


class Redraw(Tagged, frozen=True, tag="redraw"):
    """Show a mark of one's own again (redo)."""

    mark: int


class Clear(Tagged, frozen=True, tag="clear"):
    """Hide all marks of a surface, whoever has drawn them."""

    surface: Surface
