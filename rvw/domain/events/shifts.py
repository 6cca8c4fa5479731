"""Events of a shift: whether an officer or kiosk is there and free."""

from rvw.domain.events.words import Presence, ReleaseReason, Tagged
from rvw.domain.people import Role, Skill


class PresenceSet(Tagged, frozen=True, tag="presence_set"):
    """An officer has changed the own availability. Carries the profile, so that the board needs no other source."""

    presence: Presence
    name: str
    role: Role
    authority: str
    desks: tuple[str, ...]
    languages: tuple[str, ...]
    skills: tuple[Skill, ...] = ()
    note: str = ""
    """Why, in the officer's words: of a break."""
    hall: str = ""
    """Where the officer sits today."""
    away: tuple[str, ...] = ()
    """Own desks that are not served today; `desks` are those that are."""


class Engaged(Tagged, frozen=True, tag="engaged"):
    """The officer or kiosk belongs to a visit now."""

    visit: str


class Released(Tagged, frozen=True, tag="released"):
    """The officer or kiosk is free of the visit."""

    visit: str
    pause: bool
    """Too many offers were missed: the officer is paused until saying otherwise."""
    missed: bool = False
    """The officer did not answer the offer."""
    why: ReleaseReason = ""
    """`stranded`: the visit is over, or has never had them; the sweeper has freed them."""
