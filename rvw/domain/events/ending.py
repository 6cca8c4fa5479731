"""Events at the end of a visit: the talk is over, the outcome is written down, the record is handed over."""

from rvw.clock import Instant
from rvw.domain.events.words import CloseReason, EndReason, Outcome, RatingLevel, RatingWay, Tagged, Urgency
from rvw.domain.people import Role


class Ended(Tagged, frozen=True, tag="ended"):
    """The talk is over; the officer writes down the outcome until `deadline`."""

    reason: EndReason
    deadline: Instant


class Closed(Tagged, frozen=True, tag="closed"):
    """The visit is over."""

    reason: CloseReason
    outcome: Outcome
    note: str
    """The officer's note, or a supervisor's reason: never shown at the kiosk."""
    next_step: str = ""
    """What the resident is to do now, or what will happen: for the resident to read."""
    question: str = ""
    """What nobody at the window could answer: somebody finds out. Never shown at the kiosk."""


class UnresolvedNoted(Tagged, frozen=True, tag="unresolved_noted"):
    """Somebody has said that something could not be done here (办不成事): a task follows it up."""

    task: str
    urgency: Urgency
    by_role: Role
    what: str


class Rated(Tagged, frozen=True, tag="rated"):
    """The resident has rated the visit (好差评), once. In a stream of its own that no page sees: `rating:<visit>`."""

    level: RatingLevel
    tags: tuple[str, ...]
    text: str
    way: RatingWay
    authority: str
    desk: str
    officer: str
    matter: str
    region: str


class HandedOver(Tagged, frozen=True, tag="handed_over"):
    """The case system has the record and has given a receipt."""

    receipt: str
