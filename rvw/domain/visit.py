"""A visit: its states, and what is known of it. How it changes is in `fold`; who may change it in `policy`.

The snapshot sent to pages is this very struct.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain import events as e
from rvw.domain.people import Role, by_link

MAX_PARTICIPANTS = 8
"""The most peers in a visit: resident, officer, host, and guests."""

MAX_UNRESOLVED = 5
"""How many things may be noted as not done in one visit."""

MAX_CHAT_LINES = 1000
"""How many lines of chat a visit takes."""


class State(StrEnum):
    """Where a visit is. `interrupted` is not here: it is a side state, see `Visit.interruptions`."""

    WAITING = "waiting"
    OFFERED = "offered"
    LIVE = "live"
    HELD = "held"
    WRAPPING = "wrapping"
    CLOSED = "closed"


class Participant(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who sees and hears the others while the visit is live."""

    actor: str
    role: Role
    name: str
    seat: int
    """0 for the resident, 1 for the first officer, 2 … 7 for the others: fixed while taking part."""
    mode: e.Mode = "join"


class ChatLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of chat, with when and by whom."""

    at: Instant
    actor: str
    name: str
    role: Role
    text: str


class Interruption(Struct, frozen=True, forbid_unknown_fields=True):
    """A peer whose connection is lost, and until when its place is kept."""

    actor: str
    deadline: Instant


class Refusal(Struct, frozen=True, forbid_unknown_fields=True):
    """An officer who is not offered this visit again before `until`."""

    officer: str
    until: Instant


class Consent(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody who takes part has last answered."""

    actor: str
    subject: e.ConsentSubject
    answer: e.ConsentAnswer
    basis: e.ConsentBasis
    text: str
    """The version of what was read."""
    at: Instant


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may come in until `deadline`."""

    actor: str
    name: str
    deadline: Instant


class Share(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose screen all see, since when, and what it is called as a surface to draw on."""

    actor: str
    name: str
    since: Instant
    surface: str


class Recording(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether what is said and shown comes to a disk, by the last word of who writes it."""

    state: Literal["running", "stalled", "stopped"]
    since: Instant
    trouble: e.RecordingTrouble | Literal[""] = ""
    """Of a stalled one."""


class Moved(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a visit that was answered once has waited again: the resident and the next officer read it."""

    why: e.RequeueReason | Literal["transferred"]
    note: str
    """The officer's words; empty when the system did it."""


class Reached(Struct, frozen=True, forbid_unknown_fields=True):
    """The last step along the chain: which desk is asked too, since when, and why those before it do not serve at once."""

    desk: str
    passed: tuple[e.Passed, ...]
    at: Instant


class Visit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One resident's presence at the window, from taking the ticket until hand-over."""

    id: str
    version: int
    state: State
    authority: str
    kiosk: str
    hall: str
    matter: str
    region: str
    language: str
    desks: tuple[str, ...]
    """The chain: who may answer, in the order in which they are asked."""
    ticket: str
    priority: int
    """The head start in seconds: it is served as if it had waited so much longer."""
    opened_at: Instant
    waiting_since: Instant
    waiting_deadline: Instant
    deadline: Instant | None
    """When the system acts if nobody else has: no visit but a closed one is without."""
    waits_s: tuple[Seconds, ...] = ()
    asked: int = 1
    """So many desks of the chain are asked."""
    next_at: Instant | None = None
    """When the next one is, if none of these can serve before."""
    step: Reached | None = None
    """The last step along the chain; none while only the first desk is asked."""
    offer_reason: e.OfferReason = "longest_idle"
    """Why the last offer was made to that officer."""
    priority_reason: e.PriorityReason = "none"
    priority_settled: bool = False
    """Somebody has looked and said that nothing puts this visit first: the resident's own word does not any more."""
    desk: str = ""
    officer: str = ""
    refusals: tuple[Refusal, ...] = ()
    participants: tuple[Participant, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    consents: tuple[Consent, ...] = ()
    """The answers of those who take part; who comes again is asked again."""
    moved: Moved | None = None
    """The last move to another officer or desk."""
    share: Share | None = None
    """The screen that is shown now; nobody but its owner need do anything to see it."""
    recording_rule: e.RecordingRule = "none"
    recording: Recording | None = None
    """None if there has been none."""
    kiosk_marks: bool = False
    """Whether the resident may draw too."""
    chat: tuple[ChatLine, ...] = ()
    answered_at: Instant | None = None
    """When an officer first accepted: the first human answer of 021."""
    live_at: Instant | None = None
    ended_at: Instant | None = None
    closed_at: Instant | None = None
    end_reason: str = ""
    close_reason: str = ""
    outcome: str = ""
    note: str = ""
    next_step: str = ""
    question: str = ""
    case: str = ""
    """The case number that it goes on with."""
    unresolved: tuple[str, ...] = ()
    """The tasks about what could not be done."""
    receipt: str = ""
    refs: tuple[str, ...] = ()


def due(visit: Visit) -> Instant | None:
    """Return when the visit's next deadline passes; `None` for a closed one, and only for it."""
    instants = [i.deadline for i in visit.interruptions] + [i.deadline for i in visit.invitations]
    if visit.deadline is not None:
        instants.append(visit.deadline)
    return min(instants, default=None)


def engaged(visit: Visit | None) -> frozenset[str]:
    """Return the actors who belong to this visit and can belong to no other: its kiosk, its officer, its guests."""
    if visit is None or visit.state is State.CLOSED:
        return frozenset()
    over = visit.state is State.WRAPPING
    kiosk = {visit.kiosk} if not over else set()
    officer = {visit.officer} if visit.officer else set()
    guests = {p.actor for p in visit.participants if p.role is Role.GUEST and not by_link(p.actor)} if not over else set()
    return frozenset(kiosk | officer | guests)


def takes_part(visit: Visit, actor: str) -> bool:
    """Tell whether `actor` is one of those who see and hear each other."""
    return any(p.actor == actor for p in visit.participants)
