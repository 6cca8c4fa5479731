"""Commands: what somebody wants. Each is refused with a code, or done; a repeated one is done once.

Those from `Offer` on belong to the system alone: `policy` refuses them from anybody else, and the browsers' protocol
does not contain them.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta

from rvw.domain.events import Outcome, Presence, Tagged

Code = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(min_length=1, max_length=1000)]
Note = Annotated[str, Meta(max_length=4000)]
Language = Annotated[str, Meta(pattern="^(zh|en)$")]


class Open(Tagged, frozen=True, tag="open"):
    """Take a ticket for `matter` in `region`."""

    matter: Code
    region: Code
    language: Language = "zh"


class Leave(Tagged, frozen=True, tag="leave"):
    """Leave the queue or the talk. The resident's leaving ends the talk; the officer then records the outcome."""


class SetPresence(Tagged, frozen=True, tag="set_presence"):
    """Say whether one is available. Concerns the officer's shift, not a visit."""

    presence: Presence


class Accept(Tagged, frozen=True, tag="accept"):
    """Take the visit on offer."""


class Decline(Tagged, frozen=True, tag="decline"):
    """Turn the visit on offer down; it goes to the next officer."""


class Enter(Tagged, frozen=True, tag="enter"):
    """Take part in a live visit of the own hall."""


class Say(Tagged, frozen=True, tag="say"):
    """Write a line of chat."""

    text: Line


class Hold(Tagged, frozen=True, tag="hold"):
    """Let nobody see or hear anybody for a while."""


class Resume(Tagged, frozen=True, tag="resume"):
    """Go on after a hold."""


class End(Tagged, frozen=True, tag="end"):
    """End the talk; the outcome is recorded afterwards."""


class Close(Tagged, frozen=True, tag="close"):
    """Record the outcome and close the visit, ending the talk if it still goes on."""

    outcome: Outcome
    note: Note = ""


class Offer(Tagged, frozen=True, tag="offer"):
    """Offer the waiting visit to an officer."""

    officer: Code
    desk: Code


class Expire(Tagged, frozen=True, tag="expire"):
    """Do what every deadline that has passed demands."""


class Lose(Tagged, frozen=True, tag="lose"):
    """The connection of `actor` is lost."""

    actor: Code


class Restore(Tagged, frozen=True, tag="restore"):
    """The connection of `actor` is back."""

    actor: Code


class Acknowledge(Tagged, frozen=True, tag="acknowledge"):
    """The case system has given a receipt."""

    receipt: Code


ClientCommand: TypeAlias = Open | Leave | SetPresence | Accept | Decline | Enter | Say | Hold | Resume | End | Close
"""What a page may send."""

SystemCommand: TypeAlias = Offer | Expire | Lose | Restore | Acknowledge

Command: TypeAlias = ClientCommand | SystemCommand
