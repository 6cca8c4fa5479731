"""Commands about a visit that is over, or nearly: the system gives them for whoever has shown the right to."""

from typing import Annotated

from msgspec import Meta

from rvw.domain.commands.bounds import Code
from rvw.domain.events.words import RatingLevel, RatingWay, Tagged, Urgency
from rvw.domain.people import Role

Tag = Annotated[str, Meta(pattern="^[a-z_]{1,32}$")]


class NoteUnresolved(Tagged, frozen=True, tag="note_unresolved"):
    """Write in the visit that something could not be done, and which task follows it up."""

    task: Code
    urgency: Urgency
    by_role: Role
    what: Annotated[str, Meta(max_length=500)]


class Rate(Tagged, frozen=True, tag="rate"):
    """Rate a visit whose talk is over: the resident at the kiosk, or whoever has the ticket."""

    level: RatingLevel
    tags: Annotated[tuple[Tag, ...], Meta(max_length=8)] = ()
    text: Annotated[str, Meta(max_length=500)] = ""
    way: RatingWay = "kiosk"
