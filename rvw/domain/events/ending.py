"""Events at the end of a visit: the talk is over, the outcome is written down, the record is handed over."""

from rvw.clock import Instant
from rvw.domain.events.words import CloseReason, EndReason, Outcome, Tagged


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


class HandedOver(Tagged, frozen=True, tag="handed_over"):
    """The case system has the record and has given a receipt."""

    receipt: str
