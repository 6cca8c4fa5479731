"""Events of a visit that waits: from the ticket to the answer, and back into the queue."""

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.events.words import (
    OfferReason,
    PassedReason,
    PriorityReason,
    RecordingRule,
    RequeueReason,
    Tagged,
    TurnDownReason,
)


class Passed(Struct, frozen=True, forbid_unknown_fields=True):
    """A desk of the chain that does not serve the visit at once."""

    desk: str
    why: PassedReason


class Opened(Tagged, frozen=True, tag="opened"):
    """A resident has taken a ticket."""

    authority: str
    kiosk: str
    kiosk_name: str
    hall: str
    matter: str
    region: str
    language: str
    desks: tuple[str, ...]
    """The desks that may answer, nearest first."""
    priority: int
    """The head start, in seconds: it is served as if it had waited so much longer."""
    ticket: str
    deadline: Instant
    waits_s: tuple[Seconds, ...] = ()
    """Of each desk: after how long with the one before it is asked too. The first is asked at once."""
    recording_rule: RecordingRule = "none"
    case: str = ""
    """The case number that it goes on with; empty for a new matter."""


class StepReached(Tagged, frozen=True, tag="step_reached"):
    """A further desk of the chain is asked for the waiting visit; those before it still are."""

    desk: str
    passed: tuple[Passed, ...]
    """The desk that was asked last, and those that were passed over, in their order, each with the reason."""
    until: Instant | None
    """When the next one is asked, if this one is busy; `None`: it is the last."""


class Offered(Tagged, frozen=True, tag="offered"):
    """The visit has been offered to one officer, until `deadline`."""

    officer: str
    desk: str
    deadline: Instant
    reason: OfferReason = "longest_idle"


class TurnedDown(Tagged, frozen=True, tag="turned_down"):
    """The officer offered to has declined, missed the deadline, or lost the connection. The visit waits again."""

    officer: str
    reason: TurnDownReason
    until: Instant
    """The officer is not offered this visit again before this instant."""


class Accepted(Tagged, frozen=True, tag="accepted"):
    """The officer has taken the visit: it is live."""

    officer: str
    name: str
    deadline: Instant


class Prioritised(Tagged, frozen=True, tag="prioritised"):
    """The visit has another head start in the queue."""

    reason: PriorityReason
    note: str
    """The words of whoever gave it; the resident may read them."""
    priority: int
    """The head start from now on, in seconds: added to what it has waited, so that whoever waits long enough is served."""


class MovedKiosk(Tagged, frozen=True, tag="moved_kiosk"):
    """The resident goes on at another kiosk, with the ticket: same place in the queue, same talk."""

    kiosk: str
    kiosk_name: str
    hall: str


class Requeued(Tagged, frozen=True, tag="requeued"):
    """The visit waits again, before others of its class, because the officer could not go on."""

    reason: RequeueReason
    note: str
    """The officer's reason in words, empty when the system did it."""
    until: Instant
    """The officer who had it is not offered it again before this instant."""
    priority: int
    """The head start from now on, in seconds."""
    deadline: Instant


class Transferred(Tagged, frozen=True, tag="transferred"):
    """The visit waits again, before others of its class, for another desk: same visit, same ticket, nothing told twice."""

    desks: tuple[str, ...]
    """The desks that may answer now, nearest first."""
    note: str
    """Why, in the officer's words: the resident and the next officer read it."""
    priority: int
    deadline: Instant
    waits_s: tuple[Seconds, ...] = ()
