"""Terms: how long each state of a visit may last, and what counts as a head start. Settings, as decisions see them."""

from collections.abc import Mapping

from msgspec import Struct, field

from rvw.clock import Seconds
from rvw.domain import events as e

NO_HEAD_START = 0

HEAD_STARTS: Mapping[e.PriorityReason, int] = {
    "none": NO_HEAD_START,
    "elder": 600,
    "disability": 600,
    "pregnancy": 600,
    "appointment": 1200,
    "returned": 3600,
    "other": 600,
}
"""Seconds added to what a visit has waited: within a class nobody overtakes, and nobody is overtaken for ever."""


class Terms(Struct, frozen=True, kw_only=True):
    """How long each state may last before the system acts by itself, in seconds."""

    offer_s: Seconds = 20.0
    waiting_s: Seconds = 7200.0
    interruption_s: Seconds = 60.0
    absence_s: Seconds = 600.0
    """For a resident who waits: long enough to walk to another kiosk with the ticket."""
    hold_s: Seconds = 600.0
    wrapping_s: Seconds = 600.0
    invitation_s: Seconds = 60.0
    guest_link_s: Seconds = 900.0
    live_s: Seconds = 14_400.0
    missed_offers: int = 1
    """An officer who misses so many offers in a row is paused."""
    head_starts: Mapping[e.PriorityReason, int] = field(default_factory=lambda: HEAD_STARTS)
