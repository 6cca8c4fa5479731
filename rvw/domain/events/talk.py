"""Events of a talk: who takes part, what is said and shown, what breaks and heals."""

from typing import Literal

from rvw.clock import Instant
from rvw.domain.events.words import Mode, Tagged
from rvw.domain.people import Role


class Entered(Tagged, frozen=True, tag="entered"):
    """One more peer takes part."""

    actor: str
    role: Role
    name: str
    seat: int
    mode: Mode


class Departed(Tagged, frozen=True, tag="departed"):
    """A host or guest takes part no longer."""

    actor: str
    reason: Literal["left", "lost"]


class Said(Tagged, frozen=True, tag="said"):
    """A line of chat."""

    actor: str
    name: str
    role: Role
    text: str


class ShareStarted(Tagged, frozen=True, tag="share_started"):
    """Somebody's screen is shown to all. It also ends with a hold, with the talk, and when that peer leaves."""

    actor: str
    name: str


class ShareStopped(Tagged, frozen=True, tag="share_stopped"):
    """The screen is not shown any more; the event's `by` says who has ended it."""

    actor: str
    """Whose screen it was."""


class MarksAllowed(Tagged, frozen=True, tag="marks_allowed"):
    """The officer lets the kiosk draw too, or not any more."""

    allowed: bool


class Held(Tagged, frozen=True, tag="held"):
    """Nobody sees or hears anybody, until resumed or until `deadline`."""

    deadline: Instant


class Resumed(Tagged, frozen=True, tag="resumed"):
    """The visit is live again after a hold."""

    deadline: Instant


class Interrupted(Tagged, frozen=True, tag="interrupted"):
    """A peer's connection is lost; the visit keeps the place until `deadline`."""

    actor: str
    deadline: Instant


class Restored(Tagged, frozen=True, tag="restored"):
    """The peer is back."""

    actor: str


class Invited(Tagged, frozen=True, tag="invited"):
    """The officer has asked somebody to come in, until `deadline`: a colleague, or `guest:<hash>`, whoever has the link."""

    actor: str
    name: str
    deadline: Instant


class Uninvited(Tagged, frozen=True, tag="uninvited"):
    """Who was asked to come in has declined, has not answered in time, or is not asked any more."""

    actor: str
    reason: Literal["declined", "missed", "revoked"]


class TakenOver(Tagged, frozen=True, tag="taken_over"):
    """An officer who was invited and has come in is now the officer of the visit; the one before has left it."""

    officer: str
    name: str
    desk: str
    deadline: Instant
