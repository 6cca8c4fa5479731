"""Commands of the system alone: `policy` refuses them from anybody else, and pages cannot write them."""

from rvw.domain.commands.bounds import Code
from rvw.domain.events.waiting import Passed
from rvw.domain.events.words import OfferReason, RecordingTrouble, Tagged


class Offer(Tagged, frozen=True, tag="offer"):
    """Offer the waiting visit to an officer."""

    officer: Code
    desk: Code
    reason: OfferReason = "longest_idle"


class Ask(Tagged, frozen=True, tag="ask"):
    """Ask a further desk of the chain for the waiting visit."""

    desk: Code
    passed: tuple[Passed, ...]


class Expire(Tagged, frozen=True, tag="expire"):
    """Do what every deadline that has passed demands."""


class Lose(Tagged, frozen=True, tag="lose"):
    """The connection of `actor` is lost."""

    actor: Code


class Restore(Tagged, frozen=True, tag="restore"):
    """The connection of `actor` is back."""

    actor: Code


class MoveKiosk(Tagged, frozen=True, tag="move_kiosk"):
    """Let the resident, whose ticket has been verified, go on at another kiosk."""

    kiosk: Code
    name: str
    hall: str


class ReportRecording(Tagged, frozen=True, tag="report_recording"):
    """Bytes of the recording come to the disk, or none have come for some seconds."""

    runs: bool
    trouble: RecordingTrouble = "unreachable"
    """Why none come."""


class Defer(Tagged, frozen=True, tag="defer"):
    """The desk has promised to see to it later (call-back, message, appointment): the resident waits no longer."""


class Acknowledge(Tagged, frozen=True, tag="acknowledge"):
    """The case system has given a receipt."""

    receipt: Code
