"""Events: what has happened. They are the record; states are folds of them and can be made again at any time.

An event names what somebody could not work out later: every deadline is in it as an instant, so that the fold needs no
settings, and an auditor with other settings gets the same state.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from rvw.clock import Instant, Seconds
from rvw.domain.people import Role, Skill

Outcome: TypeAlias = Literal["accepted", "guided", "returned", "transferred", "unresolved", "left"]
"""How the matter stands when a visit is closed: accepted (受理), guided (指导), returned with notice (退回补正),
transferred (转办), unresolved (办不成事), left (群众离开)."""

Presence: TypeAlias = Literal["ready", "serving_here", "on_break", "paused", "signed_out"]
"""What an officer has said of the own availability; `paused` is set by the system after a missed offer."""

TurnDownReason: TypeAlias = Literal["declined", "missed", "lost"]
RequeueReason: TypeAlias = Literal["officer_lost", "hold_limit", "officer"]
"""`officer`: the officer has put the resident back at the front of the queue, and says why."""

OfferReason: TypeAlias = Literal["longest_idle", "best_grade", "only_one"]
"""Why this officer of a desk: idle longest of the best; knows the matter better than who was idle longer; nobody else."""

ReleaseReason: TypeAlias = Literal["", "stranded"]

PassedReason: TypeAlias = Literal["busy", "nobody_there", "closed", "lunch", "holiday"]
"""Why a desk does not serve a visit at once."""

PriorityReason: TypeAlias = Literal["none", "elder", "disability", "pregnancy", "appointment", "returned", "other"]
"""Why somebody is served before others. `returned`: was face to face, and had to wait again."""

Mode: TypeAlias = Literal["join", "listen", "whisper"]
"""How somebody takes part: `join` among all; `listen` unheard; `whisper` heard by the officer alone. The visit shows it."""

Tool: TypeAlias = Literal["pen", "highlighter", "arrow", "box", "ellipse", "text", "stamp"]
"""What a mark is drawn with."""

Colour: TypeAlias = Literal["red", "blue", "green", "black"]
"""Each is legible on white paper, and by its outline on anything else."""

Audience: TypeAlias = Literal["kiosks", "officers", "both"]
"""Where a notice is shown."""

EndReason: TypeAlias = Literal["officer", "resident_left", "resident_lost", "limit", "supervisor"]
CloseReason: TypeAlias = Literal["done", "left", "lost", "unanswered", "unwrapped", "supervisor", "promised"]


class Tagged(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of events and commands: the field `type` names the struct."""


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


class Prioritised(Tagged, frozen=True, tag="prioritised"):
    """The visit has another head start in the queue."""

    reason: PriorityReason
    note: str
    """The words of whoever gave it; the resident may read them."""
    priority: int
    """The head start from now on, in seconds: added to what it has waited, so that whoever waits long enough is served."""


class Transferred(Tagged, frozen=True, tag="transferred"):
    """The visit waits again, before others of its class, for another desk: same visit, same ticket, nothing told twice."""

    desks: tuple[str, ...]
    """The desks that may answer now, nearest first."""
    note: str
    """Why, in the officer's words: the resident and the next officer read it."""
    priority: int
    deadline: Instant
    waits_s: tuple[Seconds, ...] = ()


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


class Drawn(Tagged, frozen=True, tag="drawn"):
    """A mark on a surface. Undoing hides it; it is never changed."""

    surface: str
    tool: Tool
    colour: Colour
    points: str
    words: str
    name: str
    """Who has drawn it, in words."""


class Erased(Tagged, frozen=True, tag="erased"):
    """A mark is hidden by its author."""

    mark: int
    """The version of its `drawn`."""


class Redrawn(Tagged, frozen=True, tag="redrawn"):
    """A mark that its author had hidden is shown again."""

    mark: int


class Cleared(Tagged, frozen=True, tag="cleared"):
    """All marks of a surface are hidden, for good."""

    surface: str


class Announced(Tagged, frozen=True, tag="announced"):
    """A supervisor tells something, shown until `until`. Its number is the version of this event."""

    audience: Audience
    zh: str
    en: str
    """Empty: the Chinese is shown to everybody."""
    desk: str
    """Empty: to all of the authority."""
    until: Instant
    name: str
    """Who says so, in words."""


class Withdrawn(Tagged, frozen=True, tag="withdrawn"):
    """A notice is not shown any more, before its time."""

    notice: int
    """The version of its `announced`."""
    name: str
    """Who has taken it back, in words."""


VisitEvent: TypeAlias = (
    Opened
    | StepReached
    | Offered
    | TurnedDown
    | Accepted
    | Entered
    | Departed
    | Said
    | ShareStarted
    | ShareStopped
    | MarksAllowed
    | Held
    | Resumed
    | Interrupted
    | Restored
    | Prioritised
    | MovedKiosk
    | Requeued
    | Transferred
    | Invited
    | Uninvited
    | TakenOver
    | Ended
    | Closed
    | HandedOver
)

MarkEvent: TypeAlias = Drawn | Erased | Redrawn | Cleared

NoticeEvent: TypeAlias = Announced | Withdrawn

ShiftEvent: TypeAlias = PresenceSet | Engaged | Released

Event: TypeAlias = VisitEvent | ShiftEvent | MarkEvent | NoticeEvent


class Recorded(Struct, frozen=True, forbid_unknown_fields=True):
    """An event with its place in a stream: who, when, and in answer to which command."""

    stream: str
    """`visit:<id>`, `shift:<actor id>`, `marks:<visit id>` or `notice:<authority>`."""
    version: int
    """1 for the first event of a stream, without gaps."""
    at: Instant
    by: str
    ref: str
    """What the sender called the command, so that a repeated one is recognised; empty for the system."""
    event: Event
