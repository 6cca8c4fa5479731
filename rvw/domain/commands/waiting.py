"""Commands around the queue: a ticket, presence, an offer answered."""

from typing import Annotated

from msgspec import Meta

from rvw.domain.commands.bounds import Code, Language
from rvw.domain.commands.consent import Answer
from rvw.domain.events.words import Presence, PriorityReason, Tagged


class Open(Tagged, frozen=True, tag="open"):
    """Take a ticket for `matter` in `region`."""

    matter: Code
    region: Code
    language: Language = "zh"
    answers: Annotated[tuple[Answer, ...], Meta(max_length=2)] = ()
    """What the resident said when asked for consent. Who was not asked has not consented."""
    case: Annotated[str, Meta(pattern=r"^[A-Za-z0-9./_-]{0,64}$")] = ""
    """The case number that the resident goes on with; empty for a new matter."""


class Leave(Tagged, frozen=True, tag="leave"):
    """Leave the queue or the talk. The resident's leaving ends the talk; the officer then records the outcome."""


class SetPresence(Tagged, frozen=True, tag="set_presence"):
    """Say whether one is available. Concerns the officer's shift, not a visit."""

    presence: Presence
    note: Annotated[str, Meta(max_length=100)] = ""
    """Why, of a break."""
    hall: Annotated[str, Meta(max_length=64)] | None = None
    """In which of the own halls one sits today; not said: as before."""
    away: Annotated[tuple[Code, ...], Meta(max_length=50)] | None = None
    """The own desks one does not serve today; not said: as before. One desk at least is served."""


class Accept(Tagged, frozen=True, tag="accept"):
    """Take the visit on offer."""


class Decline(Tagged, frozen=True, tag="decline"):
    """Turn the visit on offer down; it goes to the next officer."""


class Prioritise(Tagged, frozen=True, tag="prioritise"):
    """Give a waiting visit the head start of a class, with the reason; `none` takes it away.

    A resident says what the kiosk asks (elder, disability, pregnancy); a host knows appointments too; a supervisor may
    do all, and says why for `other`.
    """

    reason: PriorityReason
    note: Annotated[str, Meta(max_length=500)] = ""
