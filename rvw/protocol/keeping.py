"""What goes over HTTP about records of the past: finding them, copies for residents, what must stay, what was deleted."""

from typing import Annotated

from msgspec import Meta, Struct, field

from rvw.clock import Instant
from rvw.domain.catalogue.retention import Kind
from rvw.domain.copying import IdentityShown
from rvw.domain.keeping import Hold, Step

Name = Annotated[str, Meta(max_length=64)]
Day = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
Why = Annotated[str, Meta(min_length=1, max_length=500)]


class RecordsQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """The question of `GET /api/records`: what is empty does not matter."""

    ticket: Name = ""
    officer: Name = ""
    matter: Name = ""
    visit: Name = ""
    first: Day = field(default="", name="from")
    """A day in the window's own time, of the closing."""
    last: Day = field(default="", name="to")
    before: Annotated[str, Meta(max_length=100)] = ""
    """`next` of the page before."""


class PastVisit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A visit that is over."""

    visit: str
    ticket: str
    authority: str
    matter: str
    region: str
    officer: str
    """Who answered last; empty if nobody has."""
    outcome: str
    closed_at: Instant
    held: bool
    """Nothing of it is deleted."""


class PastVisits(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/records`: an officer's own, or those of a supervisor's authorities, the last closed first."""

    visits: tuple[PastVisit, ...]
    next: str
    """What to ask for after these; empty when these are the last."""


class CopyWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/records/{visit}/copies`: the resident stands here, and asks for what is kept of the own visit."""

    identity: IdentityShown
    ticket: Annotated[str, Meta(max_length=128)] = ""
    """Code and digits, or the text of the QR code."""
    note: Annotated[str, Meta(max_length=200)] = ""
    """Why without a ticket: then a supervisor makes the copy."""


class HoldWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/keeping/holds`, by a supervisor."""

    visit: Annotated[str, Meta(min_length=1, max_length=64)]
    why: Why
    until: Day = ""
    """It ends at the end of that day; empty: it has to be lifted."""


class LiftWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/keeping/holds/{hold}/lift`, by a supervisor."""

    why: Why


class HeldNow(Struct, frozen=True, forbid_unknown_fields=True):
    """One hold, as it is now; the answer to both."""

    hold: Hold
    in_force: bool


class Gone(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deletion."""

    visit: str
    kind: Kind
    matter: str
    rule: str
    days: int
    basis: str
    closed_at: Instant
    begun_at: Instant
    done_at: Instant | None
    """Without it, it goes on; its certificate is there when it is done."""
    step: Step
    files: int
    key_destroyed: bool


class KeepingView(Struct, frozen=True, forbid_unknown_fields=True):
    """`GET /api/keeping`, for supervisors: the last holds and deletions of their authorities, the newest first."""

    holds: tuple[HeldNow, ...]
    deletions: tuple[Gone, ...]
